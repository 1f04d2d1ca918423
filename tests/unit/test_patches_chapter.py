"""What the Patches page says and offers beyond its first version: numbers by hand, every kind of model."""

import csv
import io

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model

from vit_viz import trace
from vit_viz.analysis.patches import costs
from vit_viz.experiments.embedding import patch_projection, reads_pixels
from vit_viz.figures.patches import encoder_alone_drawing
from vit_viz.snippets.embedding import embed_a_cnns_features
from vit_viz.snippets.patches import read_by_a_cnn
from vit_viz.ui.navigation import PAGES
from vit_viz.ui.parts.patches import chapter_of, costs_csv, patch_csv
from vit_viz.ui.words.patches import (
    Step,
    cost_of_the_whole_photo,
    encoder_alone,
    formula,
    image_as_sentence,
    in_bytes,
    seven_steps,
    splitting_equation,
    splitting_line,
    with_twice_the_side,
)


def test_cost_of_the_whole_photo_by_hand():
    said = cost_of_the_whole_photo(100, 30)
    assert "n = 3,000 pixels" in said
    assert "n² = 9,000,000 weights" in said
    assert "36.0 MB" in said


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (4e3, "4.0 kB"), (10.07e9, "10.1 GB"), (3e15, "3,000.0 TB")],
)
def test_bytes_are_written_in_the_largest_fitting_unit(size, text):
    assert in_bytes(size) == text


def test_equation_and_line_name_the_same_pixel(bundled, bundled_trace):
    """The indices of the equation, put in, find each number of the flattened patches."""
    r, s, c, y, x = 3, 9, 2, 5, 11
    rows = bundled_trace.patches.transpose(0, 3, 1, 2).reshape(196, 768)
    assert rows[14 * r + s, 256 * c + 16 * y + x] == bundled_trace.image[16 * r + y, 16 * s + x, c]
    equation = splitting_equation(bundled.info)
    for part in (r"14\,r+s", r"256\,c+16\,y+x", r"16\,r+y", r"16\,s+x", r"196\times 768"):
        assert part in equation
    assert "h=16, w=16)  # 196 × 768" in splitting_line(bundled.info)


def test_sentences_hold_the_models_sizes(bundled):
    assert "squares of 16 × 16 pixels, so this photo is a text of 196 words" in image_as_sentence(
        bundled.info, from_pixels=True
    )
    assert f"here {bundled.info.depth} layers" in encoder_alone(bundled.info)
    assert "encoder, 6 layers" in encoder_alone_drawing(6)
    assert "no decoder" in encoder_alone_drawing(6)


def test_seven_steps_of_the_bundled_model(bundled):
    steps = seven_steps(bundled.info, from_pixels=True)
    texts = [step.text for step in steps]
    assert len(steps) == 7
    assert "14 × 14 = 196 patches" in texts[0]
    assert "16 · 16 · 3 = 768 numbers" in texts[1]
    assert texts[3] == "CLS is put in front, and positions are added."
    assert texts[4] == f"{bundled.info.depth} layers of 6 heads mix the rows."


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        (
            "vit_base_patch16_siglip_224",
            {"img_size": 32},
            "No token is put in front, and positions are added.",
        ),
        (
            "vit_small_patch16_dinov3",
            {"img_size": 32},
            "CLS and 4 registers are put in front, and no position",
        ),
        ("vit_small_r26_s32_224", {}, "a CNN makes a row of features"),
    ],
)
def test_seven_steps_are_true_of_other_models(name, options, says):
    model = redrawn_model(name, depth=1, **options)
    steps = seven_steps(model.info, reads_pixels(model))
    assert any(says in step.text for step in steps)
    assert reads_pixels(model) == ("r26" not in name)


def test_steps_lead_to_chapters_that_exist(bundled):
    steps = seven_steps(bundled.info, from_pixels=True)
    assert chapter_of(steps[0]) == "patches"
    assert chapter_of(steps[2]) == "embedding"
    assert all(chapter_of(step) in {*PAGES, None} for step in steps)
    assert chapter_of(Step("", "", ("nowhere", "qkv"))) == "qkv"
    assert chapter_of(Step("", "", ("nowhere",))) is None


def test_table_of_a_patch_is_its_flattened_row(bundled_trace):
    header, *lines = csv.reader(io.StringIO(patch_csv(bundled_trace, 16)))
    assert header == ["number", "channel", "row", "column", "value", "normalised"]
    assert len(lines) == 768
    assert lines[256 + 16 + 2][:4] == ["275", "G", "2", "3"]
    assert int(lines[274][4]) == bundled_trace.image[16 + 1, 32 + 2, 1]
    assert float(lines[274][5]) == pytest.approx(bundled_trace.pixels[1, 17, 34])
    values = np.array([int(line[4]) for line in lines])
    assert np.array_equal(values, bundled_trace.patches[16].transpose(2, 0, 1).ravel())


def test_table_of_costs():
    assert costs_csv(costs(32, 32, (8, 16), 1)).splitlines()[1:] == ["8,17,289", "16,5,25"]


def test_twice_the_side_is_a_quarter_where_nothing_is_left_over():
    assert "(224 / 32) · (224 / 32) = 7 · 7 = **49**: twice" in with_twice_the_side(224, 224, 16, 196)
    assert "a quarter of the patches, and about a sixteenth" in with_twice_the_side(224, 224, 16, 196)
    said = with_twice_the_side(224, 224, 32, 49)
    assert "(224 / 64) · (224 / 64) = 3 · 3 = **9**, each rounded down: twice" in said
    assert "left over" in said
    assert "quarter" not in said


def test_a_cnns_features_are_not_called_pixels():
    model = redrawn_model("vit_small_r26_s32_224", depth=1)
    assert formula(model.info, from_pixels=False) == (
        "N = (224 / 32) · (224 / 32) = 49 patches, each 32 × 32 pixels, read by a CNN first"
    )
    assert "a patch is computed from the CNN's features" in image_as_sentence(model.info, from_pixels=False)
    with torch.inference_mode():
        own = trace(model, photo())
        pixels = torch.from_numpy(own.pixels.copy())
        embed = model.module.patch_embed
        rows, found = read_by_a_cnn(embed, pixels), embed_a_cnns_features(embed, pixels)
    expected = patch_projection(model, own)
    np.testing.assert_allclose(rows.numpy(), expected.inputs, atol=1e-4)
    for matrix in found:
        np.testing.assert_allclose(matrix.numpy(), own.tokens[1:], atol=1e-3)


def test_formula_of_patches(bundled):
    assert formula(bundled.info, from_pixels=True) == (
        "N = (224 / 16) · (224 / 16) = 196 patches, each 16 · 16 · 3 = 768 numbers"
    )
