"""What to do at a given share of the plan."""

import math
from dataclasses import dataclass

from vit_viz.training.config import Config


@dataclass(frozen=True)
class Stage:
    """phase is "blocks" or "end"; size the side of the views; hard the weight of labels."""

    phase: str
    size: int
    lr: float
    hard: float
    mixup: float


def stage(config: Config, progress: float) -> Stage:
    """The stage at `progress` (0..1 of the plan). Each phase has its own warm-up and cosine."""
    in_blocks = progress < config.blocks_share
    start, share = (0.0, config.blocks_share) if in_blocks else (config.blocks_share, 1.0)
    within = (progress - start) / max(share - start, 1e-9)
    peak = config.lr_blocks if in_blocks else config.lr
    faded = (progress - config.hard_from) / max(1 - config.hard_from, 1e-9)
    return Stage(
        phase="blocks" if in_blocks else "end",
        size=config.small_size if within < config.small_share else config.img_size,
        lr=peak * warm_cosine(within, config.warmup),
        hard=config.hard * min(max(4 * faded, 0.0), 1.0),
        mixup=config.mixup if progress >= config.mixup_from else 0.0,
    )


def warm_cosine(within: float, warmup: float) -> float:
    """Linear warm-up, then half a cosine to zero."""
    if within < warmup:
        return max(within / warmup, 1e-3)
    within = min((within - warmup) / (1 - warmup), 1.0)
    return 0.5 * (1 + math.cos(math.pi * within))
