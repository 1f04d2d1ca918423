"""A smaller model arrives while the pointer rests on what only the larger one has; or its numbers do not arrive.

Components stand alone on an empty page, without Streamlit; what they fetch comes from the app's own routes.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.testclient import TestClient

import vit_viz.components
from tests.helpers import photo, redrawn_model
from vit_viz import Model, Trace, trace
from vit_viz.analysis.distance import AttentionDistance, head_distances
from vit_viz.analysis.positions import cosine_similarity
from vit_viz.analysis.stream import contributions
from vit_viz.components.attention_payloads import facts
from vit_viz.components.attention_routes import attention_routes
from vit_viz.components.distance_payloads import DotSet, explorer_data
from vit_viz.components.embedding_routes import embedding_routes
from vit_viz.components.position_routes import Similarity, position_routes, similarity_address
from vit_viz.components.qkv_routes import qkv_routes
from vit_viz.components.rollout_routes import rollout_routes
from vit_viz.components.routes import BASE
from vit_viz.components.stream_payload import stream_payload
from vit_viz.experiments.embedding import patch_projection
from vit_viz.experiments.projections import projections

pytestmark = pytest.mark.browser

BROWSER = Path(vit_viz.components.__file__).parent / "browser"
SIZES = {
    "large": {"img_size": 64, "patch_size": 16, "depth": 4, "num_heads": 6},
    "small": {"img_size": 16, "patch_size": 8, "depth": 2, "num_heads": 3},
}
CHOSEN = {"token": 1, "layer": 0, "head": 0}
MOUNT = """async ([js, css]) => {
  const {default: entry} = await import(`/browser/${js}`);
  document.head.innerHTML = `<link rel="stylesheet" href="/browser/${css}">`;
  await new Promise((resolve) => document.querySelector("link").addEventListener("load", resolve));
  globalThis.told = [];
  const setStateValue = (name, {value}) => told.push(value);
  globalThis.show = (data) => void entry({data, parentElement: document.body, setStateValue});
}"""
POINT_AT_THE_CORNER = """(element) => {
  const {right, bottom} = element.getBoundingClientRect();
  const at = {clientX: right - 0.1, clientY: bottom - 0.1, bubbles: true};
  element.dispatchEvent(new PointerEvent("pointermove", at));
}"""


def data_of(script: str, name: str, model: Model, trace: Trace) -> dict[str, Any]:
    """What Python sends a component of one of the two models."""
    shared = {"trace_id": name, "routes": BASE, "alt": "A photo.", "selection": CHOSEN, **facts(trace)}
    source = {"source": f"{BASE}/photo/{name}", "patch": 0}
    match script:
        case "patches/patch_explorer":
            numbers = {"rows": trace.grid[0], "cols": trace.grid[1], "mean": [0.5] * 3, "std": [0.5] * 3}
            own = {"source": f"{BASE}/pixels/{name}", "patch": 0, "from_pixels": True, "sentence": "a photo"}
            return shared | numbers | own
        case "distance/distance_view":
            dots = DotSet(name="photo", title="this photo", note="", figures=distances(trace))
            return shared | explorer_data(trace, [dots]) | {"title": name, "show": "photo"}
        case "encoder/stream_view":
            found = contributions(trace.resid, trace.attn_out, trace.mlp_out)
            rings = {"sinks": [[]] * (trace.depth + 1), "sinks_note": "", "photo": source["source"]}
            return shared | rings | {"payload": stream_payload(found)}
        case "qkv/qkv_view":
            return shared | {"embed_dim": model.info.embed_dim, "norm": "LayerNorm", "notes": {}}
        case "rollout/rollout_view":
            settings = {"fusion": "mean", "residual": 50, "discard": 0, "start": 0}
            return shared | {"settings": settings, "read": [0, 0], "read_title": "CLS"}
        case "prediction/nearest_patches":
            similarity = np.linspace(1, 0, model.info.num_patches).tolist()
            return shared | source | {"similarity": similarity, "nearest": [1, 2]}
        case "embedding/embedding_view":
            filters = {"embed_dim": model.info.embed_dim, "kernel": [3, *trace.patch_size]}
            chosen = {"selection": {"token": 1, "dimension": 0}}
            return shared | filters | chosen | {"from_pixels": True}
        case "position/position_tiles":
            panel = {"source": similarity_address(name, "learnt"), "title": name, "note": ""}
            return shared | {"panels": [panel], "patch": 0, "reports": True, "scales": False}
    raise ValueError(f"{script} is no script of this test.")


def distances(trace: Trace) -> AttentionDistance:
    names = ("grid", "patch_size", "num_prefix_tokens")
    place = {name: getattr(trace, name) for name in names}
    return AttentionDistance(
        photos=1, mean=np.stack(head_distances(trace.attn, **place)), squares=None, **place
    )


def cosines(trace: Trace) -> Similarity:
    return Similarity(cosine_similarity(trace.pos[trace.num_prefix_tokens :]), trace.grid)


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    return {name: redrawn_model("vit_tiny_patch16_224", **sizes) for name, sizes in SIZES.items()}


@pytest.fixture(scope="module")
def traces(models) -> dict[str, Trace]:
    return {name: trace(model, photo()) for name, model in models.items()}


@pytest.fixture(scope="module")
def routes(models, traces) -> TestClient:
    find = traces.get
    projected = {name: patch_projection(models[name], traces[name]) for name in SIZES}
    return TestClient(
        Starlette(
            routes=[
                *attention_routes(find),
                *embedding_routes(projected.get),
                *qkv_routes(find, lambda name, layer: projections(models[name], traces[name], layer)),
                *rollout_routes(find),
                *position_routes(find, lambda name, kind: cosines(traces[name])),
            ]
        )
    )


@pytest.fixture
def page(chromium, routes) -> Iterator:
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    def serve(route) -> None:
        address = urlsplit(route.request.url)
        if address.path == "/":
            route.fulfill(content_type="text/html", body="<!doctype html>")
        elif address.path.startswith("/browser/"):
            route.fulfill(path=BROWSER / address.path.removeprefix("/browser/"))
        else:
            answer = routes.get(f"{address.path}?{address.query}")
            route.fulfill(status=answer.status_code, body=answer.content)

    page.route("**/*", serve)
    page.goto("http://components.test/")
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def mounted(page, models, traces) -> Callable[[str], Callable[[str], None]]:
    """`mounted(script)` → `show(name)`, which sends the component what it draws of the large or the small model."""

    def mount(script: str) -> Callable[[str], None]:
        folder = script.partition("/")[0]
        own = (BROWSER / f"{script}.css").exists()
        page.evaluate(MOUNT, [f"{script}.js", f"{script if own else f'{folder}/{folder}'}.css"])
        return lambda name: page.evaluate(
            "data => show(data)", data_of(script, name, models[name], traces[name])
        )

    return mount


@pytest.mark.parametrize(
    ("script", "pointed", "readout", "of_large", "of_small"),
    [
        ("patches/patch_explorer", ".strip", ".values", "Number 768 of 768", "Number 1 of 192"),
        ("distance/distance_view", "circle.dot >> nth=-1", ".readout", "Layer 4, head 6", "Layer 1, head 1"),
        ("encoder/stream_view", ".chart-box >> nth=0", ".readout", "Layer 4:", "Layer 1:"),
        ("qkv/qkv_view", ".photo-stage", ".detail", "patch (4, 4)", "Weight on "),
        ("rollout/rollout_view", ".stage >> nth=0", ".detail >> nth=0", "Patch (4, 4)", "Strongest: "),
        ("prediction/nearest_patches", ".stage", ".caption", "patch (4, 4)", "Picked: patch (1, 1)"),
    ],
)
def test_what_was_pointed_at_is_let_go(page, mounted, script, pointed, readout, of_large, of_small):
    show = mounted(script)
    show("large")
    expect(page.locator(readout)).to_be_visible()
    page.locator(pointed).evaluate(POINT_AT_THE_CORNER)
    expect(page.locator(readout)).to_contain_text(of_large)
    show("small")
    expect(page.locator(readout)).to_contain_text(of_small)


def test_nothing_can_be_picked_among_numbers_that_are_not_there(page, mounted):
    page.route("**/embedding/large*", lambda route: None)  # never answered
    mounted("embedding/embedding_view")("large")
    expect(page.locator(".alike button:visible")).to_have_count(0)
    page.locator(".matrix .heat").click(force=True)
    page.wait_for_timeout(400)  # longer than the component waits before it tells
    assert page.evaluate("told") == []


def test_the_most_alike_patches_of_another_model_cannot_be_picked(page, mounted):
    page.route("**/embedding/small*", lambda route: None)
    show = mounted("embedding/embedding_view")
    show("large")
    alike = page.locator(".alike button:visible")
    expect(alike).to_have_count(10)
    show("small")
    alike.last.click(force=True)
    page.wait_for_timeout(400)
    assert page.evaluate("told") == []


def test_numbers_of_an_earlier_model_may_fail_late(page, mounted):
    held = []
    page.route("**/positions/large/*", lambda route: held.append(route))
    show = mounted("position/position_tiles")
    with page.expect_request("**/positions/large/*"):
        show("large")
    show("small")
    expect(page.locator(".readout")).to_contain_text("most like")
    with page.expect_event("requestfailed"):
        held[0].abort()
    expect(page.locator(".readout")).to_contain_text("most like")
    expect(page.locator(".problem")).to_be_hidden()


@pytest.mark.parametrize(
    ("script", "focused"),
    [
        ("patches/patch_explorer", "canvas.photo"),
        ("position/position_tiles", ".all"),
        ("distance/distance_view", ".dots"),
        ("prediction/nearest_patches", ".stage"),
    ],
)
def test_keys_of_the_browser_stay_the_browsers(page, mounted, script, focused):
    mounted(script)("large")
    page.locator(focused).first.wait_for()
    press = """(element, altKey) => {
      const event = new KeyboardEvent("keydown", {key: "ArrowRight", altKey, bubbles: true, cancelable: true});
      return element.dispatchEvent(event);
    }"""
    assert page.locator(focused).first.evaluate(press, True), "Alt with an arrow key goes back and forth"
    assert not page.locator(focused).first.evaluate(press, False)
