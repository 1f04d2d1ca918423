"""The page CLS and position: its sentences, figures, code and route."""

import numpy as np
import pytest
import torch
from helpers import redrawn_model
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vit_viz import trace
from vit_viz.analysis.positions import Falloff, cosine_similarity, sines_1d
from vit_viz.components.payload import unpack
from vit_viz.components.position_routes import position_routes
from vit_viz.experiments.positions import rotated_copies
from vit_viz.figures.position import shift_changes, shift_probabilities
from vit_viz.snippets.position import encoder_input, sines, turned
from vit_viz.ui import stores
from vit_viz.ui.results import positions
from vit_viz.ui.results.remembered import models_of_traces
from vit_viz.ui.words import position as words


@pytest.fixture
def client():
    routes = position_routes(stores.find_trace, positions.find_similarity)
    return TestClient(Starlette(routes=routes))


@pytest.fixture
def kept(bundled_trace):
    stores.traces().put("here", bundled_trace)
    return "/vit_viz/positions/here"


def similarity(answer):
    assert answer.status_code == 200
    arrays, meta = unpack(answer.content)
    return arrays["similarity"], tuple(meta["grid"])


def test_route_gives_the_learnt_cosines(client, kept, bundled_trace):
    answer = client.get(f"{kept}/learnt")
    found, grid = similarity(answer)
    assert grid == (14, 14)
    np.testing.assert_allclose(found, cosine_similarity(bundled_trace.pos[1:]), atol=1e-6)
    assert "immutable" in answer.headers["cache-control"]


def test_route_gives_other_kinds(client, kept):
    found, _ = similarity(client.get(f"{kept}/sines-1d"))
    np.testing.assert_allclose(found, cosine_similarity(sines_1d((14, 14), 192)), atol=1e-6)
    found, grid = similarity(client.get(f"{kept}/7x21"))
    assert (found.shape, grid) == ((147, 147), (7, 21))


@pytest.mark.parametrize("kind", ["rotary-0-0-5", "0x7", "400x400", "nonsense", "learnt2"])
def test_route_says_what_is_not_there(client, kept, kind):
    answer = client.get(f"{kept}/{kind}")
    assert answer.status_code == 404
    assert kind in answer.text


def test_route_of_a_forgotten_trace(client):
    assert "no longer in memory" in client.get("/vit_viz/positions/gone/learnt").text


def test_route_of_rotary_positions(client, sample):
    model = redrawn_model("vit_small_patch16_dinov3", depth=2, img_size=64)
    stores.traces().put("turning", trace(model, sample))
    stores.models().put("turning model", model)
    models_of_traces().put("turning", "turning model")
    found, grid = similarity(client.get("/vit_viz/positions/turning/rotary-1-2-7"))
    assert (found.shape, grid) == ((16, 16), (4, 4))
    for kind in (
        "learnt",
        "7x7",
        "rotary-9-0-7",
        "rotary-0-0-4",
        "rotary-0-0-21",
    ):  # 5 prefix tokens, 16 patches
        assert client.get(f"/vit_viz/positions/turning/{kind}").status_code == 404


@pytest.mark.parametrize("name", ["vit_medium_patch16_gap_240", "deit_tiny_distilled_patch16_224"])
def test_route_leaves_out_just_the_prefix_positions(client, sample, name):
    model = redrawn_model(name, depth=1, img_size=64)
    stores.traces().put(name, trace(model, sample))
    found, grid = similarity(client.get(f"/vit_viz/positions/{name}/learnt"))
    R = len(model.info.prefix_names)
    assert grid == (4, 4)
    np.testing.assert_allclose(found, cosine_similarity(model.module.pos_embed[0, R:].numpy()), atol=1e-6)


def test_formula_with_the_models_sizes():
    cls, five = ("CLS",), ("CLS", "REG 1", "REG 2", "REG 3", "REG 4")
    assert words.input_formula("absolute", cls, 196, 192, "xₚ E + b", placed=cls) == (
        "z₀ = [ cls; xₚ E + b ] + Eₚₒₛ\n1 + 196 = 197 rows of 192 numbers both in z₀ and in Eₚₒₛ"
    )
    assert words.input_formula("none", (), 49, 8, "xₚ E", placed=()) == (
        "z₀ = [ xₚ E ]\n49 rows of 8 numbers"
    )
    assert words.input_formula("rotary", five, 196, 384, "xₚ E + b", placed=()) == (
        "z₀ = [ 5 learnt rows; xₚ E + b ]; in each layer q, k → q R(row, col), k R(row, col)\n"
        "5 + 196 = 201 rows of 384 numbers"
    )


