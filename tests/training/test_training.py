"""Runs on the tiny data set: the loss falls, and stopping changes nothing."""

import csv
import itertools
import json
import os
import signal
from dataclasses import asdict, replace

import pytest
import torch
from timm.models.vision_transformer import VisionTransformer

from vit_viz.errors import CheckpointError, TrainingError
from vit_viz.training.__main__ import run_export
from vit_viz.training.checkpoint import latest_checkpoint, read_checkpoint, write_checkpoint
from vit_viz.training.config import OF_THE_MACHINE
from vit_viz.training.distill import Distiller, corrected_answer, hard_error, load_teacher
from vit_viz.training.loop import Session, ahead, train
from vit_viz.training.machine import choose_machine
from vit_viz.training.run import Run, new_run
from vit_viz.training.schedule import stage


def fresh_run(config) -> Run:
    """A run that has not begun."""
    return new_run(config, load_teacher(config), choose_machine(config))


def first_view(run, config) -> torch.Tensor:
    """The first picture that the run learns from [3, S, S]."""
    session = Session(config, None, choose_machine(config), load_teacher(config), run)
    return session.make_batch(stage(config, 0.0), step=0)[0].images[0]


def fixed_loss(run, config, phase) -> float:
    """The loss on one fixed batch of training photos."""
    teacher = load_teacher(config)
    session = Session(config, None, choose_machine(config), teacher, run)
    now = replace(stage(config, 0.99), phase=phase, size=config.img_size)
    batch, noise = session.make_batch(now, step=10**6)
    hard = torch.tensor(now.hard)
    with torch.no_grad():
        lesson = teacher(batch.images, noise)
        parts = run.distiller(phase, batch.images, lesson, batch.labels, batch.share, hard)
    return parts["loss"].item()


@pytest.mark.parametrize(("phase", "share"), [("blocks", 1.0), ("end", 0.0)])
def test_loss_falls(config, tmp_path, phase, share):
    config = replace(config, blocks_share=share, passes=8)
    untrained = fixed_loss(fresh_run(config), config, phase)
    trained = fixed_loss(train(config, tmp_path), config, phase)
    assert trained < 0.9 * untrained


@pytest.mark.parametrize("share", [1.0, 0.0], ids=["blocks", "end"])
def test_batches_of_one_photo_can_be_learnt_from(config, tmp_path, share):
    run = train(replace(config, blocks_share=share, batch_size=1), tmp_path, steps=2)
    assert all(value.isfinite().all() for value in run.weights.values())


def test_tokens_are_disturbed_as_far_as_those_of_the_batch_differ(config):
    """Noise of 1 moves a token by the standard deviation of the batch's; by nothing where it is alone."""
    teacher = load_teacher(config)
    images = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    for batch in (images, images[:1]):
        lesson = teacher(batch, torch.ones(1, len(batch), config.embed_dim))
        cls = lesson.stream[-1][:, 0]
        moved = (cls - cls.mean(0)).square().mean(0).sqrt()
        torch.testing.assert_close(lesson.probes, cls + moved)


def test_labels_say_nothing_about_classes_without_photos(config):
    """Their logits get no gradient from the labels; those of classes with photos do."""
    distiller = fresh_run(config).distiller
    distiller.set_seen(torch.tensor([0, 2, -1, 2]))
    logits = torch.zeros(4, config.num_classes, requires_grad=True)
    labels = torch.tensor([[0, 2, -1, 2]] * 2)
    hard_error(logits.masked_fill(~distiller.seen, -torch.inf), labels, torch.ones(())).backward()
    assert logits.grad is not None
    assert logits.grad[:, 2].abs().tolist() == [0.125, 0.125, 0.0, 0.125]  # (½ of two classes) / 4
    assert not logits.grad[:, torch.tensor([1, *range(3, config.num_classes)])].any()


