"""What the page Rollout is made of: its route's rows, the maps, the sentences, the figure, the snippet."""

import numpy as np
import pytest
import torch
from helpers import DEPTH, photo, redrawn_model
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vit_viz import prepare, trace
from vit_viz.analysis.rollout import fused, rollout
from vit_viz.components.payload import unpack
from vit_viz.components.rollout_routes import rollout_payload, rollout_routes
from vit_viz.experiments.patch_maps import KINDS, patch_maps, rollout_maps
from vit_viz.figures.faithfulness import Line, curves_figure
from vit_viz.snippets.rollout import attention_rollout
from vit_viz.ui.parts.rollout_table import COLORS, areas_of, areas_table, curve_points
from vit_viz.ui.words import rollout as words


def ask(trace_found, address: str):
    app = Starlette(routes=rollout_routes({"abc": trace_found}.get))
    return TestClient(app).get(f"/vit_viz/rollout/{address}")


# ---- the route


def test_route_sends_the_rollouts_own_rows(bundled_trace):
    answer = ask(bundled_trace, "abc/45-45?fusion=max&residual=30&discard=40&start=2")
    arrays, _ = unpack(answer.content)
    expected = rollout(
        bundled_trace.attn, num_prefix_tokens=1, fusion="max", residual_share=0.3, discard=0.4, start=2
    )
    np.testing.assert_allclose(arrays["rollout"], expected[:, 45], atol=1e-7)
    np.testing.assert_array_equal(arrays["raw"], fused(bundled_trace.attn[2:], "max")[:, 45])
    np.testing.assert_allclose(arrays["sums"], 1, atol=1e-6)
    assert "copied" not in arrays
    assert "immutable" in answer.headers["cache-control"]


def test_several_tokens_are_averaged(bundled_trace):
    arrays, _ = unpack(rollout_payload(bundled_trace, range(1, 197)))
    expected = rollout(bundled_trace.attn, num_prefix_tokens=1)[:, 1:].mean(axis=1)
    np.testing.assert_allclose(arrays["rollout"], expected, atol=1e-7)
    np.testing.assert_allclose(arrays["raw"], bundled_trace.attn.mean(1)[:, 1:].mean(1), atol=1e-7)


def test_the_common_bug_is_sent_when_asked_for(bundled_trace):
    arrays, _ = unpack(ask(bundled_trace, "abc/0-0?fusion=max&discard=50&copied=1").content)
    assert np.abs(arrays["copied_sums"] - 1).max() > 0.05
    np.testing.assert_allclose(
        arrays["copied"][-1].sum(), np.clip(arrays["copied"][-1].sum(), *arrays["copied_sums"][-1]), rtol=1e-5
    )


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("gone/0-0", 404),
        ("abc/0-197", 422),
        ("abc/5-4", 422),
        ("abc/0-0?fusion=median", 422),
        ("abc/0-0?residual=101", 422),
        ("abc/0-0?discard=100", 422),
        (f"abc/0-0?start={DEPTH}", 422),
        ("abc/0-0?start=x", 422),
    ],
)
def test_route_answers_with_a_sentence(bundled_trace, address, status):
    answer = ask(bundled_trace, address)
    assert answer.status_code == status
    assert answer.text.endswith(".")


# ---- the maps


def test_maps_of_a_class(bundled, bundled_trace):
    maps = patch_maps(bundled, bundled_trace, 3)
    assert tuple(maps) == KINDS
    assert all(values.shape == (196,) and values.dtype == np.float32 for values in maps.values())
    np.testing.assert_allclose(
        maps["rollout"], rollout(bundled_trace.attn, num_prefix_tokens=1)[-1, 0, 1:], atol=1e-7
    )
    np.testing.assert_allclose(maps["attention"], bundled_trace.attn[-1].mean(0)[0, 1:], atol=1e-7)


def test_without_a_class_only_maps_of_attention(bundled, bundled_trace):
    assert tuple(patch_maps(bundled, bundled_trace, None)) == ("rollout", "values", "attention")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("deit_tiny_distilled_patch16_224", {"depth": 2}),
        ("vit_base_patch16_siglip_gap_224", {"depth": 2, "embed_dim": 96, "num_heads": 3}),
        ("vit_small_patch14_reg4_dinov2", {"depth": 2, "img_size": (56, 84)}),
    ],
)
def test_many_photos_have_the_rollout_of_their_traces(name, options):
    model = redrawn_model(name, **options)
    R = len(model.info.prefix_names)
    read = model.info.read_tokens
    photos = [prepare(photo(seed), model.info.data_config) for seed in range(3)]
    for found, prepared in zip(rollout_maps(model, photos, batch_size=2), photos, strict=True):
        whole = rollout(trace(model, prepared).attn, num_prefix_tokens=R)[-1]
        np.testing.assert_allclose(found, whole[read].mean(0)[R:], atol=1e-6)


