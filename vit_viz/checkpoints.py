"""Weights from files: a reader's own, and the one that comes with the project."""

import json
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from vit_viz.errors import CheckpointError

BUNDLED_FILE = Path(__file__).parents[1] / "assets" / "model" / "vit_viz.safetensors"
UNTRAINED_SEED = 0
# held while a model is built: its first weights come from torch's one random generator for all threads
BUILDING = RLock()


def read_state_dict(file: Path) -> dict[str, Tensor]:
    """Read a .safetensors or .pth file of plain tensors; never runs code from it.

    Raises CheckpointError.
    """
    if not os.path.isfile(file):
        raise CheckpointError(f"There is no file {file}. Give the path of a .safetensors or .pth file.")
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        if file.suffix not in (".pth", ".pt", ".bin"):
            raise CheckpointError(f"{file.name} is not a weight file; allowed are .safetensors and .pth.")
        content = torch.load(file, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except pickle.UnpicklingError:
        raise CheckpointError(
            f"{file.name} holds more than tensors, which could run code, so it is not opened. "
            "Save only the state dict, best as .safetensors."
        ) from None
    except Exception as error:  # on damaged bytes torch's unpickler raises almost anything
        raise CheckpointError(f"{file.name} cannot be read as weights: {first_line(error)}") from error
    return _tensors_of(content, file)


def _tensors_of(content: Any, file: Path) -> dict[str, Tensor]:
    for key in ("state_dict", "model", "model_ema"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not any(isinstance(value, Tensor) for value in content.values()):
        raise CheckpointError(
            f"{file.name} holds no state dict (names and tensors), but a {type(content).__name__}."
        )
    return {key: value for key, value in content.items() if isinstance(value, Tensor)}


def first_line(error: Exception) -> str:
    """The start of an error's text, for a sentence of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(lines[:2])
    return text if len(text) <= 200 else text[:199] + "…"


@cache
def bundled_header() -> dict[str, Any]:
    """What the bundled file says of itself: constructor arguments, preprocessing, training facts."""
    with safe_open(BUNDLED_FILE, "pt") as file:
        return json.loads(file.metadata()["vit_viz"])


def bundled_module() -> nn.Module:
    """The bundled model's architecture with the weights that this project trained."""
    with BUILDING:
        module = _bundled_architecture()
    module.load_state_dict({key: value.float() for key, value in load_file(BUNDLED_FILE).items()})
    return module


def untrained_module() -> nn.Module:
    """The same architecture at its random initialisation, the same on every machine: a seed, not a file."""
    with seeded(UNTRAINED_SEED):
        return _bundled_architecture()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """What is built within has the same first weights each time, whatever other threads build."""
    with BUILDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _bundled_architecture() -> nn.Module:
    header = bundled_header()
    module = VisionTransformer(**header["args"])
    module.pretrained_cfg = header["preprocessing"] | {"num_classes": header["args"]["num_classes"]}
    return module