def test_formula_gives_positions_to_those_that_have_one():
    five, patches = ("CLS", "REG 1", "REG 2", "REG 3", "REG 4"), "xₚ E + b"
    assert words.input_formula("absolute", five, 256, 384, patches, placed=()) == (
        "z₀ = [ 5 learnt rows; xₚ E + b + Eₚₒₛ ]\n5 + 256 = 261 rows of 384 numbers in z₀, 256 in Eₚₒₛ"
    )
    assert words.input_formula("absolute", (), 256, 512, patches, placed=()) == (
        "z₀ = [ xₚ E + b ] + Eₚₒₛ\n256 rows of 512 numbers both in z₀ and in Eₚₒₛ"
    )
    reg = words.input_formula("absolute", ("REG",), 9, 8, patches, placed=())
    assert reg.startswith("z₀ = [ reg; xₚ E + b + Eₚₒₛ ]")
    two = words.input_formula("absolute", ("CLS", "DIST"), 9, 8, patches, placed=("CLS", "DIST"))
    assert two.startswith("z₀ = [ cls; dist; xₚ E + b ] + Eₚₒₛ")


def test_formula_has_the_norm_that_follows_the_sum():
    clip = words.input_formula("absolute", ("CLS",), 49, 768, "xₚ E", placed=("CLS",), normed=True)
    assert clip.startswith("z₀ = norm( [ cls; xₚ E ] + Eₚₒₛ )\n")


def test_a_row_to_which_nothing_is_added_says_so():
    assert words.prefix_summary(False, adds_positions=True).startswith("This token has no position: zeros")
    assert words.prefix_summary(False, adds_positions=False).startswith("Nothing is added to this row")


def test_the_rows_that_are_left_out_of_the_grid_are_there():
    assert "(bicubic), CLS is left out of it, and the model" in words.sizes_story(("CLS",))
    assert "(bicubic), the 2 prefix tokens are left out of it, and" in words.sizes_story(("CLS", "DIST"))
    assert "(bicubic), and the model" in words.sizes_story(())


@pytest.mark.parametrize(
    ("has_position", "difference", "says"),
    [
        (True, 0.0, "add up to z₀, exactly so in all 8 numbers."),
        (False, 0.0, "Nothing is added: the token's row is z₀, exactly so"),
        (True, 0.5, "normalises the sum before its first layer"),
        (False, 0.5, "normalises the row before its first layer"),
    ],
)
def test_sum_summary(has_position: bool, difference: float, says: str):
    assert says in words.sum_summary(has_position, difference, 8)


def test_shuffle_sentences():
    along, behind, without = words.Moved(2.1e-7, 0), words.Moved(0.31, 0.46), words.Moved(1e-6, 0)
    said = words.shuffle_sentences(along, behind, without, [("cat", 0.298, 0.204)], "logit")
    assert said[0] == (
        "Shuffled with their positions, no logit changes by more than 2.1·10⁻⁷ of the largest: rounding, which is "
        "at most 10⁻⁵."
    )
    assert said[1].startswith("Shuffled with positions left behind, cat goes from 29.8% to 20.4%.")
    assert "is 31.0% of the largest logit, and the features move by 46.0%" in said[2]
    assert said[3] == words.without_positions(without, "logit")
    assert "changes no logit by more than 1.0·10⁻⁶ of the largest" in said[3]
    assert len(words.shuffle_sentences(along, behind, without, [], "feature")) == 3
    assert words.verdict(2e-5) == ", more than the 10⁻⁵ of rounding"


def test_differences_name_what_they_are_taken_against():
    assert words.differences(2e-7, 0.389, "In order", "logit") == [
        "largest logit change 2.0·10⁻⁷ ≤ 10⁻⁵",
        "features moved 38.9%",
        "against: in order",
    ]
    assert words.differences(2e-5, 0, "In order", "feature")[0] == "largest feature change 2.0·10⁻⁵"
    assert "largest logit (up to 10⁻⁵ is rounding)" in words.about_changes("logit")


