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
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from vit_viz.errors import CheckpointError

BUNDLED_FILE = Path(__file__).parents[1] / "assets" / "model" / "vit_viz.safetensors"
HEADER = "vit_viz"  # the key of the JSON in an exported file's header
LABELS = "labels"  # the key, there and in a module's pretrained_cfg, of the ImageNet set that the classes are
EXPORTED = {"args", "preprocessing", "training"}  # what that says at least
UNTRAINED_SEED = 0
# held while a model is built: its first weights come from torch's one random generator for all threads
BUILDING = RLock()


def read_state_dict(file: Path) -> dict[str, Tensor]:
    """Read a .safetensors or .pth file of plain tensors; never runs code from it.

    Raises CheckpointError.
    """
    # by its name first: whether any other file is there is nobody's business who asks through a browser
    if file.suffix not in (".safetensors", ".pth", ".pt", ".bin"):
        raise CheckpointError(f"{file.name} is not a weight file; allowed are .safetensors and .pth.")
    if not os.path.isfile(file):
        raise CheckpointError(f"There is no file {file}. Give the path of a .safetensors or .pth file.")
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        content = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise CheckpointError(
            f"{file.name} holds more than tensors, which could run code, so it is not opened. "
            "Save only the state dict, best as .safetensors."
        ) from None
    except Exception as error:  # on damaged bytes torch's unpickler raises almost anything
        raise _unreadable(file, error) from error
    return _tensors_of(content, file)


def _unreadable(file: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"{file.name} cannot be read as weights ({first_line(error)}). "
        "Give a .safetensors or .pth file that is whole."
    )


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


def read_header(path: Path) -> dict[str, Any]:
    """How to build and feed an exported model, and its training; empty where another program wrote the file.

    Raises CheckpointError where it cannot be read.
    """
    if path.suffix != ".safetensors":
        return {}
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {}).get(HEADER, "{}"))
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error
    except ValueError:  # the key is there, but another program's
        return {}
    return header if isinstance(header, dict) and header.keys() >= EXPORTED else {}


def load_exported(path: Path, **options: bool) -> VisionTransformer:
    """The exported model in fp32, in eval mode; options go to timm's constructor.

    Raises CheckpointError for a file that is missing, damaged or not written by this project.
    """
    weights, header = read_state_dict(path), read_header(path)
    if not header:
        raise CheckpointError(
            f"{path} does not say in its header how to build the model: it was not written by `python -m "
            "vit_viz.training export`. Give a file that was."
        )
    try:
        with BUILDING:
            model = _architecture(header, **options)
        model.load_state_dict({name: value.float() for name, value in weights.items()})
    except (RuntimeError, TypeError, AssertionError) as error:
        raise CheckpointError(
            f"{path} holds other weights than its header says. Export it again ({first_line(error)})."
        ) from None
    return model.eval()


@cache
def bundled_header() -> dict[str, Any]:
    """What the bundled file says of itself: constructor arguments, preprocessing, training facts."""
    return read_header(BUNDLED_FILE)


def bundled_module() -> nn.Module:
    """The bundled model's architecture with the weights that this project trained."""
    return load_exported(BUNDLED_FILE)


def untrained_module() -> nn.Module:
    """The same architecture at its random initialisation, the same on every machine: a seed, not a file."""
    with seeded(UNTRAINED_SEED):
        return _architecture(bundled_header())


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """What is built within has the same first weights each time, whatever other threads build."""
    with BUILDING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _architecture(header: dict[str, Any], **options: bool) -> VisionTransformer:
    model = VisionTransformer(**header["args"], **options)
    model.pretrained_cfg = header["preprocessing"] | {
        "num_classes": model.num_classes,
        LABELS: header.get(LABELS),
    }
    return model
