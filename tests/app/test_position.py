"""The page CLS and position with models of every kind of positions, and what its buttons do."""

import numpy as np
import pytest
import torch
from helpers import redrawn_model

from tests.app.helpers import components, text
from tests.app.test_pages import healthy, open_app
from vit_viz.analysis.positions import sines_2d
from vit_viz.errors import DeviceError
from vit_viz.ui.navigation import page_file
from vit_viz.ui.results import arrangements

# of names that the table of models does not have: they stay in the store of loaded models
KINDS = {
    "rotary, one register, no CLS": ("vit_base_patch16_rope_reg1_gap_256", 64),
    "absolute and rotary": ("vit_small_patch16_rope_mixed_ape_224", 64),
    "CLS without a position": ("deit3_medium_patch16_224", 64),
    "no prefix tokens": ("vit_medium_patch16_gap_240", 64),
    "a norm before the blocks": ("vit_base_patch32_clip_quickgelu_224", 64),
    "none": ("vit_tiny_patch16_224", 64),
}
FORMULAS = {
    "rotary, one register, no CLS": "z₀ = [ reg; xₚ E + b ]; in each layer",
    "absolute and rotary": "z₀ = [ cls; xₚ E + b + Eₚₒₛ ]; in each layer",
    "CLS without a position": "z₀ = [ cls; xₚ E + b + Eₚₒₛ ]",
    "no prefix tokens": "z₀ = [ xₚ E + b ] + Eₚₒₛ",
    "a norm before the blocks": "z₀ = norm( [ cls; xₚ E ] + Eₚₒₛ )",
    "none": "z₀ = [ cls; xₚ E + b ]",
}
EXPANDERS = ("position_cls", "position_sines", "position_sizes", "position_shift")


@pytest.fixture
def small_model(monkeypatch):
    def opened(kind: str, **url: str):
        name, size = KINDS[kind]
        options = {"pos_embed": "none"} if kind == "none" else {}
        model = redrawn_model(name, depth=2, img_size=size, **options)
        monkeypatch.setattr("vit_viz.ui.view.load_model", lambda *args, **kwargs: model)
        return healthy(open_app("position", model=name, **url))

    return opened


def panels(app) -> list[list[str]]:
    """Kinds of positions, by component."""
    return [
        [panel["source"].split("/")[-1].split("?")[0] for panel in data["panels"]]
        for data in components(app)
        if "panels" in data
    ]


def sums(app) -> list[dict]:
    return [data for data in components(app) if "rows" in data and "summary" in data]


def opened(app, *expanders: str):
    for key in expanders:
        app.session_state[key] = True
    return healthy(app.run())


def test_bundled_model_shows_learnt_tiles_and_an_exact_sum():
    app = healthy(open_app("position", token="20"))
    assert panels(app) == [["learnt"]]
    (found,) = sums(app)
    assert [row["sign"] for row in found["rows"]] == ["", "+", "="]
    token, position, z0 = (np.array(row["values"]) for row in found["rows"])
    np.testing.assert_allclose(token + position, z0, atol=1e-6)
    trace = app.session_state["view"].trace
    np.testing.assert_allclose(z0, trace.resid[0][20], rtol=1e-6)
    assert found["summary"].startswith("Token and position add up to z₀, exactly so in all 192 numbers.")


def test_untrained_positions_are_not_called_learnt():
    app = healthy(open_app("position", model="untrained"))
    assert "drawn by lot" in text(app)
    assert "Nobody told it" not in text(app)


def test_fixed_sines_are_found_out_by_their_cosines(monkeypatch):
    model = redrawn_model("vit_tiny_patch16_224", depth=1, img_size=64)
    with torch.no_grad():
        model.module.pos_embed[0, 1:] = torch.from_numpy(sines_2d((4, 4), 192))
    monkeypatch.setattr("vit_viz.ui.view.load_model", lambda *args, **kwargs: model)
    app = healthy(open_app("position", model="vit_tiny_patch16_224"))
    assert "did not learn the rows" in text(app)


def test_closed_expanders_draw_nothing():
    app = healthy(open_app("position"))
    assert len(components(app)) == len([data for data in components(app) if "tiles" in data]) + 2
    app = opened(app, *EXPANDERS)
    assert panels(app)[1:] == [["learnt", "sines-1d", "sines-2d"], ["learnt", "7x7", "14x21", "21x21"]]
    assert "[CLS]" in text(app)