def test_positions_are_said_to_come_from_where_they_come_from():
    said = {origin: words.about_positions("absolute", origin) for origin in words.TITLES}
    assert "Nobody told it" in said["learnt"]
    assert "Nobody told it" not in said["imitated"] + said["drawn"] + said["fixed"]
    assert "imitating" in said["imitated"]
    assert "drawn by lot" in said["drawn"]
    assert "did not learn" in said["fixed"]
    assert words.about_positions("none", "learnt") == words.KINDS["none"]
    resized = words.about_positions("absolute", "learnt", ((37, 37), (16, 16)))
    assert (
        "rows for 37 × 37 places: they were resized to these 16 × 16 as it was loaded. Each tile" in resized
    )
    assert set(words.ROWS) == set(words.TITLES)


def test_cls_story_for_each_kind_of_reading():
    assert "reads this row and no other" in words.cls_story(["CLS"], "token")
    assert "the mean of the two" in words.cls_story(["CLS", "DIST"], "token")
    assert "pooled from the tokens (avg)" in words.cls_story(["CLS", "REG 1"], "avg")
    assert "has none: it averages all patches" in words.cls_story(["REG"], "avg")
    assert "one more attention" in words.cls_story([], "map")


def test_prefix_facts():
    said = words.prefix_facts(["CLS"], np.array([5.5]), np.array([-0.25]), np.array([0.184]))
    assert said == [
        "**CLS** is a learnt row of length 5.5. In z₀ its cosine with the mean patch is −0.25; after the last "
        "layer its cosine with its own start is 0.18."
    ]
    drawn = words.prefix_facts(["CLS"], np.array([0.3]), np.array([0.1]), np.array([0.9]), "drawn")
    assert drawn[0].startswith("**CLS** is a row drawn by lot, of length 0.3.")
    assert words.prefix_summary(True, adds_positions=True, origin="drawn").startswith(
        "Both rows are drawn by lot"
    )


def test_sines_sentence_follows_the_larger():
    assert "**0.89** with those of 2-D sines and by **0.70**" in words.sines_sentence(0.7, 0.89)
    assert words.sines_sentence(0.7, 0.89).endswith("they are nearer to rows and columns.")
    assert words.sines_sentence(0.9, 0.8).endswith("they are nearer to one long line.")
    assert words.sines_sentence(0.02, -0.01).endswith("they are like neither.")


def test_other_grids_and_their_titles():
    assert words.other_grids((14, 10)) == [(7, 5), (14, 15), (21, 15)]
    assert words.other_grids((1, 1)) == [(1, 1), (1, 1), (1, 1)]
    assert words.size_title((14, 21), (16, 16)) == "14 × 21 patches, 224 × 336 px"


def test_shift_sentences():
    distances, changes = np.array([0, 0.1, 0.3, 0.2]), np.array([0, 0.05, 0.04, 0.08])
    best = np.array([0.5, 0.45, 0.2, 0.55])
    said = words.shift_sentences(["cat", "cat", "dog", "cat"], best, distances, changes, "logit", 3)
    assert "One pixel moves the features by 10.0% of their length; the most is 30.0%, at 2 px." in said
    assert said[1] == "One pixel changes a logit by up to 5.0% of the largest; the most is 8.0%, at 3 px."
    assert said[2] == (
        "The best class is cat at first; at 1 of 3 shifts it is another. Its probability runs from 20.0% to 55.0%."
    )
    assert "At 3 px every patch" in said[3]
    assert "by 20.0%" in said[3]
    assert len(words.shift_sentences([], np.array([]), distances, changes, "feature", 16)) == 2
    stays = words.shift_sentences(["cat"] * 4, best, distances, changes, "logit", 16)
    assert "stays so at every shift" in stays[2]


def test_falloff_sentences():
    found = Falloff(np.arange(4), np.array([1, 0.9, 0.5, 0.4]), np.array([1, 0.8, -0.2, np.nan]))
    assert words.falloff_sentence(found) == (
        "Neighbouring places have a mean cosine of 0.90 in one row (at its two ends 0.40) and 0.80 in one "
        "column (at its two ends −0.20)."
    )
    (said,) = words.row_or_column(found)
    assert "1 patch apart the mean is 0.90 along a row and 0.80 along a column" in said
    assert said.endswith("one row are more alike.")
    noise = Falloff(np.arange(4), np.array([1, 0.02, 0, 0.01]), np.array([1, -0.01, 0.01, 0]))
    assert words.row_or_column(noise)[0].endswith("hardly a difference.")
    lonely = Falloff(np.arange(1), np.ones(1), np.ones(1))
    assert words.row_or_column(lonely) == []
    assert words.falloff_sentence(lonely) == "There is one place only."