def test_a_label_corrects_the_teacher_among_the_classes_with_photos_alone():
    teacher = torch.tensor([[0.1, 0.2, 0.3, 0.4]]).log().expand(3, -1)
    seen = torch.tensor([True, True, True, False])
    labels = torch.tensor([[0, -1, 0], [0, -1, 1]])
    answer = corrected_answer(teacher, labels, torch.tensor(0.5), seen, 0.5)
    torch.testing.assert_close(answer[0], torch.tensor([0.05 + 0.3, 0.1, 0.15, 0.4]))
    torch.testing.assert_close(answer[1], torch.tensor([0.1, 0.2, 0.3, 0.4]))
    torch.testing.assert_close(answer[2], torch.tensor([0.05 + 0.15, 0.1 + 0.15, 0.15, 0.4]))


def test_resuming_gives_the_same_weights_as_not_stopping(config, tmp_path):
    config = replace(config, mixup=0.5, mixup_from=0.0)
    whole = train(config, tmp_path / "whole")
    for stop in (3, 11, 0):  # in the first phase, in the second, at the end of the plan
        parts = train(config, tmp_path / "parts", steps=stop)
    assert parts.step == whole.step == 28
    assert whole.tensors().keys() == parts.tensors().keys()
    for name, value in whole.tensors().items():
        assert torch.equal(value, parts.tensors()[name]), name


def test_each_phase_begins_with_optimizers_of_its_own(config, tmp_path):
    """After the phase's first step, the eighth of the plan, they have seen that step's gradient alone."""
    run = train(config, tmp_path, steps=8)
    assert run.phase == "end"
    muon, adamw = run.optimizers
    assert {int(state["step"]) for state in adamw.state.values()} == {1}
    share = 1 - muon.param_groups[0]["momentum"]
    for p, state in muon.state.items():
        torch.testing.assert_close(state["momentum_buffer"], share * p.grad)


def test_muon_steps_the_matrices_of_the_blocks_and_adamw_all_else(config):
    run = fresh_run(config)
    names = {id(p): name for name, p in run.distiller.named_parameters()}
    muon, adamw = (
        {names.pop(id(p)) for group in optimizer.param_groups for p in group["params"]}
        for optimizer in run.optimizers
    )
    assert not names
    assert {name.split(".", 3)[3] for name in muon} == {
        "attn.qkv.weight", "attn.proj.weight", "mlp.fc1.weight", "mlp.fc2.weight",
    }  # fmt: skip
    assert {"student.head.weight", "student.patch_embed.proj.weight", "student.pos_embed"} < adamw


def test_a_run_that_starts_from_another_draws_other_views(end_to_end, tmp_path):
    """Also after a stop, and each of three in a row."""
    first_views = []
    for name in ("first", "second", "third"):
        train(end_to_end, tmp_path / name, steps=1)
        stopped = fresh_run(end_to_end)
        stopped.restore(*read_checkpoint(latest_checkpoint(tmp_path / name)))
        first_views += [first_view(run, end_to_end) for run in (fresh_run(end_to_end), stopped)]
        run_export(tmp_path / name, tmp_path / f"{name}.safetensors", name)
        end_to_end = replace(end_to_end, init=str(tmp_path / f"{name}.safetensors"))
    again = [torch.equal(one, other) for one, other in itertools.combinations(first_views, 2)]
    assert sum(again) == 3  # each with itself after the stop


def test_preparing_batches_in_another_thread_changes_nothing(end_to_end, tmp_path):
    here = train(end_to_end, tmp_path / "here", steps=5)
    threads = torch.get_num_threads()
    there = train(replace(end_to_end, prefetch=2), tmp_path / "there", steps=5)
    torch.set_num_threads(threads)
    for name, value in here.ema.items():
        torch.testing.assert_close(value, there.ema[name])


def test_ahead_keeps_the_order_and_ends():
    assert list(ahead(iter(range(1, 8)), 3)) == [1, 2, 3, 4, 5, 6, 7]
    assert list(ahead(iter(range(3)), 0)) == [0, 1, 2]


