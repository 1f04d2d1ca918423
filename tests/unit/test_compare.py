"""Compare: the same place in another model, the sentences, the untrained twin."""

import json

import numpy as np
import pytest
import torch
from helpers import redrawn_model
from PIL import Image

from vit_viz import trace
from vit_viz.analysis.answer import Guess
from vit_viz.analysis.compare import mass_of_strongest, same_index, same_token
from vit_viz.analysis.distance import no_photos_yet
from vit_viz.components.compare_payloads import side_data
from vit_viz.experiments.untrained import untrained_twin
from vit_viz.snippets.compare import answers_side_by_side
from vit_viz.ui.words import compare as words

TITLES = ("A", "B")


@pytest.mark.parametrize(
    ("index", "count", "other", "expected"),
    [(3, 6, 6, 3), (0, 6, 12, 0), (5, 6, 12, 11), (2, 6, 12, 4), (11, 12, 6, 5), (0, 1, 6, 0), (4, 6, 1, 0)],
)
def test_layers_map_first_to_first_and_last_to_last(index, count, other, expected):
    assert same_index(index, count, other) == expected


@pytest.mark.parametrize(
    ("token", "names", "grid", "other_names", "other_grid", "expected"),
    [
        (0, ["CLS"], (14, 14), ["CLS"], (7, 7), 0),
        (1, ["CLS", "DIST"], (14, 14), ["CLS"], (7, 7), None),
        (0, ["CLS"], (14, 14), [], (14, 14), None),
        (1, ["CLS"], (14, 14), ["CLS", "REG 1"], (14, 14), 2),
        (196, ["CLS"], (14, 14), [], (7, 7), 48),
        (1 + 2 * 14 + 5, ["CLS"], (14, 14), ["CLS"], (7, 7), 1 + 1 * 7 + 2),
        (1, ["CLS"], (7, 7), ["CLS"], (14, 14), 1 + 14 + 1),
        (0, [], (2, 3), [], (4, 3), 3),
    ],
)
def test_tokens_map_by_name_or_relative_place(token, names, grid, other_names, other_grid, expected):
    assert same_token(token, names, grid, other_names, other_grid) == expected


def test_mass_of_the_strongest_by_hand():
    assert mass_of_strongest(np.array([0.1, 0.4, 0.2, 0.3]), 2) == pytest.approx(0.7)


def figures(distance, grid=(14, 14)):
    distance = np.array(distance, float)
    empty = no_photos_yet(*distance.shape, grid=grid, patch_size=(16, 16), num_prefix_tokens=1)
    return empty.with_photos(np.stack([distance] * 3)[None])


def guesses(*labels: str) -> list[Guess]:
    return [Guess(index, label, 0.5 / (index + 1)) for index, label in enumerate(labels)]


def test_sentences_by_hand():
    both = (figures([[22.4, 112.0]]), figures([[11.2, 67.2]], (7, 7)))
    (said,) = words.answers(TITLES, (guesses("dog, hound", "cat"), guesses("cat", "car")))
    assert said.startswith("Most probable is dog with 50.0% (A), cat with 50.0% (B).")
    assert "classes, one is the same" in said
    for second, shared in ((("car", "bus"), "none is"), (("cat", "dog, hound"), "2 are")):
        (said,) = words.answers(TITLES, (guesses("dog, hound", "cat"), guesses(*second)))
        assert said.endswith(f"classes, {shared} the same.")
    rows = (np.array([0.5, 0.5, 0, 0, 0, 0]), np.full(10, 0.1))
    assert "hold 100% of the weight (A) and 50% (B)" in words.concentration(TITLES, rows)
    assert "give them 83.3% and 50.0%" in words.concentration(TITLES, rows)
    # 67.2 of 224 px and 39.2 of 112 px
    said = words.reach(TITLES, both)
    assert said.startswith("**B**: attention reaches 30.00% of the picture's width (A) and 35.00% (B)")
    assert words.reach(TITLES, both[::-1]).startswith("**A**: attention reaches 35.00%")
    assert words.reach(TITLES, both[:1] * 2).startswith("**Both alike**: attention reaches 30.00%")
    assert (
        words.spread(TITLES, both)
        == "The heads look from 10% to 50% (A) and from 10% to 60% (B) of the width far."
    )
    (changed,) = words.changed_most(TITLES, both)
    assert "Head 2 of layer 1 differs most: 50.0% of the width (A), 60.0% (B)" in changed


def test_what_cannot_be_compared_is_left_out_or_said():
    assert words.answers(TITLES, ([], guesses("dog"))) == []
    assert words.changed_most(TITLES, (figures([[1, 2]]), figures([[1, 2, 3]]))) == []
    alike = (figures([[1, 2]]), figures([[1.001, 2]]))
    assert words.changed_most(TITLES, alike) == ["No head looks farther on one side than on the other."]
    assert words.unmatched((6, 6), (3, 3)) == []
    assert "6 layers of 3 heads stand beside 12 of 3" in words.unmatched((6, 12), (3, 3))[0]
    assert words.no_such_token(TITLES, "DIST") == "DIST is a token of A only: B has none of that name."


def test_untrained_twin_is_the_same_architecture_and_always_the_same():
    model = redrawn_model("vit_tiny_patch16_224", img_size=96)
    first, second = untrained_twin(model), untrained_twin(model)
    assert (first.info.depth, first.info.img_size) == (model.info.depth, (96, 96))
    key = "blocks.0.attn.qkv.weight"
    assert torch.equal(first.module.state_dict()[key], second.module.state_dict()[key])
    assert not torch.equal(first.module.state_dict()[key], model.module.state_dict()[key])


def test_the_twin_leaves_the_callers_random_numbers_alone(bundled):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    untrained_twin(bundled)
    assert torch.rand(1) == expected


def test_side_data_is_plain(bundled_trace):
    data = side_data(
        "id",
        bundled_trace,
        figures([[1, 2]]),
        guesses("dog, hound"),
        title="A",
        subtitle="s",
        alt="a",
        no_answer="n",
    )
    data = json.loads(json.dumps(data, allow_nan=False))
    assert data["answers"] == [{"label": "dog", "prob": 0.5}]
    assert data["distance"] == [[1, 2]]


def test_the_code_gives_both_answers(bundled, bundled_trace):
    other = trace(bundled, Image.linear_gradient("L").convert("RGB"))
    photos = [torch.from_numpy(one.pixels.copy()) for one in (bundled_trace, other)]
    found = answers_side_by_side([bundled.module] * 2, photos, 5)
    for (probs, classes), one in zip(found, (bundled_trace, other), strict=True):
        order = np.argsort(one.probs)[::-1][:5]
        assert classes.tolist() == order.tolist()
        np.testing.assert_allclose(probs.numpy(), one.probs[order], rtol=1e-4)


def test_tokens_are_counted_of_what_they_are():
    assert words.counted(196, ("CLS",)) == "196 patches + CLS = 197 tokens"
    assert words.counted(196, ("CLS", "distillation")) == "196 patches + CLS, distillation = 198 tokens"
    assert words.counted(256, tuple("abcde")) == "256 patches + 5 prefix tokens = 261 tokens"
    assert words.counted(49, ()) == "49 patches, each a token"


def test_the_question_names_what_is_compared():
    assert words.asked("photo") == "In which of the two photos do the heads look farther, on average?"
    assert words.asked("size").startswith("At which of the two resolutions do the heads look farther")
    assert words.asked("training") == words.asked("model")
