"""The stages that the Training page names are those of the weights' header, the evaluation and the model card."""

import json

import numpy as np
import pytest

from vit_viz.checkpoints import read_header
from vit_viz.figures.training import goals_figure
from vit_viz.training_record.log import FILE, logged_rows, training_curve
from vit_viz.training_record.stages import Stage, ancestors, stage_losses, stage_markdown, stages
from vit_viz.ui.words.training import about_the_log, about_the_teacher


def chain() -> list[dict]:
    """What the weights' own header says of their training, the first run first."""
    runs, run = [], read_header(FILE.with_name("vit_viz.safetensors"))["training"]
    while run:
        runs.insert(0, run)
        run = run.get("started_from")
    return runs


def lineage() -> list[Stage]:
    """The stages that lead to the last one, the first one first."""
    last = stages()[-1]
    return [*reversed(ancestors(last, stages())), last]


def test_stages_are_those_of_the_weights_header():
    assert [(one.stage, one.views, one.minutes) for one in lineage()] == [
        (run["name"], run["views"], run["minutes"]) for run in chain()
    ]
    names = [one.stage for one in stages()]
    assert all(one.starts_from in names[:at] for at, one in enumerate(stages()) if at)


def test_a_stage_beside_the_others_is_one_that_the_weights_are_averaged_with():
    beside = {one.stage for one in stages()} - {one.stage for one in lineage()}
    assert beside <= {name for run in chain() for name in run.get("averaged_with", [])}


def test_an_average_names_the_models_of_the_weights_header():
    for one, run in zip(lineage(), chain(), strict=True):
        assert bool(one.averaged_with) == bool(run.get("averaged_with"))
        assert all(name in one.averaged_with for name in run.get("averaged_with", []))
    assert stages()[-1].averaged_with in about_the_log(stages()[-1], [], "")


def test_a_part_of_the_loss_has_one_name_in_the_text_and_in_the_chart():
    curve = training_curve()
    drawn = {line.name for line in goals_figure(curve.views, curve.loss, curve.goals).data} - {"the loss"}
    taught = about_the_teacher("another")
    log = about_the_log(stages()[-1], list(curve.goals), "")
    assert drawn == {"labels", "soft answers", "hidden states", "head"}
    assert all(f"- *{name}*: " in taught and name in log for name in drawn)
    assert "hard" not in taught + log


def test_figures_are_those_of_the_evaluation():
    models = json.loads(FILE.with_name("evaluation.json").read_text("utf-8"))["models"]
    by_name = {model["training"]["name"]: model["kept_out"] for model in models.values()}
    assert stages()[-1].stage in by_name
    for one in stages():
        if found := by_name.get(one.stage):
            assert one.agreement == found["all"]["agreement"]
            assert one.never_seen == found["never seen"]["agreement"]
            assert one.top1 == found["all"]["top1"]


def test_the_model_card_has_the_same_table():
    assert stage_markdown(stages()) in FILE.with_name("README.md").read_text("utf-8")


def test_stages_that_share_a_loss_stand_together():
    one, two, three = (
        Stage(
            stage=name, starts_from="", views=1, minutes=1.0, loss=loss,
            watched=None, agreement=None, never_seen=None, top1=None,
        )
        for name, loss in (("a", "this"), ("b", "that"), ("c", "this"))
    )  # fmt: skip
    assert stage_losses((one, two, three)) == ["- Loss of a, c: this.", "- Loss of b: that."]


def test_the_log_is_the_last_stages():
    assert training_curve().views[-1] == stages()[-1].views


def test_goals_are_the_logs_columns():
    curve, rows = training_curve(), [row for row in logged_rows() if row["loss"]]
    np.testing.assert_allclose(curve.goals["soft"], [float(row["soft"]) for row in rows], rtol=1e-6)
    assert curve.sizes[0] == float(rows[0]["size"])
    assert all(len(values) == len(curve.loss) for values in curve.goals.values())


@pytest.mark.parametrize("one", stages(), ids=lambda one: one.stage)
def test_a_stage_without_a_figure_has_a_dash(one):
    (line,) = [line for line in stage_markdown((one,)).splitlines() if line.startswith(f"| {one.stage} ")]
    assert line.count("–") == [one.agreement, one.never_seen, one.top1].count(None)