def test_an_error_in_the_other_thread_is_raised():
    def items():
        yield 1
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        list(ahead(items(), 2))


def test_minutes_stop_cleanly_with_a_checkpoint(end_to_end, tmp_path):
    run = train(replace(end_to_end, passes=10**6), tmp_path, minutes=1e-4)
    _, facts = read_checkpoint(latest_checkpoint(tmp_path))
    assert 0 < facts["step"] == run.step < 1000


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_cleanly_with_a_checkpoint(end_to_end, tmp_path, monkeypatch, number):
    before = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)]
    monkeypatch.setattr(Session, "train_step", signalled(Session.train_step, number))
    train(end_to_end, tmp_path)
    assert json.loads(latest_checkpoint(tmp_path).read_text())["step"] == 1
    assert [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)] == before


def signalled(step, *numbers):
    """The step, with signals sent to this process before it."""

    def send_and_step(self, *args):
        for number in numbers:
            os.kill(os.getpid(), number)
        return step(self, *args)

    return send_and_step


def test_a_second_ctrl_c_does_not_wait_for_the_step(end_to_end, tmp_path, monkeypatch):
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(Session, "train_step", signalled(Session.train_step, signal.SIGINT, signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        train(end_to_end, tmp_path)
    assert signal.getsignal(signal.SIGINT) == before


def test_after_an_error_signals_do_what_they_did(end_to_end, tmp_path, monkeypatch):
    before = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)]
    monkeypatch.setattr(Session, "train_step", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(end_to_end, tmp_path)
    assert [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)] == before


def poisoned(step, at, what):
    """The step, but at step `at` the loss or, with a finite loss, its gradient is not a number."""

    def train_step(self, now, batch, lesson):
        if self.run.step == at - 1:
            weight = self.run.distiller.student.head.weight
            if what == "loss":
                weight.data[0, 0] = torch.nan
            else:
                weight.register_hook(lambda grad: grad * torch.inf)
        return step(self, now, batch, lesson)

    return train_step


@pytest.mark.parametrize("what", ["loss", "gradient"])
@pytest.mark.parametrize("seconds", [0.0, 1000.0])
def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_checkpoints(
    end_to_end, tmp_path, monkeypatch, what, seconds
):
    """Whether the log or the next checkpoint comes first; what to do is to begin with a lower rate."""
    monkeypatch.setattr("vit_viz.training.loop.LOG_SECONDS", seconds)
    train(end_to_end, tmp_path, steps=2)
    train(end_to_end, tmp_path, steps=4)
    kept = {file.name: file.read_bytes() for file in tmp_path.glob("checkpoint-*")}
    monkeypatch.setattr(Session, "train_step", poisoned(Session.train_step, 6, what))
    with pytest.raises(
        FloatingPointError, match=rf"{what} is (nan|inf).*steps [56] and 6.*lower --lr "
    ) as error:
        train(end_to_end, tmp_path, steps=6)
    assert str(tmp_path) in str(error.value)
    assert {file.name: file.read_bytes() for file in tmp_path.glob("checkpoint-*")} == kept


def test_the_log_tells_every_step_once_after_a_crash(end_to_end, tmp_path, monkeypatch):
    """Steps whose checkpoint was lost are told again, and a line that was cut short is not a line."""
    monkeypatch.setattr("vit_viz.training.loop.LOG_SECONDS", 0.0)
    train(end_to_end, tmp_path, steps=3)
    train(end_to_end, tmp_path, steps=5)
    for file in tmp_path.glob("checkpoint-00000005*"):
        file.unlink()
    with (tmp_path / "log.csv").open("a") as file:
        file.write("1")  # of 13
    train(end_to_end, tmp_path, steps=6)
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("name", "value"), [("batch_size", 8), ("lr", 0.5), ("seed", 1), ("passes", 9.0), ("hard", 0.1)]
)
def test_a_run_goes_on_with_no_other_options(end_to_end, tmp_path, name, value):
    train(end_to_end, tmp_path, steps=1)
    told = rf"has --{name.replace('_', '-')} {getattr(end_to_end, name)!r} \(now {value!r}\)\. Give"
    with pytest.raises(TrainingError, match=told):
        train(replace(end_to_end, **{name: value}), tmp_path)


