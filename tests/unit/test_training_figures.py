"""Figures of the Training page: what they hold."""

import re

import numpy as np

from vit_viz.figures.heads import fine_tuning, pretraining, without_head
from vit_viz.figures.training import confusion_figure, goals_figure, log_figure, loss_figure


def lines(figure) -> dict[str, list[tuple[float, float]]]:
    return {line.name: list(zip(line.x, line.y, strict=True)) for line in figure.data}


def test_log_has_a_dot_for_each_line():
    figure = log_figure(np.array([10, 20]), np.array([0.25, 0.5]), title="right", end=40)
    assert lines(figure) == {"right": [(10, 0.25), (20, 0.5)]}
    assert "markers" in figure.data[0].mode
    assert figure.layout.yaxis.rangemode == "tozero"
    assert figure.layout.xaxis.range == (0, 40)


def test_loss_and_its_goals_have_a_line_each_where_they_are_logged():
    views = np.array([10, 20])
    figure = goals_figure(views, np.array([3.0, 2.5]), {"hidden": np.array([1.0, 0.5])})
    assert lines(figure) == {
        "the loss": [(10, 3.0), (20, 2.5)],
        "hidden states": [(10, 1.0), (20, 0.5)],
    }
    assert figure.layout.xaxis.range == (0, 20)


def test_lines_beyond_the_colours_of_the_theme_are_told_apart():
    goals = {column: np.array([1.0]) for column in ("hard", "soft", "hidden", "head")}
    figure = goals_figure(np.array([10]), np.array([3.0]), goals)
    assert [line.line.dash for line in figure.data] == ["solid"] * 4 + ["dot"]


def test_heads_are_drawn_with_their_sizes():
    assert "37,056 weights" in pretraining(6, 192)  # 192 · 192 + 192
    assert "tanh" in pretraining(6, 192)
    assert "579 weights, all 0 at first" in fine_tuning(6, 192, 3)  # 193 · 3
    assert "→ 3 classes" in fine_tuning(6, 192, 3)
    assert "dashed" in without_head(6, 192)
    assert "12 layers" in without_head(12, 768)


def test_four_boxes_go_in_pairs_so_that_a_narrow_column_has_two_below_two():
    steps = re.findall(r"<div>(\w+)</div>|(display:flex;flex:1 1)", pretraining(6, 192))
    assert [title or "pair" for title, _ in steps] == ["pair", "Encoder", "Linear", "pair", "tanh", "Linear"]
    assert "min-width:0" not in pretraining(6, 192)


def test_loss_has_both_curves_on_one_scale_from_zero():
    figure = loss_figure(np.array([1.0, 0.5]), np.array([1.0, 1.5]))
    assert lines(figure) == {
        "its own photos": [(0, 1.0), (1, 0.5)],
        "photos it never saw": [(0, 1.0), (1, 1.5)],
    }
    assert figure.layout.yaxis.rangemode == "tozero"
    assert list(lines(loss_figure(np.array([1.0]), None))) == ["its own photos"]


def test_confusion_has_a_cell_for_every_pair():
    cells = confusion_figure(np.array([[3, 1], [0, 2]]), ["a", "b"]).data[0]
    found = {
        tuple(names): count
        for row, counts in zip(cells.customdata, cells.z, strict=True)
        for names, count in zip(row, counts, strict=True)
    }
    assert found == {("a", "a"): 3, ("a", "b"): 1, ("b", "a"): 0, ("b", "b"): 2}


def test_classes_of_one_name_stay_apart_and_names_are_no_markup():
    figure = confusion_figure(np.eye(2, dtype=int), ["<b>one</b>"] * 2)
    assert figure.layout.xaxis.tickvals == figure.layout.yaxis.tickvals == (0, 1)
    assert not any("<b>" in text for text in figure.layout.xaxis.ticktext)
    assert not any("<b>" in name for row in figure.data[0].customdata for pair in row for name in pair)
