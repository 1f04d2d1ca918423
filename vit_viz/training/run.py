"""The state of a run: student, optimizer, moving average, and how they become a checkpoint and come back."""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from vit_viz.checkpoints import first_line, load_exported, read_header
from vit_viz.errors import TrainingError
from vit_viz.training.config import Config
from vit_viz.training.distill import Distiller, Teacher
from vit_viz.training.machine import Machine
from vit_viz.training.muon import Muon
from vit_viz.training.weights import deepened


@dataclass(eq=False)
class Run:
    """All that changes during training; what a checkpoint holds."""

    distiller: Distiller
    optimizers: tuple[torch.optim.Optimizer, ...]
    weights: dict[str, torch.Tensor] = field(init=False)  # the student's own tensors, without gradients
    ema: dict[str, torch.Tensor] = field(init=False)  # their moving average
    step: int = 0
    seconds: float = 0.0
    phase: str = ""  # that of the last step
    started_from: dict = field(default_factory=dict)  # training facts of the file in config.init

    def __post_init__(self):
        self.weights = self.distiller.student.state_dict()
        self.ema = {k: v.clone() for k, v in self.weights.items()}

    def earlier_runs(self) -> int:
        """How many runs, one after the other, made the weights that this one started from."""
        count, facts = 0, self.started_from
        while facts:
            count, facts = count + 1, facts.get("started_from")
        return count

    def update_ema(self, decay: float) -> None:
        """Move the average by 1 - decay towards the weights, all tensors in one call."""
        ema, weights = list(self.ema.values()), list(self.weights.values())
        torch._foreach_lerp_(ema, weights, 1 - decay)  # pyright: ignore[reportPrivateImportUsage]

    def tensors(self) -> dict[str, torch.Tensor]:
        """Everything as one flat dict: model, moving average, the optimizers' moments."""
        flat = {f"model.{k}": v for k, v in self.distiller.state_dict().items()}
        flat |= {f"ema.{k}": v for k, v in self.ema.items()}
        for k, optimizer in enumerate(self.optimizers):
            for i, state in optimizer.state_dict()["state"].items():
                flat |= {f"optimizer.{k}.{i}.{name}": value for name, value in state.items()}
        return flat

    def restore(self, tensors: dict[str, torch.Tensor], facts: dict) -> None:
        """Take over what `tensors` and the facts beside them hold."""
        groups = {"model": {}, "ema": {}, "optimizer": {}}
        for name, value in tensors.items():
            group, key = name.split(".", 1)
            groups[group][key] = value
        self.distiller.load_state_dict(groups["model"])
        for name, value in groups["ema"].items():
            self.ema[name].copy_(value)
        states: list[dict] = [{} for _ in self.optimizers]
        for name, value in groups["optimizer"].items():
            k, i, key = name.split(".")
            states[int(k)].setdefault(int(i), {})[key] = value
        for optimizer, state in zip(self.optimizers, states, strict=True):
            optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
        self.step, self.seconds, self.phase = facts["step"], facts["seconds"], facts["phase"]
        self.started_from = facts["started_from"]


def new_run(config: Config, teacher: Teacher, machine: Machine) -> Run:
    """A run from random weights (by seed), or from an exported file, which may have fewer blocks.

    Raises CheckpointError and TrainingError for a file that is none of ours or does not fit.
    """
    torch.manual_seed(config.seed)
    distiller = Distiller(config, teacher)
    started_from = {}
    if config.init:
        weights = load_exported(Path(config.init)).state_dict()
        _start_from(distiller.student, deepened(weights, config.depth), config)
        started_from = read_header(Path(config.init))["training"]
    distiller.to(machine.device)
    return Run(distiller, make_optimizers(distiller, config), started_from=started_from)


def _start_from(student: nn.Module, weights: dict[str, torch.Tensor], config: Config) -> None:
    try:
        student.load_state_dict(weights)
    except RuntimeError as error:
        raise TrainingError(
            f"The weights of {config.init} are not of this student's sizes: give --init a file of the same "
            f"patches, width, heads and classes, or change those to the file's ({first_line(error)})."
        ) from None


def make_optimizers(distiller: Distiller, config: Config) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the blocks' matrices, AdamW for all else; biases, norms, positions and the CLS token do not decay.

    Muon's steps are scaled to the length of AdamW's (Liu et al. 2025), so one learning rate serves both.
    """
    matrices, tokens, decays, others = [], [], [], []
    for name, p in distiller.named_parameters():
        in_blocks = name.startswith("student.blocks.") and p.ndim == 2
        is_token = name.endswith(("embed", "token"))
        kind = matrices if in_blocks else tokens if is_token else decays if p.ndim > 1 else others
        kind.append((name, p))
    groups = [
        {"params": decays, "weight_decay": config.weight_decay},
        {"params": others},
        {"params": tokens, "speed_in_blocks": config.token_speed},
    ]
    return (
        Muon(matrices, lr=config.lr, weight_decay=config.weight_decay),
        torch.optim.AdamW(groups, lr=config.lr, weight_decay=0.0, fused=True),
    )
