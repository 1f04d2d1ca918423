"""Checkpoints in parts, so that none is too large to be carried from machine to machine.

A checkpoint is `checkpoint-<step>.json` (written last: a checkpoint without it does not count)
and `checkpoint-<step>.part-<k>`, which together are one safetensors file.
"""

import hashlib
import json
import os
from pathlib import Path

import torch
from safetensors.torch import load, save

from vit_viz.errors import TrainingError

KEEP = 2


def write_checkpoint(
    folder: Path, step: int, tensors: dict[str, torch.Tensor], facts: dict, part_bytes: int
) -> Path:
    """Write tensors and facts, then forget all but the newest KEEP checkpoints."""
    folder.mkdir(parents=True, exist_ok=True)
    blob = save({name: t.detach().cpu().contiguous() for name, t in tensors.items()})
    name = f"checkpoint-{step:08d}"
    parts = [blob[at : at + part_bytes] for at in range(0, len(blob), part_bytes)]
    for k, part in enumerate(parts):
        (folder / f"{name}.part-{k:03d}").write_bytes(part)
    index = facts | {
        "step": step,
        "parts": len(parts),
        "sha256": hashlib.sha256(blob).hexdigest(),
    }
    path = folder / f"{name}.json"
    path.with_suffix(".tmp").write_text(json.dumps(index, indent=1))
    os.replace(path.with_suffix(".tmp"), path)
    forget_old(folder)
    return path


def forget_old(folder: Path) -> None:
    """Remove all but the newest KEEP checkpoints, and what was left of one that was never finished."""
    newest = {file.stem for file in sorted(folder.glob("checkpoint-*.json"))[-KEEP:]}
    for file in folder.glob("checkpoint-*"):
        if file.stem not in newest:
            file.unlink()


def latest_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint, or None."""
    return max(folder.glob("checkpoint-*.json"), default=None)


def read_checkpoint(path: Path) -> tuple[dict[str, torch.Tensor], dict]:
    """Tensors and facts of one checkpoint; a missing or damaged part is an error."""
    facts = json.loads(path.read_text())
    names = [path.with_name(f"{path.stem}.part-{k:03d}") for k in range(facts["parts"])]
    blob = b"".join(name.read_bytes() for name in names)
    digest = hashlib.sha256(blob).hexdigest()
    if digest != facts["sha256"]:
        raise TrainingError(
            f"{path} names {facts['parts']} parts with sha256 {facts['sha256']}, but the parts "
            f"beside it have {digest}: one is damaged. Remove this checkpoint to use the last."
        )
    return load(blob), facts
