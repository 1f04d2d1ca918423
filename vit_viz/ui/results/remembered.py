"""What the routes know of a trace besides its id, and what they compute for it when it is first asked for."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from vit_viz.models import Model
from vit_viz.tracing import Trace
from vit_viz.ui.stores import Store, device_lock, find_trace, models
from vit_viz.ui.view import View

T = TypeVar("T")

# as many traces as sessions may look at; what is kept of each is a short name
MAX_NAMES = 1024


@cache
def models_of_traces() -> Store[str]:
    """Which model of `stores.models()` made a trace, by trace_id."""
    return Store(MAX_NAMES, lambda name: 1)


def remember_model(view: View) -> None:
    """Note which model made this view's trace, so that a route can find it later."""
    models_of_traces().put(view.trace_id, view.model_key)


def model_and_trace(trace_id: str) -> tuple[Model, Trace] | None:
    """The trace of that id and the model that made it; None where one of them is no longer kept."""
    name = models_of_traces().get(trace_id)
    model, trace = models().get(name) if name else None, find_trace(trace_id)
    return None if model is None or trace is None else (model, trace)


def found_or_computed(
    store: Store[T], key: str, trace_id: str, compute: Callable[[Model, Trace], T | None]
) -> T | None:
    """What is kept under that name, or computed now, one request at a time; None where the trace is gone."""
    found = store.get(key)
    if found is not None:
        return found
    with device_lock():
        found = store.get(key)  # another request may have asked for the same
        made_from = model_and_trace(trace_id)
        if found is None and made_from is not None:
            found = compute(*made_from)
            if found is not None:
                store.put(key, found)
    return found
