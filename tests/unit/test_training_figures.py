"""Charts of the Training page: what they hold."""

import numpy as np

from vit_viz.figures.training import confusion_chart, log_chart, loss_chart


def rows(chart) -> list[dict]:
    return chart.to_dict()["data"]["values"]


def test_log_has_a_dot_for_each_line():
    chart = log_chart(np.array([10, 20]), np.array([3.0, 2.5]), title="loss", format=".1f", color="#E69F00")
    assert rows(chart) == [{"views": 10, "value": 3.0}, {"views": 20, "value": 2.5}]
    assert chart.to_dict()["encoding"]["y"]["scale"] == {"zero": True}


def test_loss_has_both_curves_on_one_scale_from_zero():
    chart = loss_chart(np.array([1.0, 0.5]), np.array([1.0, 1.5]))
    assert [row["loss"] for row in rows(chart)] == [1.0, 0.5, 1.0, 1.5]
    assert chart.to_dict()["encoding"]["y"]["scale"]["domain"] == [0, 1.5]
    assert {row["photos"] for row in rows(loss_chart(np.array([1.0]), None))} == {"its own photos"}


def test_confusion_has_a_cell_for_every_pair():
    chart = confusion_chart(np.array([[3, 1], [0, 2]]), ["a", "b"])
    found = {(row["true"], row["guessed"]): row["photos"] for row in rows(chart)}
    assert found == {("a", "a"): 3, ("a", "b"): 1, ("b", "a"): 0, ("b", "b"): 2}