def test_snippet_is_the_rollout(bundled_trace):
    found = attention_rollout(torch.from_numpy(bundled_trace.attn.copy())).numpy()
    np.testing.assert_allclose(found, rollout(bundled_trace.attn, num_prefix_tokens=1)[-1], atol=1e-6)


# ---- the sentences


def areas(deletion: float, insertion: float = 0.5) -> words.Areas:
    return words.Areas(deletion=deletion, insertion=insertion)


CHANCE = words.RandomAreas.of([areas(0.3, 0.4), areas(0.5, 0.6)])


def test_random_orders_are_a_mean_and_a_spread():
    assert (CHANCE.deletion, CHANCE.insertion) == pytest.approx((0.4, 0.5))
    # of 0.3 and 0.5 the standard deviation is 0.2 / √2
    assert CHANCE.deletion_text == "0.400 ± 0.141"


def test_verdict_names_the_fastest_and_who_beats_chance():
    first, second, third = words.verdict(
        {
            "rollout": areas(0.35, 0.9),
            "relevance": areas(0.2, 0.7),
            "untrained": areas(0.1),
            "random": CHANCE,
        },
        "mean colour",
    )
    assert "**relevance** falls fastest (area 0.200; random order 0.400 ± 0.141)" in first
    assert "**rollout** rises fastest (0.900" in first
    assert second == "1 of 2 maps deletes faster than every one of the 2 random orders: relevance."
    assert third.startswith("The curve of rollout falls no faster than random orders do (area 0.350;")


def test_verdict_says_when_no_map_beats_chance():
    first, said, _ = words.verdict({"rollout": areas(0.35), "random": CHANCE}, "drop tokens")
    assert (
        "**rollout** falls fastest (area 0.350; random order 0.400 ± 0.141), and it also rises fastest"
        in first
    )
    assert said.startswith("None of the 1 maps deletes faster")


def test_verdict_says_when_nothing_is_taken_away():
    flat = words.RandomAreas.of([areas(0.003, 0.003), areas(0.0032, 0.003)])
    (said,) = words.verdict({"rollout": areas(0.003, 0.0035), "random": flat}, "mean colour")
    assert "every order comes to the same (deletion area" in said


def test_verdict_says_when_rollout_is_worse_than_chance_and_nothing_more_when_it_is_better():
    *_, said = words.verdict({"rollout": areas(0.6), "random": CHANCE}, "drop tokens")
    assert said.startswith("The curve of rollout falls later than that of every random order (area 0.600;")
    assert len(words.verdict({"rollout": areas(0.2), "random": CHANCE}, "drop tokens")) == 2


def test_strongest_patches_by_hand():
    patches = np.array([0.1, 0.4, 0.3, 0.0])
    said = words.strongest_patches(patches, (2, 2), "CLS", 5)
    assert (
        "(1, 2) and (2, 1) reach CLS most: 2.00 and 1.50 times the even share of 5 tokens; (2, 2) least"
        in said
    )
    assert "each 1.00 times" in words.strongest_patches(np.full(4, 0.2), (2, 2), "CLS", 5)


def test_formula_has_this_models_sizes():
    first, second = words.formula(12, 3, 197).split("\n")
    assert first == "R = Ã₁₂ · … · Ã₂ · Ã₁, Ã = ½ I + ½ mean of 3 heads, every row sums to 1"
    assert second.startswith("R and every Ã: 197 × 197;")
    assert words.formula(2, 1, 5).startswith("R = Ã₂ · Ã₁, Ã = ½ I + ½ A, every row sums to 1\n")


def test_formula_follows_the_settings():
    first, second = words.formula(12, 6, 197, fusion="max", residual=30, discard=50, start=4).split("\n")
    assert first == (
        "R = Ã₁₂ · … · Ã₆ · Ã₅, Ã = 0.30 I + 0.70 max of 6 heads, each row's weakest 50% of patches at 0, "
        "each row divided by its sum"
    )
    assert second.endswith("attention, mixed with the residual")
    first, second = words.formula(12, 6, 197, residual=30).split("\n")
    assert first.endswith("Ã = 0.30 I + 0.70 mean of 6 heads, every row sums to 1")
    assert second.endswith("0.30 of it left where it was")
    assert words.formula(12, 6, 197, start=11).startswith("R = Ã₁₂, ")


