"""Where a model runs: CUDA, then Apple's MPS, then the CPU; VIT_VIZ_DEVICE overrides."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

from vit_viz.errors import DeviceError

OVERRIDE = "VIT_VIZ_DEVICE"
# of a RuntimeError: MPS and the CPU have no error class of their own for it
FULL = ("out of memory", "can't allocate memory")
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h


def choose_device(wanted: str | None = None) -> torch.device:
    """The wanted device, or that of VIT_VIZ_DEVICE, or the fastest that is there.

    Raises DeviceError for a device that this machine does not have.
    """
    wanted = wanted or os.environ.get(OVERRIDE)
    if not wanted:
        return torch.device(available()[0])
    try:
        device = torch.device(wanted)
    except RuntimeError:
        raise DeviceError(f"{wanted!r} is not a device. {_choices()}") from None
    if not _computes(device.type) or (device.index or 0) >= _count(device.type):
        raise DeviceError(
            f"The device {wanted!r} is not on this machine, or this torch cannot compute on it. {_choices()}"
        )
    return device


def available() -> list[str]:
    """Kinds of device that compute on this machine, fastest first."""
    return [kind for kind in ("cuda", "mps", "cpu") if _computes(kind)]


def _computes(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available() and _has_kernels()
    return kind == "cpu" or (kind == "mps" and torch.backends.mps.is_available())


@cache
def _has_kernels() -> bool:
    """Whether torch was built for this graphics card: wheels leave out older ones, which is seen at work only."""
    try:
        torch.ones(1, device="cuda").sum().item()
    except torch.OutOfMemoryError:  # a full card is told of where a model is loaded
        return True
    except RuntimeError:
        return False
    return True


def _choices() -> str:
    return f"Here: {', '.join(available())}. Leave the choice, and {OVERRIDE}, empty to take the fastest."


def _count(kind: str) -> int:
    return torch.cuda.device_count() if kind == "cuda" else 1


def device_title(device: torch.device) -> str:
    """For the reader: the graphics card's own name, or CPU."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "Apple GPU (MPS)"}.get(device.type, "CPU")


def use_full_precision() -> None:
    """Multiply in float32 in this process: with TensorFloat-32 a GPU trace agrees with timm to 1e-3 only."""
    # not by fp32_precision: after that torch raises where anything, its own compiler too, reads allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def total_memory() -> int | None:
    """Bytes of main memory in this machine; None where the system does not say (Windows)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


@contextmanager
def memory_errors(device: torch.device, title: str) -> Iterator[None]:
    """Turn a full memory into a DeviceError that names the model."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if isinstance(error, RuntimeError) and not _is_full(error):
            raise
        way_out = "." if device.type == "cpu" else f", or set {OVERRIDE}=cpu."
        raise DeviceError(
            f"The memory of {device} is full: {title} does not fit beside what is there. "
            f"Choose a smaller model{way_out}"
        ) from None


def _is_full(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or any(text in str(error) for text in FULL)


def reuse_memory() -> None:
    """Let the C library keep freed memory for the next forward pass instead of handing it back.

    Fresh pages cost a small model a fifth of its forward pass and a trace more. Only glibc on Linux can be
    told so; elsewhere this does nothing.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 32 * 2**20)  # the most that glibc accepts
        mallopt(M_TRIM_THRESHOLD, 256 * 2**20)