def test_a_run_goes_on_with_other_options_of_the_machine(end_to_end, tmp_path):
    train(end_to_end, tmp_path, steps=1)
    elsewhere = replace(end_to_end, watch=2, checkpoint_minutes=1.0, part_bytes=10_000, precision="bf16")
    assert train(elsewhere, tmp_path, steps=2).step == 2
    assert set(OF_THE_MACHINE) < asdict(end_to_end).keys()


def test_by_the_clock_the_schedule_ends_whatever_the_speed(end_to_end, tmp_path):
    config = replace(end_to_end, anneal_minutes=0.02, passes=0)
    train(config, tmp_path)
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    assert float(rows[-1]["lr"]) < 0.5 * config.lr
    assert stage(config, 1.0).lr == pytest.approx(0, abs=1e-12)


def test_only_the_watched_photos_are_kept(end_to_end, tmp_path):
    """The first of those kept out, as many as `watch`; none of them is no error."""
    for watch, places in ((3, [0, 50, 0]), (100, [0, 50, 0, 50]), (0, [])):
        config = replace(end_to_end, watch=watch)
        session = Session(config, tmp_path, choose_machine(config), load_teacher(config), fresh_run(config))
        assert session.kept_out.index.tolist() == places
        assert sum(len(side) for side in session.kept_out.images) == len(places)


def test_the_student_trains_in_its_own_mode_and_is_given_back_ready_to_use(end_to_end, tmp_path, monkeypatch):
    modes = []
    step = Session.train_step
    monkeypatch.setattr(
        Session, "train_step", lambda self, *a: modes.append(self.run.distiller.training) or step(self, *a)
    )
    run = train(end_to_end, tmp_path, steps=2)
    assert modes == [True, True]
    assert not any(module.training for module in run.distiller.modules())


def test_log_has_losses_and_kept_out_figures(end_to_end, tmp_path):
    run = train(end_to_end, tmp_path, steps=6)
    row = list(csv.DictReader((tmp_path / "log.csv").open()))[-1]
    assert int(row["step"]) == run.step == 6
    assert int(row["views"]) == 96
    assert float(row["loss"]) > 0
    assert 0 <= float(row["kept_out_agreement"]) <= 1


def test_photos_grow_within_a_phase(config):
    config = replace(config, small_size=16, small_share=0.5, blocks_share=0.5)
    sizes = [(stage(config, p).phase, stage(config, p).size) for p in (0, 0.3, 0.6, 0.9)]
    assert sizes == [("blocks", 16), ("blocks", 32), ("end", 16), ("end", 32)]


def test_smaller_photos_train_the_same_positions(end_to_end, tmp_path):
    config = replace(end_to_end, small_size=16, small_share=1.0)
    run = train(config, tmp_path, steps=2)
    start = fresh_run(config)
    now, before = (r.distiller.student.pos_embed for r in (run, start))
    assert now.shape == (1, 17, 32)
    assert (now - before).abs()[0].max(-1).values.min() > 0  # every position moved


def test_a_wider_teacher_is_matched_through_a_linear_map(end_to_end, tmp_path):
    config = replace(end_to_end, embed_dim=16)
    run = train(config, tmp_path, steps=3)
    assert run.distiller.maps[1].weight.shape == (32, 16)
    assert not any("maps" in name for name in run.ema)


def test_blocks_cannot_be_forced_by_a_wider_teacher(config, tmp_path):
    with pytest.raises(TrainingError, match="student's width"):
        train(replace(config, embed_dim=16), tmp_path, steps=1)


