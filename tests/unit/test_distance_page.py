"""What the page Attention distance is sent and says: its payload, its sentences, its code."""

import json

import numpy as np
import pytest
import torch

from vit_viz.analysis.distance import AttentionDistance, Skipped, head_distances, no_photos_yet
from vit_viz.components.distance_payloads import DotSet, explorer_data
from vit_viz.snippets.distance import mean_attention_distance
from vit_viz.ui.results.distance import SHIPPED_FILE, shipped_average
from vit_viz.ui.words.distance import (
    distance_notices,
    even_line,
    formula,
    question,
    set_note,
    skipped_photos,
    try_it,
)


def figures(distance, renormalised=None, mass=None, photos: int = 1) -> AttentionDistance:
    distance = np.array(distance, float)
    renormalised = distance if renormalised is None else np.array(renormalised, float)
    mass = np.zeros_like(distance) if mass is None else np.array(mass, float)
    empty = no_photos_yet(*distance.shape, grid=(14, 14), patch_size=(16, 16), num_prefix_tokens=1)
    return empty.with_photos(np.stack([np.stack([distance, renormalised, mass])] * photos))


def test_payload_is_plain_numbers_with_lines_and_band(bundled_trace):
    one = figures([[10, 20], [30, 40]])
    many = figures([[11, 21], [31, 41]], photos=3)
    sets = [
        DotSet(name="photo", title="this photo", note="", figures=one, beside=("other", many)),
        DotSet(name="samples", title="mean", note="n", figures=many),
    ]
    data = json.loads(json.dumps(explorer_data(bundled_trace, sets), allow_nan=False))
    first, second = data["sets"]
    assert first["values"]["distance"] == [[10, 20], [30, 40]]
    assert (first["errors"], first["beside"]["title"]) == (None, "other")
    assert second["errors"]["distance"] == [[0, 0], [0, 0]]
    assert data["uniform"]["distance"] == pytest.approx(115.901, abs=5e-4)
    assert data["top"] == pytest.approx(1.25 * 116.492, abs=1e-3)
    assert len(data["published"]["band"]) == 12


def test_the_axis_ends_above_the_farthest_dot(bundled_trace):
    far = figures([[10, 20]], renormalised=[[10, 260]])
    data = explorer_data(bundled_trace, [DotSet(name="a", title="a", note="", figures=far)])
    assert data["top"] == 260


def test_the_published_band_is_for_pictures_of_its_size_only(sample):
    from vit_viz import load_model, trace

    wide = trace(load_model(img_size=(96, 288), device="cpu"), sample)
    assert explorer_data(wide, [])["published"] is None


def test_notices_by_hand():
    photo = figures([[10, 50], [100, 60]], [[12, 50], [110, 90]], [[0.1, 0], [0.1, 1 / 3]])
    usual = figures([[10, 50], [100, 80]], photos=128)
    near, depth, even, convolutions, unusual = distance_notices(photo, usual)
    assert "Head 1 of layer 1 looks nearest on this photo, 10 px" in near
    assert (
        "layer 1 lie between 10 and 50 px (mean 30), those of layer 2 between 60 and 100 px (mean 80)"
        in depth
    )
    alike = distance_notices(
        figures([[10, 50], [114.2, 113.8]], [[12, 50], [110, 90]], [[0.1, 0], [0, 0]]), None
    )
    assert alike[1].endswith("those of layer 2 at 114 px.")
    assert even == even_line(photo)
    assert convolutions.startswith("4 of 4 heads")
    assert "3 px after 1 layer, 5 px after 2" in convolutions
    assert "mean of 128 photos, this photo changes head 2 of layer 2 most: 60 px here, 80 px there" in unusual


def test_heads_within_a_convolutions_field_are_not_counted():
    assert distance_notices(figures([[2, 50]]), None)[3].startswith("1 of 2 heads")


def test_the_question_is_about_tokens_without_a_place_where_there_are_any():
    photo = figures([[10, 50], [100, 60]], [[12, 50], [110, 90]], [[0.1, 0], [0.1, 1 / 3]])
    asked, choices, answer = question(photo, ("CLS",))
    assert "half of its weight to CLS" in asked
    assert choices[0] == "it falls to half"
    assert "head 2 of layer 2 most, from 60 to 90 px: 33% of its weight lies on CLS." in answer
    assert "33% of its weight lies on the prefix tokens." in question(photo, ("CLS", "DIST"))[2]


