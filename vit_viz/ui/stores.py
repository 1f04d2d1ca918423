"""What all sessions share: loaded models, traces, and the queue for the device. Read-only, and bounded."""

import gc
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from functools import cache, lru_cache
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from vit_viz.devices import choose_device, reuse_memory
from vit_viz.errors import DeviceError
from vit_viz.model_table import BUNDLED
from vit_viz.models import Model, load_model
from vit_viz.tracing import Trace

T = TypeVar("T")

MAX_TRACE_BYTES = 384 * 2**20
MAX_MODELS = 3


class Store(Generic[T]):
    """The most recently used values up to a total size; the newest one always stays.

    With `finds_held`, also what it has dropped while a session still holds it, for as long as it does.
    """

    def __init__(self, max_size: int, size_of: Callable[[T], int], *, finds_held: bool = False) -> None:
        self._values: OrderedDict[str, T] = OrderedDict()
        self._held: MutableMapping[str, T] = WeakValueDictionary() if finds_held else {}
        self._max_size, self._size_of, self._finds_held = max_size, size_of, finds_held
        self._lock = Lock()

    def get(self, key: str) -> T | None:
        """The value, which counts as used now, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            return self._held.get(key)

    def put(self, key: str, value: T) -> None:
        """Keep the value, and drop what was not used for longest while there is too much."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if self._finds_held:
                self._held[key] = value
            while len(self._values) > 1 and sum(map(self._size_of, self._values.values())) > self._max_size:
                self._values.popitem(last=False)


@cache
def traces() -> Store[Trace]:
    """Traces by trace_id, limited by their memory; beyond that each session holds the one in view."""
    return Store(MAX_TRACE_BYTES, lambda trace: trace.nbytes, finds_held=True)


@cache
def models() -> Store[Model]:
    """Loaded models by name or weight file, limited in number; beyond that each session holds its own."""
    return Store(MAX_MODELS, lambda model: 1, finds_held=True)


@cache
def device_lock() -> Lock:
    """One forward at a time: fifty at once would need twenty gigabytes and be no faster."""
    return Lock()


@lru_cache(maxsize=256)
def loading_lock(key: str) -> Lock:
    """One session at a time loads the model of that name; the others then find it."""
    return Lock()


def find_trace(trace_id: str) -> Trace | None:
    """The trace of that id, if it is still kept."""
    return traces().get(trace_id)


def warm_up() -> None:
    """Load the bundled model before the first visitor, and spare the collector what stays for ever."""
    reuse_memory()
    device = choose_device()
    try:
        model = load_model(device=str(device))
    except DeviceError:  # its memory is full, with other programs' work
        model = load_model(device="cpu")
    models().put(BUNDLED, model)
    gc.collect()
    gc.freeze()