def test_a_missing_teacher_says_what_to_give(config):
    with pytest.raises(CheckpointError, match="--teacher-arch"):
        load_teacher(replace(config, teacher="nowhere.safetensors"))


def test_student_starts_from_random_weights_not_from_the_teacher(config):
    teacher = load_teacher(config)
    student = Distiller(config, teacher).student.state_dict()
    copied = [
        name
        for name, value in teacher.model.state_dict().items()
        if name in student and value.std() > 0 and torch.equal(value, student[name])
    ]
    assert copied == []


def test_checkpoint_comes_in_parts_no_larger_than_the_limit(end_to_end, tmp_path):
    config = replace(end_to_end, part_bytes=100_000)
    run = train(config, tmp_path, steps=2)
    parts = sorted(tmp_path.glob("*.part-*"))
    assert len(parts) > 3
    assert max(part.stat().st_size for part in parts) <= 100_000
    tensors, facts = read_checkpoint(latest_checkpoint(tmp_path))
    assert facts["config"] == asdict(config)
    assert all(torch.equal(tensors[name], value) for name, value in run.tensors().items())


def test_a_damaged_checkpoint_is_refused(tmp_path):
    path = write_checkpoint(tmp_path, 1, {"x": torch.ones(8)}, {}, part_bytes=40)
    part = sorted(tmp_path.glob("*.part-*"))[-1]
    part.write_bytes(part.read_bytes()[:-1] + b"!")
    with pytest.raises(TrainingError, match="damaged"):
        read_checkpoint(path)


def test_only_the_newest_checkpoints_are_kept(tmp_path):
    for step in (1, 2, 3):
        write_checkpoint(tmp_path, step, {"x": torch.ones(8)}, {}, part_bytes=40)
    assert [p.stem for p in sorted(tmp_path.glob("*.json"))] == [
        "checkpoint-00000002",
        "checkpoint-00000003",
    ]
    assert not list(tmp_path.glob("checkpoint-00000001*"))


def test_the_moving_average_is_a_model_of_its_own(end_to_end, tmp_path):
    run = train(end_to_end, tmp_path, steps=4)
    student = VisionTransformer(**end_to_end.student_args())
    student.load_state_dict(run.ema)
    assert not torch.equal(run.ema["head.weight"], run.distiller.student.head.weight)


@pytest.mark.parametrize("phase", ["blocks", "end"])
def test_a_student_that_is_the_teacher_has_nothing_left_to_learn(end_to_end, phase):
    """Of the teacher's 4 blocks the 2nd and 4th change nothing: blocks 1 and 3 are the student."""
    teacher = load_teacher(end_to_end)
    for block in teacher.model.blocks[1::2]:
        for last in (block.attn.proj, block.mlp.fc2):
            torch.nn.init.zeros_(last.weight)
            torch.nn.init.zeros_(last.bias)
    distiller = Distiller(end_to_end, teacher)
    weights = teacher.model.state_dict()
    distiller.student.load_state_dict(
        {name: weights[name.replace("blocks.1.", "blocks.2.")] for name in distiller.student.state_dict()}
    )
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(6, 3, 32, 32, generator=generator)
    lesson = teacher(images, torch.randn(4, 6, 32, generator=generator))
    unknown = torch.full((2, 6), -1)
    parts = distiller(phase, images, lesson, unknown, torch.ones(()), torch.ones(()))
    assert parts["loss"].item() == pytest.approx(0, abs=1e-6)
    assert parts.get("agreement", 1) == 1


def test_what_was_left_of_an_unfinished_checkpoint_goes_with_the_next(tmp_path):
    (tmp_path / "checkpoint-00000001.part-000").write_bytes(b"killed before its index was written")
    write_checkpoint(tmp_path, 2, {"x": torch.ones(8)}, {}, part_bytes=40)
    assert {file.stem for file in tmp_path.glob("checkpoint-*")} == {"checkpoint-00000002"}
