"""What a graphics card takes by default: one compiled graph per phase, and bfloat16."""

from dataclasses import replace

import pytest
import torch

from vit_viz.training.distill import load_teacher
from vit_viz.training.loop import Session, train
from vit_viz.training.machine import choose_machine
from vit_viz.training.run import new_run
from vit_viz.training.schedule import stage


@pytest.fixture
def session(config, tmp_path):
    """With photos that are smaller at first, on the CPU, in bfloat16."""
    config = replace(config, small_size=16, small_share=0.5, precision="bf16", compile="no")
    machine, teacher = choose_machine(config), load_teacher(config)
    return Session(config, tmp_path, machine, teacher, new_run(config, teacher, machine))


def graphs(function, *args) -> tuple[int, int]:
    """How many graphs torch.compile makes of a call, and at how many places it gives up in between."""
    torch._dynamo.reset()
    found = torch._dynamo.explain(function)(*args)
    return found.graph_count, found.graph_break_count


@pytest.mark.parametrize("phase", ["blocks", "end"])
def test_teacher_and_student_are_one_graph_each(session, phase):
    now = replace(stage(session.config, 0.0), phase=phase)
    batch, noise = session.make_batch(now, step=0)
    with session.machine.autocast():
        assert graphs(session.teacher, batch.images, noise) == (1, 0)
        lesson = session.teacher(batch.images, noise)
        hard = torch.full((), now.hard)
        student = session.run.distiller
        assert graphs(student, phase, batch.images, lesson, batch.labels, batch.share, hard) == (1, 0)


def test_no_step_of_a_phase_and_size_is_compiled_again(config, tmp_path, monkeypatch):
    """Four kinds of step, with mixup and labels fading in: four graphs of the student, two of the teacher."""
    torch._dynamo.reset()
    compiled = []

    def backend(graph, _):
        compiled.append(graph)
        return graph

    def compile_(module, **options):
        return real(module, backend=backend, **options)

    real = torch.compile
    monkeypatch.setattr(torch, "compile", compile_)
    config = replace(config, compile="yes", precision="bf16", small_size=16, small_share=0.5, mixup=0.5)
    config = replace(config, blocks_share=0.5, mixup_from=0.0, hard_from=0.0)
    assert train(config, tmp_path).step == 28
    assert len(compiled) == 6


@pytest.mark.parametrize("share", [1.0, 0.0], ids=["blocks", "end"])
def test_loss_falls_in_bfloat16(config, tmp_path, monkeypatch, share):
    losses = []
    step = Session.train_step

    def train_step(self, now, batch, lesson):
        assert torch.equal(lesson.logits, lesson.logits.bfloat16().float())  # they came out of bfloat16
        parts = step(self, now, batch, lesson)
        losses.append(parts["loss"].item())
        return parts

    monkeypatch.setattr(Session, "train_step", train_step)
    run = train(replace(config, blocks_share=share, passes=8, precision="bf16"), tmp_path)
    assert sum(losses[-7:]) < 0.8 * sum(losses[:7])
    assert {weight.dtype for weight in run.weights.values()} == {torch.float32}