def test_shuffling_shows_five_answers_and_their_numbers():
    app = healthy(open_app("position"))
    before = text(app)
    app.button(key="shuffle_run").click().run()
    cards = next(element.proto.body for element in app.get("html") if "Five answers" in element.proto.body)
    assert cards.count('role="listitem"') == 5 * 6  # each card, and five guesses on it
    assert cards.count("largest logit change") == 3
    assert cards.count("≤ 10⁻⁵") == 2
    said = text(healthy(app))
    view = app.session_state["view"]
    best = view.model.labels[view.trace.probs.argmax()].split(",")[0]
    told = f"positions left behind, {best} goes from {view.trace.probs.max():.1%} to"
    assert told in said
    assert told not in before
    app.number_input(key="shuffle_seed").set_value(2).run()
    assert told not in text(healthy(app))


def test_shifts_are_run_once_and_kept(monkeypatch):
    app = opened(healthy(open_app("position", photo="castle")), "position_shift")
    app.button(key="shift_run").click().run()
    said = text(healthy(app))
    assert "At 16 px every patch" in said
    assert len(app.get("vega_lite_chart")) == 2
    with pytest.raises(KeyError):
        app.button(key="shift_run")
    monkeypatch.setattr("vit_viz.experiments.arrangements.trace", lambda *args, **kwargs: 1 / 0)
    assert "At 16 px every patch" in text(healthy(app.run()))


def test_shifts_that_were_left_go_on(monkeypatch):
    from vit_viz.experiments import arrangements as experiments

    app = opened(healthy(open_app("position", photo="flower")), "position_shift")
    whole, calls = experiments.trace, []

    def full_at_the_fifth(*args, **kwargs):
        calls.append(args)
        if len(calls) == 5:
            raise DeviceError("The memory of cuda is full.")
        return whole(*args, **kwargs)

    monkeypatch.setattr("vit_viz.experiments.arrangements.trace", full_at_the_fifth)
    app.button(key="shift_run").click().run()
    assert "The memory of cuda is full" in healthy(app).warning[0].value
    assert app.button(key="shift_run").label == "Run the rest"
    app.button(key="shift_run").click().run()
    assert "At 16 px every patch" in text(healthy(app))
    assert len(calls) == 5 + 13
    view = app.session_state["view"]
    kept = arrangements.shifts_of(view)
    assert len(kept) == 17
    for pixels in (3, 4, 16):
        (expected,) = experiments.shifted(view.model, view.trace.prepared, range(pixels, pixels + 1))
        np.testing.assert_allclose(kept[pixels].logits, expected.logits, atol=1e-5)


def test_full_device_is_told_when_shuffling(monkeypatch):
    def full(*args, **kwargs):
        raise DeviceError("The memory of cuda is full.")

    app = healthy(open_app("position", photo="citrus"))
    monkeypatch.setattr("vit_viz.ui.results.arrangements.shuffled", full)
    app.button(key="shuffle_run").click().run()
    assert "The memory of cuda is full" in healthy(app).warning[0].value


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_positions(kind: str, small_model):
    app = opened(small_model(kind), *EXPANDERS)
    app.button(key="shuffle_run").click().run()
    app.button(key="shift_run").click().run()
    said = text(healthy(app))
    assert "features" in said
    drawn = panels(app)
    formula, counted = app.code[0].value.split("\n")
    assert formula.startswith(FORMULAS[kind])
    trace, pos_embed = app.session_state["view"].trace, app.session_state["view"].model.module.pos_embed
    if pos_embed is not None:
        rows = pos_embed.shape[1]
        both = rows == trace.num_tokens
        assert counted.endswith(" both in z₀ and in Eₚₒₛ" if both else f" in z₀, {rows} in Eₚₒₛ")
    if "rotary" in kind:
        assert any("rotary-0-0-" in panel for panel in drawn[0])
    if kind.startswith("rotary"):
        assert "any grid will do" in said
        assert "Copies of this query in neighbouring places have a mean cosine of" in said
        assert "it averages all patches" in said
    if kind == "none":
        assert "told no positions" in said
        assert "Without positions there is no order" in said
        assert "left behind" not in said.split("What to notice")[-1]
    assert ("from tile to tile" in said) == (kind != "none")
    if kind == "a norm before the blocks":
        assert sums(app)[0]["rows"][-1]["sign"] == "→"
        assert [row["title"] for row in sums(app)[0]["rows"][2:]] == ["sum", "z₀, after the norm"]
    if kind == "CLS without a position":
        assert any("has no position" in found["summary"] for found in sums(app))


def test_where_no_code_is_true_it_says_so(small_model):
    said = "No few lines of code compute this"
    assert said in text(small_model("none"))
    assert said not in text(small_model("CLS without a position"))


def test_the_shuffles_number_outlives_the_page():
    app = healthy(open_app("position"))
    app.number_input(key="shuffle_seed").set_value(5).run()
    app.switch_page(str(page_file("patches"))).run()
    app.switch_page(str(page_file("position"))).run()
    assert healthy(app).number_input(key="shuffle_seed").value == 5
    app.button(key="shuffle_run").click().run()
    assert arrangements.shuffle_of(healthy(app).session_state["view"], 5) is not None
