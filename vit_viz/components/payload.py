"""One blob for many arrays, read in the browser by browser/shared/unpack.js.

    bytes 0-3   magic b"VVZ1"
    bytes 4-7   n, length of the header, unsigned and little-endian
    8 … 8 + n   JSON: {"meta": …, "arrays": {name: {"dtype", "shape", "offset"}}}, padded with spaces
    then        the arrays, little-endian, row by row; offsets count from here

Header and arrays begin at multiples of 8, so that typed arrays can be laid over the buffer.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

MAGIC = b"VVZ1"
ALIGNMENT = 8
DTYPES = ("uint8", "int8", "int32", "float32", "float64")


def pack(arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any] | None = None) -> bytes:
    """Arrays of any shape, and JSON-able `meta` without NaN, in one blob."""
    table, parts, offset = {}, [], 0
    for name, array in arrays.items():
        if array.dtype.name not in DTYPES:
            raise TypeError(
                f"{name} is {array.dtype}, but a payload holds {', '.join(DTYPES)}. Convert it first."
            )
        table[name] = {"dtype": array.dtype.name, "shape": list(array.shape), "offset": offset}
        raw = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        parts.append(raw + bytes(-len(raw) % ALIGNMENT))
        offset += len(parts[-1])
    header = json.dumps({"meta": meta or {}, "arrays": table}, allow_nan=False).encode()
    header += b" " * (-len(header) % ALIGNMENT)
    return b"".join([MAGIC, len(header).to_bytes(4, "little"), header, *parts])


def as_text(arrays: Mapping[str, np.ndarray]) -> str:
    """The blob in base64, for a component's data, which is JSON."""
    return base64.b64encode(pack(arrays)).decode()


def unpack(blob: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays (read-only views) and meta of a packed blob; raises ValueError where it is none.

    No byte of it is in two arrays, so that what is copied out of it is no larger than what came.
    """
    if blob[:4] != MAGIC:
        raise ValueError(f"A payload begins with {MAGIC!r}, not with {bytes(blob[:4])!r}.")
    start = 8 + int.from_bytes(blob[4:8], "little")
    header = json.loads(blob[8:start])
    arrays = {}
    for name, entry in header["arrays"].items():
        if entry["dtype"] not in DTYPES:
            raise ValueError(f"A payload holds {', '.join(DTYPES)}, not {entry['dtype']!r}.")
        dtype = np.dtype(entry["dtype"]).newbyteorder("<")
        count = int(np.prod(entry["shape"]))
        arrays[name] = np.frombuffer(blob, dtype, count, start + entry["offset"]).reshape(entry["shape"])
    if sum(array.nbytes for array in arrays.values()) > len(blob) - start:
        raise ValueError("The arrays of this payload lie over each other.")
    return arrays, header["meta"]
