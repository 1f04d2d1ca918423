"""A second device that computes: its tensors cannot be mixed with the CPU's, as on a graphics card.

It stands in for one where there is none. What is wrong on every card is wrong here: one operation on tensors of
two devices, a NumPy array made of a tensor that was not brought back, float64 (Apple's has none). The CPU computes
the numbers, so they can be compared with those of a run without it. It bears the name of torch's "meta" device,
which needs no driver.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

DEVICE = torch.device("meta")
CPU_GENERATOR = torch.Generator
# what lets Python wait until all that is under way on a card is done: numbers and places read back from it
WAITS = ("aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select")
# copies between devices, and places in a tensor, which torch takes from the CPU too
MAY_MIX = ("aten::_to_copy", "aten::copy_", "aten::index.Tensor", "aten::index_put")


class Elsewhere(torch.Tensor):
    """A tensor on the second device; `here` holds its numbers."""

    here: torch.Tensor
    is_meta = False  # or load_state_dict would copy nothing

    @staticmethod
    def __new__(cls, here: torch.Tensor) -> "Elsewhere":
        return torch.Tensor._make_wrapper_subclass(
            cls,
            here.shape,
            strides=here.stride(),
            storage_offset=here.storage_offset(),
            dtype=here.dtype,
            device=DEVICE,
        )

    def __init__(self, here: torch.Tensor) -> None:
        self.here = here

    def __repr__(self) -> str:
        return f"Elsewhere({self.here!r})"

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return _run(func, args, kwargs or {})


class _Device(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return _run(func, args, kwargs or {})


class _Lists(TorchFunctionMode):
    """Of lists torch makes tensors on "meta" that are empty, without asking any mode: made here instead."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") == DEVICE:
            return func(*args, **kwargs | {"device": "cpu"}).to(DEVICE)
        if func in (torch.Tensor.__getitem__, torch.Tensor.__setitem__):
            tensor, places, *value = args
            listed = tuple(places) if isinstance(places, tuple) else (places,)
            args = (tensor, tuple(torch.tensor(p) if isinstance(p, list) else p for p in listed), *value)
        return func(*args, **kwargs)


class _Generator(torch.Generator):
    """Draws on the CPU, and says that it does so on the second device."""

    device = DEVICE


def _generator(device: torch.device | str = "cpu") -> torch.Generator:
    return _Generator() if torch.device(device) == DEVICE else CPU_GENERATOR(device)


@contextmanager
def second_device() -> Iterator[torch.device]:
    """Within it, in this thread, tensors can be made on the device that it gives."""
    # in inference mode torch lets no wrapper make a view; without gradients the arithmetic is the same
    inference = mock.patch("torch.inference_mode", torch.no_grad)
    with inference, mock.patch("torch.Generator", _generator), _Lists(), _Device():
        yield DEVICE


@contextmanager
def without_waiting() -> Iterator[None]:
    """Within it, within `second_device`, what would wait for a card is an error."""
    global _may_wait
    _may_wait = False
    try:
        yield
    finally:
        _may_wait = True


_may_wait = True


def _waits(func: Any, tensors: list[torch.Tensor], kwargs: dict[str, Any]) -> bool:
    """Whether Python would stand still until the device has done all before."""
    name = func.name()
    if name.startswith("aten::_to_copy"):
        moves = torch.device(kwargs.get("device") or tensors[0].device) != tensors[0].device
        return moves and not kwargs.get("non_blocking")
    elsewhere = [tensor for tensor in tensors if isinstance(tensor, Elsewhere)]
    masks = name.startswith("aten::index") and any(tensor.dtype == torch.bool for tensor in elsewhere[1:])
    return bool(elsewhere) and (masks or name.startswith(WAITS))


def _run(func: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    tensors = list(_tensors((*args, *kwargs.values())))
    if not _may_wait and _waits(func, tensors, kwargs):
        raise RuntimeError(f"{func.name()} waits for {DEVICE}.")
    elsewhere = any(isinstance(tensor, Elsewhere) for tensor in tensors)
    if any(tensor.device == DEVICE and not isinstance(tensor, Elsewhere) for tensor in tensors):
        raise RuntimeError(f"{func.name()} was given a tensor on {DEVICE} that has no numbers.")
    # a tensor without axes is a number to torch: it may come from anywhere
    here = any(tensor.ndim and not isinstance(tensor, Elsewhere) for tensor in tensors)
    if elsewhere and here and not func.name().startswith(MAY_MIX):
        raise RuntimeError(f"{func.name()} was given tensors of two devices, {DEVICE} and cpu.")
    if kwargs.get("device") is not None:
        elsewhere = torch.device(kwargs["device"]) == DEVICE
        kwargs = kwargs | {"device": torch.device("cpu")}
    elif not elsewhere:
        return func(*args, **kwargs)
    made = func(*_brought_here(args), **_brought_here(kwargs))
    if not elsewhere:
        return made
    if any(tensor.dtype == torch.float64 for tensor in _tensors([made])):
        raise TypeError(f"{func.name()} makes float64 on {DEVICE}, which an Apple GPU does not have.")
    returned = func._schema.returns
    if returned and returned[0].alias_info is not None and returned[0].alias_info.is_write:
        return args[0]  # changed in place
    return tree_map_only(torch.Tensor, Elsewhere, made)


def _tensors(values: Iterable) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _tensors(value)


def _brought_here(values: Any) -> Any:
    return tree_map_only(Elsewhere, lambda tensor: tensor.here, values)
