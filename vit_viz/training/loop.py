"""The loop: steps, log and checkpoints. Calling `train` again continues the run."""

import csv
import math
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import torch
from timm.models.vision_transformer import VisionTransformer

from vit_viz.errors import TrainingError
from vit_viz.training.augment import Batch, mixup, plain_views, random_views
from vit_viz.training.checkpoint import latest_checkpoint, read_checkpoint, write_checkpoint
from vit_viz.training.config import Config
from vit_viz.training.data import batch_order, load_photos
from vit_viz.training.distill import HEAD_COPIES, Lesson, Teacher, check_sizes, load_teacher
from vit_viz.training.machine import Machine, choose_machine
from vit_viz.training.run import Run, new_run
from vit_viz.training.schedule import Stage, stage

LOG_SECONDS = 10.0
SEEDS_PER_RUN = 1000
PARTS = ("loss", "hidden", "soft", "head", "hard", "agreement")
COLUMNS = (
    "step", "views", "passes", "minutes", "phase", "size", "lr", *PARTS,
    "images_per_s", "kept_out_agreement", "kept_out_top1",
)  # fmt: skip


def train(config: Config, out: Path, minutes: float = 0.0, steps: int = 0) -> Run:
    """Train until the plan is done, or stop cleanly after `minutes` or at step `steps`.

    What `out` holds is continued. Raises TrainingError where that is a run of other options, and FloatingPointError
    where the loss or its gradient is no longer finite: the checkpoints in `out` are then from before.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    machine = choose_machine(config)
    torch.set_float32_matmul_precision("high")
    teacher = load_teacher(config)
    check_sizes(teacher, config)
    teacher.to(machine.device)
    run = new_run(config, teacher, machine)
    if newest := latest_checkpoint(out):
        tensors, facts = read_checkpoint(newest)
        check_same_run(Config(**facts["config"]), config, out)
        run.restore(tensors, facts)
        print(f"continuing {newest}: step {run.step}, {run.seconds / 60:.1f} minutes")
    session = Session(config, out, machine, teacher, run)
    session.go(minutes, steps)
    return run


def check_same_run(before: Config, now: Config, out: Path) -> None:
    """Raise TrainingError where the options are not those of the run in `out`."""
    if names := before.differences(now):
        changes = ", ".join(
            f"--{name.replace('_', '-')} {getattr(before, name)!r} (now {getattr(now, name)!r})"
            for name in names
        )
        raise TrainingError(
            f"The run in {out} has {changes}. Give the same to continue it, or another --out for a new run: "
            "that can start from this one's weights, by `export` and --init."
        )


@contextmanager
def on_signals(handler: Callable[..., None]) -> Iterator[None]:
    """Within it Ctrl-C and SIGTERM call the handler; after it, also after an error, what they called before."""
    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


class Session:
    """One sitting of a run on one machine."""

    def __init__(self, config: Config, out: Path, machine: Machine, teacher: Teacher, run: Run) -> None:
        self.config, self.out, self.machine, self.run = config, out, machine, run
        self.teacher_model = teacher
        started = time.monotonic()
        self.photos = load_photos(config, kept_out=False).to(machine.device)
        self.kept_out = load_photos(config, kept_out=True, most=config.watch).to(machine.device)
        print(
            f"{len(self.photos)} photos, {len(self.kept_out)} watched, decoded in "
            f"{time.monotonic() - started:.0f} s; {machine}",
            flush=True,
        )
        run.distiller.set_seen(self.photos.label)
        for module in (teacher, run.distiller):
            machine.choose_attention(module)
        compiled = torch.compile if machine.compiled else lambda module, **_: module
        self.teacher = compiled(teacher, dynamic=False)
        self.distiller = compiled(run.distiller, dynamic=False)
        self.batch_size = min(config.batch_size, len(self.photos))
        self.per_pass = len(self.photos) // self.batch_size
        # the views of the run before, once more, would be learnt by heart (the card: "Views that repeat")
        self.seed = config.seed + SEEDS_PER_RUN * run.earlier_runs()
        self.stopped = False

    def progress(self, step: int) -> float:
        """Share of the plan that is done before the given step."""
        if self.config.anneal_minutes:
            return self.run.seconds / 60 / self.config.anneal_minutes
        return step / max(self.config.passes * self.per_pass, 1)

    def go(self, minutes: float, steps: int) -> None:
        """Step until done; log every few seconds, write a checkpoint every few minutes."""
        log = Log(self.out / "log.csv", self)
        started = previous = saved = time.monotonic()
        now = stage(self.config, min(self.progress(self.run.step), 1.0))
        self.run.distiller.train()
        with on_signals(self.stop):
            for now, batch, lesson in ahead(self.lessons(), self.config.prefetch):
                log.add(self.train_step(now, batch, lesson))
                clock = time.monotonic()
                self.run.seconds += clock - previous
                previous = clock
                enough = bool(minutes) and clock - started > 60 * minutes
                if self.stopped or enough or (steps and self.run.step >= steps):
                    break
                if clock - saved > 60 * self.config.checkpoint_minutes:
                    self.save(log, now)
                    saved = time.monotonic()
                log.maybe_write(now)
            self.save(log, now)
        self.run.distiller.eval()

    def stop(self, number: int, _: object) -> None:
        """What SIGTERM and Ctrl-C do: the step ends and a checkpoint is written; a second Ctrl-C does not wait."""
        if self.stopped and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.stopped = True

    def save(self, log: "Log", now: Stage) -> None:
        """Write a checkpoint and a line with kept-out figures; nothing where losses are no longer finite."""
        log.means()  # raises
        facts = {
            "seconds": self.run.seconds,
            "phase": self.run.phase,
            "views": self.run.step * self.batch_size,
            "started_from": self.run.started_from,
            "config": asdict(self.config),
        }
        step, part_bytes = self.run.step, self.config.part_bytes
        write_checkpoint(self.out, step, self.run.tensors(), facts, part_bytes)
        log.write(now, *self.watch())

    def lessons(self) -> Iterator[tuple[Stage, Batch, Lesson]]:
        """What to learn at each step from now on, until the plan is done."""
        step = self.run.step
        while (progress := self.progress(step)) < 1:
            now = stage(self.config, progress)
            batch, noise = self.make_batch(now, step)
            with self.machine.autocast():
                lesson = self.teacher(batch.images, noise)
            yield now, batch, lesson
            step += 1

    def train_step(self, now: Stage, batch: Batch, lesson: Lesson) -> dict[str, torch.Tensor]:
        """Learn from one batch; the loss, its parts and the length of its gradient before it is clipped."""
        run, config = self.run, self.config
        if now.phase != run.phase:
            # Adam divides by the gradients it has seen: those of another loss may be far smaller
            for optimizer in run.optimizers:
                optimizer.state.clear()
            run.phase = now.phase
        for group in (group for optimizer in run.optimizers for group in optimizer.param_groups):
            faster = group.get("speed_in_blocks", 1.0) if now.phase == "blocks" else 1.0
            group["lr"] = now.lr * faster
        hard = torch.full((), now.hard, device=self.machine.device)
        with self.machine.autocast():
            parts = self.distiller(now.phase, batch.images, lesson, batch.labels, batch.share, hard)
        run.distiller.zero_grad(set_to_none=True)
        parts["loss"].backward()
        parts["gradient"] = torch.nn.utils.clip_grad_norm_(run.distiller.parameters(), config.clip)
        for optimizer in run.optimizers:
            optimizer.step()
        run.step += 1
        half_lives = self.batch_size / config.ema_half_life
        warm = run.step / (run.step + 10)  # or the first, random weights would stay for long
        run.update_ema(min(0.5**half_lives, warm))
        return {name: value.detach() for name, value in parts.items()}

    def make_batch(self, now: Stage, step: int) -> tuple[Batch, torch.Tensor]:
        """Views of the step's photos, and the noise that disturbs the head's inputs.

        All randomness comes from generators seeded with the run and the step.
        """
        config = self.config
        chosen = batch_order(len(self.photos), self.batch_size, step, self.seed)
        seed = (self.seed + 1) * 1_000_000_007 + step
        generator, decide = torch.Generator(self.machine.device), torch.Generator()
        generator.manual_seed(seed)
        decide.manual_seed(seed)
        batch = random_views(self.photos, chosen, now.size, config, generator, decide)
        if torch.rand(1, generator=decide).item() < now.mixup:
            batch = mixup(batch, generator)
        shape = (HEAD_COPIES, len(chosen), config.embed_dim)
        return batch, torch.randn(shape, generator=generator, device=generator.device)

    @torch.no_grad()
    def watch(self) -> tuple[float, float]:
        """Agreement with the teacher and top-1 of the moving average on some kept-out photos."""
        student = VisionTransformer(**self.config.student_args()).to(self.machine.device).eval()
        student.load_state_dict(self.run.ema)
        mean, std = self.run.distiller.mean, self.run.distiller.std
        answers, truths, labels = [], [], []
        for chosen in torch.arange(len(self.kept_out)).split(64):
            batch = plain_views(self.kept_out, chosen, self.config.img_size)
            with self.machine.autocast():
                answers.append(student((batch.images - mean) / std).argmax(-1))
                teacher = self.teacher_model
                truths.append(teacher.model(teacher.normalised(batch.images)).argmax(-1))
            labels.append(batch.labels[0])
        answer, truth, label = (torch.cat(values) for values in (answers, truths, labels))
        known = label >= 0
        top1 = (answer == label)[known].float().mean().item() if known.any() else float("nan")
        return (answer == truth).float().mean().item(), top1


def ahead(items: Iterator, count: int) -> Iterator:
    """The same items, up to `count` of them made in advance by one other thread.

    Two threads with a task each share two busy cores better than two that wait for each other
    in every matrix product: with one core taken by others that was 7 times slower.
    """
    if not count:
        yield from items
        return
    with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        pending = deque(pool.submit(next, items, None) for _ in range(count))
        while (item := pending.popleft().result()) is not None:
            pending.append(pool.submit(next, items, None))
            yield item


class Log:
    """A CSV file and a line on the terminal. Losses are averaged over the lines' steps.

    Lines of steps after the run's are dropped at the start: their checkpoint was lost, and they come once more.
    """

    def __init__(self, path: Path, session: Session) -> None:
        self.path, self.session = path, session
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text().rpartition("\n")[0].splitlines()[1:] if path.exists() else []
        kept = [line for line in lines if int(line.split(",")[0]) <= session.run.step]
        path.write_text("\n".join([",".join(COLUMNS), *kept]) + "\n")
        self.reset()

    def reset(self) -> None:
        """Begin a new line."""
        self.sums: dict[str, torch.Tensor] = {}
        self.count, self.since = 0, time.monotonic()

    def add(self, parts: dict[str, torch.Tensor]) -> None:
        """Add on the device: reading a number here would make a GPU wait for the step to end."""
        self.count += 1
        for name, value in parts.items():
            self.sums[name] = self.sums.get(name, 0) + value

    def maybe_write(self, now: Stage) -> None:
        """Write a line if the last one is a while ago."""
        if self.count and time.monotonic() - self.since > LOG_SECONDS:
            self.write(now)

    def means(self) -> dict[str, float]:
        """Loss, parts and gradient since the last line; FloatingPointError where one is not finite."""
        means = {name: float(value) / self.count for name, value in self.sums.items()}
        broken = [f"{name} is {mean}" for name, mean in means.items() if not math.isfinite(mean)]
        if broken:
            out, run = self.session.out, self.session.run
            option = "--lr-blocks" if run.phase == "blocks" else "--lr"
            raise FloatingPointError(
                f"{', '.join(broken)} between the steps {run.step - self.count + 1} and {run.step}, of which "
                f"nothing was saved. Begin again with a lower {option} in another --out, from the last checkpoint "
                f"where {out} holds one: `export` it and give the file as --init."
            )
        return means

    def write(self, now: Stage, agreement: float | None = None, top1: float | None = None) -> None:
        """Write a line, with kept-out figures where they were measured."""
        session, run = self.session, self.session.run
        speed = self.count * session.batch_size / max(time.monotonic() - self.since, 1e-9)
        means = self.means()
        row = {
            "step": run.step,
            "views": run.step * session.batch_size,
            "passes": f"{run.step / session.per_pass:.3f}",
            "minutes": f"{run.seconds / 60:.2f}",
            "phase": now.phase,
            "size": now.size,
            "lr": f"{now.lr:.3g}",
            **{name: f"{means[name]:.4f}" for name in PARTS if name in means},
            "images_per_s": f"{speed:.1f}" if self.count else "",
            "kept_out_agreement": "" if agreement is None else f"{agreement:.4f}",
            "kept_out_top1": "" if top1 is None else f"{top1:.4f}",
        }
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, COLUMNS, lineterminator="\n").writerow(row)
        print(self.line(row), file=sys.stderr, flush=True)
        self.reset()

    def line(self, row: dict) -> str:
        """For people: the row's numbers and the time left."""
        progress = max(self.session.progress(self.session.run.step), 1e-9)
        left = self.session.run.seconds * max(1 / progress - 1, 0) / 60
        shown = " ".join(f"{k} {v}" for k, v in row.items() if v != "")
        return f"{100 * progress:5.1f} % {shown} · {left:.0f} min left"
