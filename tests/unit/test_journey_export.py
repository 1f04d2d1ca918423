"""The exported page holds what it needs, says what it cannot hold, and is about as large as was said."""

import base64
import gzip
import json
import re

import numpy as np
import pytest
from helpers import DEPTH, photo

from vit_viz import Interventions, export_journey, load_model, trace
from vit_viz.components import single_page
from vit_viz.components.journey_export import export_bytes, journey_page, journey_payload, layers_that_fit
from vit_viz.components.journey_payloads import Setting, all_parts
from vit_viz.components.payload import unpack
from vit_viz.components.single_page import inlined
from vit_viz.locale import strings
from vit_viz.model_table import UNTRAINED


@pytest.fixture(scope="module")
def page(bundled, bundled_trace, tmp_path_factory) -> str:
    file = tmp_path_factory.mktemp("export") / "journey.html"
    return export_journey(bundled, bundled_trace, file, title="A <b>dog", label=235).read_text("utf-8")


def element(page: str, name: str) -> str:
    return re.search(rf'<script type="[\w/-]+" id="{name}">([^<]*)</script>', page)[1]


def blobs(page: str) -> tuple[dict[str, np.ndarray], dict]:
    return unpack(gzip.decompress(base64.b64decode(element(page, "payload"))))


def test_every_layer_and_head_is_inside(page, bundled_trace):
    parts, meta = blobs(page)
    assert set(parts) == {part.name for part in all_parts(bundled_trace)}
    assert meta == {"layers": list(range(bundled_trace.depth))}


def test_what_is_inside_is_the_trace(page, bundled_trace):
    parts, _ = blobs(page)
    base, facts = unpack(parts["base"].tobytes())
    np.testing.assert_array_equal(base["image"], bundled_trace.image)
    assert facts["label"]["index"] == 235
    assert facts["photo_alt"] == "A <b>dog."
    assert facts["loss"] == pytest.approx(-np.log(bundled_trace.probs[235]), rel=1e-6)
    head, _ = unpack(parts["layer/4/head/2"].tobytes())
    for name in "qkv":  # the printed numbers are computed of them
        np.testing.assert_array_equal(head[name], getattr(bundled_trace, name)[4, 2])


def test_words_and_place_are_inside_and_nothing_is_fetched(page):
    facts = json.loads(element(page, "facts"))
    assert facts["strings"] == strings("en")["journey"]
    assert facts["selection"] == {"token": None, "layer": 0, "head": 0}
    assert "urls" not in facts
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", page)
    assert "<title>A &lt;b&gt;dog · The journey</title>" in page


def test_its_size_is_about_what_was_said(page, bundled, bundled_trace):
    assert len(page.encode()) == pytest.approx(export_bytes(bundled, bundled_trace), rel=0.15)


def test_one_layer_only(bundled, bundled_trace):
    setting = Setting(photo_title="x", photo_alt="x")
    payload = journey_payload(bundled, bundled_trace, setting, [3])
    page = journey_page(payload, setting, layer=3, head=1, lang="ko", step=9.4)
    parts, meta = blobs(page)
    assert meta["layers"] == [3]
    assert {name.split("/")[1] for name in parts if name != "base"} == {"3"}
    facts = json.loads(element(page, "facts"))
    assert (facts["selection"]["layer"], facts["step"], facts["lang"]) == (3, 9.4, "ko")
    assert '<html lang="ko">' in page


def test_too_many_layers_leave_the_one_that_is_shown(bundled, bundled_trace, monkeypatch):
    assert layers_that_fit(bundled, bundled_trace, 2) is None
    monkeypatch.setattr("vit_viz.components.journey_export.MAX_WHOLE_BYTES", 1_000_000)
    assert layers_that_fit(bundled, bundled_trace, 2) == [2]


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"layers": [DEPTH]}, IndexError, f"layers 0 to {DEPTH - 1}"),
        ({"layers": [0.5]}, IndexError, f"layers 0 to {DEPTH - 1}"),
        ({"layers": []}, IndexError, f"layers 0 to {DEPTH - 1}"),
        ({"label": 1000}, IndexError, "There is no class 1000; this model has 1000"),
        ({"label": "cat"}, IndexError, "There is no class cat; this model has 1000"),
        ({"lang": "fr"}, ValueError, "there are en, ko"),
    ],
)
def test_what_is_not_there_is_said(bundled, bundled_trace, tmp_path, options, error, words):
    with pytest.raises(error, match=words):
        export_journey(bundled, bundled_trace, tmp_path / "journey.html", **options)
    assert not list(tmp_path.iterdir())


# Modules in one script


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(single_page, "BROWSER", tmp_path)

    def write(**files: str) -> None:
        for name, source in files.items():
            file = tmp_path / f"{name.replace('__', '/')}.js"
            file.parent.mkdir(exist_ok=True)
            file.write_text(source, encoding="utf-8")

    return write


def test_modules_of_a_folder_find_those_above(folder):
    folder(
        inner__entry='import { a as b } from "../shared.js";\nimport c from "./near.js";\nexport const d = b;\n',
        inner__near="export default function near() {}\n",
        shared="export const a = 1;\nexport async function later() {}\n",
    )
    script = inlined("inner/entry.js")
    order = re.findall(r'^modules\["(.+)"\]', script, re.MULTILINE)
    assert order == ["shared.js", "inner/near.js", "inner/entry.js"]
    assert 'const { a: b } = modules["shared.js"];' in script
    assert 'const { default: c } = modules["inner/near.js"];' in script
    assert "return { a, later };" in script


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('import { a } from "./entry.js";\nexport const a = 1;\n', "circle"),
        ("const a = 1;\nexport { a };\n", "export { a };"),
        ('import * as all from "./other.js";\n', "import \\* as all"),
    ],
)
def test_what_cannot_be_put_into_one_script_is_said(folder, source, words):
    folder(entry=source, other="export const b = 2;\n")
    with pytest.raises(ValueError, match=words):
        inlined("entry.js")


def test_a_trace_that_is_not_the_models_is_refused(bundled, bundled_trace, tmp_path):
    """The file would show one model's steps with another's weights, or heads left out unsaid."""
    without = trace(bundled, photo(), interventions=Interventions(drop_heads=frozenset({(0, 0)})))
    other = load_model(UNTRAINED, device="cpu")
    for model, found in ((other, bundled_trace), (bundled, without)):
        with pytest.raises(
            ValueError, match=f"This trace is not what {model.info.title} computes of its photo"
        ):
            export_journey(model, found, tmp_path / "journey.html")
    assert not list(tmp_path.iterdir())
