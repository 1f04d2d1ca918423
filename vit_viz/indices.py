"""Numbers by which a caller names a layer, a head, a patch or a class."""

from collections.abc import Iterable
from operator import index
from typing import Any


def as_index(value: Any, count: int) -> int | None:
    """The value as Python's int, be it numpy's or torch's, where it is 0 to count - 1; None for all else.

    True and false are no numbers: in a row they mask, and would pass for patches 0 and 1. A tensor of one
    number is one, but equal to no other as a key, so it must not stay what it is.
    """
    if isinstance(value, bool) or str(getattr(value, "dtype", "")).endswith("bool"):
        return None
    try:
        number = index(value)
    except TypeError:
        return None
    return number if 0 <= number < count else None


def as_heads(heads: Iterable[Any], depth: int, num_heads: int) -> frozenset[tuple[int, int]]:
    """(layer, head) pairs of any kind as a set of pairs of Python's ints.

    Raises IndexError for a head that the model does not have, TypeError for what is no pair.
    """
    return frozenset(_as_head(pair, depth, num_heads) for pair in heads)


def _as_head(pair: Any, depth: int, num_heads: int) -> tuple[int, int]:
    try:
        layer, head = pair
    except (TypeError, ValueError):
        raise TypeError(f"{pair!r} names no head. Give (layer, head) pairs, such as [(5, 0)].") from None
    in_depth, in_layer = as_index(layer, depth), as_index(head, num_heads)
    if in_depth is None or in_layer is None:
        raise IndexError(
            f"There is no head {head} in layer {layer}; layers are 0 to {depth - 1}, "
            f"heads 0 to {num_heads - 1}."
        )
    return in_depth, in_layer
