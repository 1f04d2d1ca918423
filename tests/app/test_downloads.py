"""Every button that gives a file gives one: Streamlit calls what stands behind it only when it is pressed."""

import csv
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import streamlit as st

from tests.app.test_pages import NAMES, healthy, open_app
from tests.app.test_rollout import FEW, few_steps
from vit_viz.ui.results import changes, rollouts
from vit_viz.ui.results.rollouts import PAPER, Question, curve_names, maps_of
from vit_viz.ui.words.rollout import TITLES


@pytest.fixture
def offered(monkeypatch) -> dict[str, Callable[[], str | bytes]]:
    """What is behind each button that has been drawn, by file name."""
    made: dict[str, Callable[[], str | bytes]] = {}
    drawn = st.download_button

    def button(label, data, file_name=None, *args, **options):
        made[file_name] = data
        return drawn(label, data, file_name, *args, **options)

    monkeypatch.setattr(st, "download_button", button)
    return made


def lines(text: str | bytes) -> list[str]:
    return text.splitlines() if isinstance(text, str) else []


@pytest.mark.parametrize("page", NAMES)
def test_every_file_of_a_page_can_be_made(page: str, offered):
    healthy(open_app(page))
    for name, make in offered.items():
        if name.startswith("vit-viz-journey") and page != "journey":
            continue  # the same on every page: it is made once
        content = make()
        assert content, name
        if name.endswith(".csv"):
            table = list(csv.reader(lines(content)))
            assert len(table) > 1, name
            assert len({len(row) for row in table}) == 1, name


def test_a_file_is_named_after_photo_and_model(offered):
    healthy(open_app("patches", photo="red_panda", model="untrained"))
    assert {"patch_red-panda_vit-viz-16-untrained.csv", "cost_vit-viz-16-untrained.csv"} <= offered.keys()


@pytest.fixture
def no_ablations_left() -> Iterator[None]:
    yield
    changes._ablated_layers.cache_clear()


@pytest.mark.usefixtures("no_ablations_left")
def test_the_ablation_table_has_a_line_for_every_head(offered):
    app = healthy(open_app("prediction"))
    view = app.session_state["view"]
    L, H = view.trace.depth, view.trace.num_heads
    for layer in range(L):
        changes._ablated_layers().put(f"{view.trace_id}/{layer}", np.full((H, 5), layer / 64))
    healthy(app.run())
    table = lines(offered["head_ablation_cat_vit-viz-16.csv"]())
    assert len(table) == 1 + L * H
    assert table[-1].startswith(f"{L},{H},{(L - 1) / 64},")


def test_the_model_beside_is_a_file_of_its_own(offered):
    app = healthy(open_app("distance"))
    this, beside = (
        "attention_distance_photo_cat_vit-viz-16.csv",
        "attention_distance_photo_beside_cat_vit-viz-16.csv",
    )
    assert this in offered
    assert beside not in offered
    healthy(app.selectbox(key="distance_beside").set_value("untrained").run())
    own, other = (lines(offered[name]()) for name in (this, beside))
    assert len(own) == len(other)
    assert own != other


def test_the_rollout_page_gives_the_maps_that_it_shows_and_the_curves_it_has(offered, monkeypatch):
    monkeypatch.setattr(rollouts, "curve", few_steps)
    app = healthy(open_app("rollout"))
    titles, *rows = csv.reader(lines(offered["rollout_maps_cat_vit-viz-16.csv"]()))
    view = app.session_state["view"]
    question = Question(
        view=view, target=int(view.trace.probs.argmax()), settings=PAPER, removal="mean colour"
    )
    maps = maps_of(view, question.target)
    shown = np.array([row[1:] for row in rows], np.float32)
    np.testing.assert_array_equal(shown, np.stack(list(maps.values()), axis=1))
    assert titles == ["patch", *(TITLES[name] for name in maps)]

    assert "rollout_curves_cat_vit-viz-16.csv" not in offered
    healthy(app.button(key="rollout_run").click().run(timeout=300))
    assert len(lines(offered["rollout_curves_cat_vit-viz-16.csv"]())) == 1 + len(curve_names(question)) * (
        FEW + 1
    )


def test_the_tables_of_the_training_page_are_made(offered):
    healthy(open_app("training"))
    assert lines(offered["variants.csv"]())[0].startswith("Model,Layers,Width")
    assert lines(offered["resolutions_vit-viz-16.csv"]())[0].startswith('"Side, px",Grid')