def test_sum_sentence():
    assert words.sum_sentence("patch (1, 2)", 5, 10, -0.3) == (
        "For patch (1, 2) the position has a length of 5.00, 50% of what it is added to, and a cosine of "
        "−0.30 to it."
    )
    assert "training moved them alike" in words.sum_sentence("CLS", 5, 5, 0.999)
    assert "a row of zeros" in words.sum_sentence("CLS", 0, 5, 0)


def test_every_kind_of_positions_has_words():
    assert {"absolute", *words.KINDS} == {"absolute", "rotary", "absolute + rotary", "none"}


def test_shift_figures_hold_the_numbers():
    probs = np.array([[0.5, 0.1], [0.4, 0.2], [0.3, 0.6]])
    chart = shift_probabilities(probs, ["cat", "dog"], 2).to_dict()
    rows = chart["layer"][1]["data"]["values"]
    assert {"shift": 2, "class": "dog", "probability": 0.6} in rows
    assert len(rows) == 6
    assert chart["layer"][0]["data"]["values"] == [{"shift": 0}, {"shift": 2}]
    moved = {"features": np.array([0, 0.25, 0.5]), "logits": np.array([0, 0.1, 0.2])}
    chart = shift_changes(moved, 16).to_dict()
    rows = chart["layer"][1]["data"]["values"]
    assert rows[1] == {"shift": 1, "of": "features", "change": 0.25}
    assert rows[5] == {"shift": 2, "of": "logits", "change": 0.2}
    assert chart["layer"][0]["data"]["values"] == [{"shift": 0}]


def test_legends_fit_a_phone():
    for chart in (
        shift_probabilities(np.ones((2, 2)), ["cat", "dog"], 2),
        shift_changes({"a": np.ones(2)}, 2),
    ):
        assert chart.to_dict()["layer"][1]["encoding"]["color"]["legend"]["columns"] == 1


def test_code_is_the_traces_input(bundled, bundled_trace):
    patches = torch.from_numpy(bundled_trace.tokens[1:].copy())
    np.testing.assert_array_equal(
        encoder_input(bundled.module, patches).detach().numpy(), bundled_trace.resid[0]
    )


def test_code_of_the_sines_is_the_drawn_ones():
    found = sines(torch.arange(196), 192)
    np.testing.assert_allclose(found.numpy(), sines_1d((14, 14), 192), atol=2e-5)


def test_code_of_the_rotation_is_the_models(sample):
    model = redrawn_model("eva02_tiny_patch14_224", depth=1, img_size=56)
    found = trace(model, sample)
    sin, cos = model.module.rope.get_embed(shape=list(found.grid)).chunk(2, dim=-1)
    angles = torch.atan2(sin, cos)[:, ::2]  # one per pair of numbers
    copies = rotated_copies(model, found, 0, 1, found.num_prefix_tokens)
    at_first = torch.from_numpy(copies[:1].copy()).expand(len(angles), -1)  # the first place turns by nothing
    np.testing.assert_allclose(turned(at_first, angles - angles[:1]).numpy(), copies, atol=1e-4)


def test_turned_queries_and_keys_know_the_rows_and_columns_between_and_not_the_distance_alone():
    """As the page says of rotary positions: the same shift has the same product, the opposite one another."""
    query, key = torch.randn(2, 4, generator=torch.Generator().manual_seed(0))
    angles = torch.arange(5.0)[:, None] * torch.tensor([1.0, 0.3])
    q, k = (turned(row.expand(5, -1), angles) for row in (query, key))
    ahead, behind = [float(q[i] @ k[i + 1]) for i in range(4)], [float(q[i + 1] @ k[i]) for i in range(4)]
    assert ahead == pytest.approx([ahead[0]] * 4, abs=1e-5)
    assert behind == pytest.approx([behind[0]] * 4, abs=1e-5)
    assert abs(ahead[0] - behind[0]) > 0.1
    assert "only on the rows and columns between them" in words.KINDS["rotary"]