@pytest.mark.parametrize(
    ("value", "says"), [(0.8, "without any training"), (-0.3, "−0.30: training changes it")]
)
def test_likeness_to_the_untrained_model(value, says):
    assert says in words.untrained_likeness(value)


def test_residual_alone():
    assert "1.56%" in words.residual_alone(6)
    assert "(0.5^6)" in words.residual_alone(6)


@pytest.mark.parametrize(("value", "says"), [(0.9, "little"), (0.6, "some"), (-0.2, "most of it")])
def test_likeness(value, says):
    assert says in words.likeness(value)


def test_what_is_said_of_models_that_read_elsewhere():
    assert words.how_read("token", [0], ("CLS",)) == ""
    assert "two tokens" in words.how_read("token", [0, 1], ("CLS", "DIST"))
    assert "averages its patches" in words.how_read("avg", [1, 2], ("CLS",))
    assert "attention of its own" in words.how_read("map", [0, 1], ())
    assert words.read_title([0, 1], ("CLS", "DIST")) == "CLS and DIST"
    assert words.read_title([1, 2, 3], ("CLS",)) == "the mean of all patches"


# ---- areas and the figure


def test_areas_appear_once_both_curves_are_there():
    falling, flat = np.array([1.0, 0.0, 0.0]), np.ones(3)
    curves = {("rollout", False): falling, ("rollout", True): flat, ("values", False): falling}
    assert areas_of(curves, 4) == {"rollout": areas(0.25, 1.0)}
    for seed in range(5):
        curves |= {(f"random {seed}", False): flat, (f"random {seed}", True): falling}
    chance = areas_of(curves, 4)["random"]
    assert (chance.deletion_text, chance.insertion_text) == ("1.000 ± 0.000", "0.250 ± 0.000")


def test_curves_as_a_file():
    points = curve_points({("rollout", True): np.array([0.25, 0.5, 1.0])}, 5)
    assert points == [
        ("rollout", "insertion", 0, 0.25),
        ("rollout", "insertion", 2, 0.5),
        ("rollout", "insertion", 5, 1.0),
    ]


def test_settings_in_a_few_words():
    assert words.settings_note("mean", 50, 0, 0) == "mean, residual 0.50"
    assert words.settings_note("min", 5, 90, 3) == "min, residual 0.05, 90% discarded, from layer 4"


def test_table_is_the_charts_legend():
    table = areas_table({"rollout": areas(0.1, 0.2), "random": CHANCE}, {"rollout": -0.5})
    assert "Rollout" in table
    assert "0.100" in table
    assert "−0.50" in table
    assert "0.400 ± 0.141" in table
    assert COLORS["rollout"] in table


def test_figure_holds_the_curves():
    line = Line(title="Rollout", color="#CC79A7", values=np.array([0.8, 0.4, 0.1]))
    control = Line(title="Before", color="#CC79A7", values=np.array([0.8, 0.7, 0.6]), dashed=True)
    band = [np.array([0.8, 0.5, 0.1]), np.array([0.8, 0.3, 0.2])]
    spec = curves_figure([line, control], band, num_patches=4, x=["taken", "first"], y="p(cat)", top=0.9)
    area, lines = spec["layer"]
    spread = {row["share"]: (row["least"], row["most"]) for row in area["data"]["values"]}
    assert spread == {0.0: (0.8, 0.8), 0.5: (0.3, 0.5), 1.0: (0.1, 0.2)}
    values = [row["value"] for row in lines["data"]["values"] if row["curve"] == "Rollout"]
    assert values == [0.8, 0.4, 0.1]
    encoding = lines["encoding"]
    assert encoding["y"]["scale"]["domain"] == [0, 0.9]
    assert encoding["color"]["scale"]["range"] == ["#CC79A7", "#CC79A7"]
    assert encoding["strokeDash"]["scale"]["range"] == [[1, 0], [5, 4]]


def test_figure_without_random_orders_has_lines_only():
    line = Line(title="Rollout", color="#CC79A7", values=np.array([0.8, 0.1]))
    spec = curves_figure([line], [], num_patches=4, x=["taken", "first"], y="p(cat)", top=1.0)
    assert len(spec["layer"]) == 1
