"""Each number in the journey's sentences is the trace's; a photo that differs changes the sentence."""

import re
from itertools import pairwise

import numpy as np
import pytest
from helpers import photo, redrawn_model

from vit_viz import trace
from vit_viz.experiments.journey import class_tokens
from vit_viz.locale import languages
from vit_viz.ui.words.journey import growing, numbers_read, reading, shrinking, sizes, verdict

LABELS = ("tabby, tabby cat", "German shepherd", "bee")


@pytest.fixture(scope="module")
def averaging():
    model = redrawn_model("vit_medium_patch16_gap_240", depth=2, img_size=(64, 96))
    return model, trace(model, photo())


def numbers(sentence: str) -> list[str]:
    return re.findall(r"\d[\d,.]*\d|\d", sentence)


@pytest.mark.parametrize("lang", list(languages()))
def test_sizes(lang, bundled, bundled_trace):
    found = numbers(sizes(lang, bundled_trace, bundled.info, bundled.labels))
    D, L, H = bundled.info.embed_dim, bundled.info.depth, bundled.info.num_heads
    assert found == ["224", "224", "3", "196", "197", str(D), str(L), str(H), "1000"]


def test_sizes_of_a_model_without_a_classifier():
    model = redrawn_model("vit_small_patch14_reg4_dinov2", depth=1, img_size=70)
    assert sizes("en", trace(model, photo()), model.info, model.labels).endswith("384 features")


def test_sizes_of_numbers_without_names(bundled, bundled_trace):
    """As CLIP's: a point in a space of its own."""
    assert sizes("en", bundled_trace, bundled.info, ()).endswith("1000 numbers")


@pytest.mark.parametrize("lang", list(languages()))
def test_shrinking_counts_what_comes_in_and_runs_through(lang, bundled, bundled_trace):
    D = bundled.info.embed_dim
    assert set(numbers(shrinking(lang, bundled_trace))) == {"150,528", f"{197 * D:,}", "197", str(D)}


def test_one_row_is_read_or_all_patches(bundled, bundled_trace, averaging):
    assert numbers_read(bundled_trace, bundled.info.read_tokens) == bundled.info.embed_dim
    model, got = averaging
    assert numbers_read(got, model.info.read_tokens) == 24 * 512


def test_growing_names_the_layer_of_the_longest_step(bundled_trace):
    row = bundled_trace.resid[:, 0].astype(np.float64)
    steps = [np.sqrt(((after - before) ** 2).sum()) for before, after in pairwise(row)]
    first, last = (np.sqrt((row[layer] ** 2).sum()) for layer in (0, -1))
    expected = [f"{first:.1f}", f"{last:.1f}", str(int(np.argmax(steps)) + 1)]
    assert numbers(growing("en", bundled_trace, 0)) == expected


def test_growing_names_patches_in_the_readers_language(averaging):
    _, got = averaging
    assert growing("en", got, 7).startswith("Patch (2, 2) is followed here:")
    assert growing("ko", got, 7).startswith("지금 따라가는 패치 (2, 2):")


def test_verdict():
    probs = np.array([0.7, 0.25, 0.05])
    (right,) = verdict("en", probs, LABELS, 0)
    assert "“tabby”, and the model says so: p = 70.0%" in right
    assert f"{-np.log(0.7):.2f}" in right
    (wrong,) = verdict("en", probs, LABELS, 1)
    assert "“German shepherd”" in wrong
    assert "says “tabby”" in wrong
    assert ("25.0%" in wrong, "1.39" in wrong) == (True, True)
    assert verdict("en", probs, LABELS, None) == []


def test_verdict_of_a_tiny_probability():
    (sentence,) = verdict("en", np.array([1 - 2e-6, 2e-6, 0]), LABELS, 1)
    assert "p = 2.0·10⁻⁶" in sentence


def test_reading_one_row_two_rows_or_all_patches(bundled, bundled_trace, averaging):
    D = bundled.info.embed_dim
    assert f"From **{D}**: CLS only, 0.5%" in reading("en", bundled_trace, bundled.info.read_tokens)
    distilled = redrawn_model("deit_tiny_distilled_patch16_224", depth=1, img_size=(64, 96))
    assert class_tokens(distilled) == (0, 1)
    assert "From **384**: CLS, DIST only, 7.7%" in reading(
        "en", trace(distilled, photo()), distilled.info.read_tokens
    )
    model, got = averaging
    assert "From **12,288**: the rows of all 24 patches" in reading("en", got, model.info.read_tokens)


@pytest.mark.parametrize("lang", list(languages()))
def test_a_pooling_that_takes_in_cls_reads_all_tokens(lang):
    model = redrawn_model("vit_pe_core_tiny_patch16_384", depth=1, img_size=64)
    got = trace(model, photo())
    assert numbers_read(got, model.info.read_tokens) == 17 * 192
    assert numbers(reading(lang, got, model.info.read_tokens)) == ["3,264", "17", "192"]
