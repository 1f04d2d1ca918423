"""Charts of the Training page: what they hold."""

import numpy as np

from vit_viz.figures.heads import fine_tuning, pretraining, without_head
from vit_viz.figures.training import confusion_chart, goals_chart, log_chart, loss_chart


def rows(chart) -> list[dict]:
    return chart.to_dict()["data"]["values"]


def test_log_has_a_dot_for_each_line():
    chart = log_chart(
        np.array([10, 20]), np.array([3.0, 2.5]), title="right", format="%", color="#E69F00", end=40
    )
    assert rows(chart) == [{"views": 10, "value": 3.0}, {"views": 20, "value": 2.5}]
    assert chart.to_dict()["encoding"]["y"]["scale"] == {"zero": True}
    assert chart.to_dict()["encoding"]["x"]["scale"]["domain"] == [0, 40]


def test_loss_and_its_goals_have_a_line_each_where_they_are_logged():
    views = np.array([10, 20])
    chart = goals_chart(views, np.array([3.0, 2.5]), {"hidden": np.array([1.0, 0.5])})
    assert rows(chart) == [
        {"views": 10, "value": 3.0, "goal": "the loss"},
        {"views": 20, "value": 2.5, "goal": "the loss"},
        {"views": 10, "value": 1.0, "goal": "hidden states"},
        {"views": 20, "value": 0.5, "goal": "hidden states"},
    ]
    encoding = chart.to_dict()["encoding"]
    assert encoding["color"]["scale"]["domain"] == ["the loss", "hidden states"]
    assert encoding["x"]["scale"]["domain"] == [0, 20]


def test_heads_are_drawn_with_their_sizes():
    assert "37,056 weights" in pretraining(6, 192)  # 192 · 192 + 192
    assert "tanh" in pretraining(6, 192)
    assert "579 weights, all 0 at first" in fine_tuning(6, 192, 3)  # 193 · 3
    assert "→ 3 classes" in fine_tuning(6, 192, 3)
    assert "dashed" in without_head(6, 192)
    assert "12 layers" in without_head(12, 768)


def test_loss_has_both_curves_on_one_scale_from_zero():
    chart = loss_chart(np.array([1.0, 0.5]), np.array([1.0, 1.5]))
    assert [row["loss"] for row in rows(chart)] == [1.0, 0.5, 1.0, 1.5]
    assert chart.to_dict()["encoding"]["y"]["scale"]["domain"] == [0, 1.5]
    assert {row["photos"] for row in rows(loss_chart(np.array([1.0]), None))} == {"its own photos"}


def test_confusion_has_a_cell_for_every_pair():
    chart = confusion_chart(np.array([[3, 1], [0, 2]]), ["a", "b"])
    found = {(row["true"], row["guessed"]): row["photos"] for row in rows(chart)}
    assert found == {("a", "a"): 3, ("a", "b"): 1, ("b", "a"): 0, ("b", "b"): 2}