def test_a_head_of_neighbours_looks_as_far_as_the_page_says():
    photo = figures([[10, 50]])
    rows, cols = np.divmod(np.arange(photo.grid[0] * photo.grid[1]), photo.grid[1])
    apart = np.hypot(rows[:, None] - rows, cols[:, None] - cols)
    attn = (apart == 1) / (apart == 1).sum(axis=1, keepdims=True)
    distance = head_distances(attn[None], photo.grid, photo.patch_size, 0).distance
    _, choices, answer = question(photo, ())
    assert choices[0] == f"{distance.item():.0f} px" == "16 px"
    assert answer.startswith("**16 px**")


def test_a_model_without_prefix_says_nothing_of_it():
    sentences = distance_notices(figures([[10, 50]]), None)
    assert not any("mean of" in sentence for sentence in sentences)
    assert "dropped" not in formula(196, 16, (), 12, 12)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("CLS",), ", CLS dropped"),
        (("CLS", "DIST"), ", CLS and DIST dropped"),
        (("CLS", *"1234"), ", 5 prefix tokens dropped"),
    ],
)
def test_formula_names_what_is_dropped(names, says: str):
    assert says in formula(196, 16, names, 12, 3)


def test_the_even_line_is_taken_apart():
    said = even_line(figures([[1.0]]))
    assert "reaches 115.901 px" in said
    assert "116.492 px, times 196 of 197" in said
    bare = no_photos_yet(1, 1, grid=(14, 14), patch_size=(16, 16), num_prefix_tokens=0)
    assert even_line(bare).endswith("reaches 116.492 px: the mean distance between two of the 196 patches.")
    assert "renormalise" in try_it(("CLS",))
    assert "renormalise" not in try_it(())


def test_notes_and_skipped_photos():
    assert "kept out of this model's training" in set_note(True, figures([[1.0]], photos=2))
    assert set_note(False, figures([[1.0]], photos=2)) == "Mean over 2 photos."
    assert skipped_photos(figures([[1.0]])) is None
    text = skipped_photos(figures([[1.0]]).with_skipped([Skipped(name="a.jpg", reason="It is cut.")]))
    assert text.startswith("1 of 2 photos cannot be read")
    assert "- a.jpg: It is cut." in text


def test_shipped_figures_are_the_files_own(bundled):
    shipped = shipped_average()
    stored = json.loads(SHIPPED_FILE.read_text())
    assert shipped.photos == stored["photos"]
    assert shipped.distance.tolist() == stored["distance"]
    assert shipped.mean.shape == (3, bundled.info.depth, bundled.info.num_heads)


@pytest.mark.parametrize("kept", [True, False])
def test_shipped_figures_have_error_bars_where_their_spread_was_kept(kept, tmp_path, monkeypatch):
    measures = {"distance": [[10.0, 20.0]], "renormalised": [[11.0, 21.0]], "prefix_mass": [[0.1, 0.2]]}
    stored = measures | {"photos": 16, "grid": [2, 2], "patch_size": [16, 16], "num_prefix_tokens": 1}
    spread = {"distance": [[4.0, 8.0]], "renormalised": [[2.0, 1.0]], "prefix_mass": [[0.4, 0.0]]}
    file = tmp_path / "figures.json"
    file.write_text(json.dumps(stored | ({"standard_deviation": spread} if kept else {})))
    monkeypatch.setattr("vit_viz.ui.results.distance.SHIPPED_FILE", file)
    shipped_average.cache_clear()
    shipped = shipped_average()
    shipped_average.cache_clear()
    assert ("spread was not kept" in set_note(True, shipped)) is not kept
    if kept:  # the deviation over √16
        np.testing.assert_allclose(shipped.standard_error, [[[1, 2]], [[0.5, 0.25]], [[0.1, 0]]])
    else:
        assert shipped.standard_error is None


def test_the_code_computes_what_the_page_shows(bundled_trace):
    rows, cols = bundled_trace.grid
    found = head_distances(bundled_trace.attn, (rows, cols), bundled_trace.patch_size, 1).distance
    for layer, attn in enumerate(bundled_trace.attn):
        by_code = mean_attention_distance(torch.from_numpy(attn.copy()), rows, cols, 16, 1)
        np.testing.assert_allclose(by_code.numpy(), found[layer], rtol=1e-6)
