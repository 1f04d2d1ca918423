"""Projections of the layers that readers look at, computed when first asked for and kept within bounds."""

from functools import cache

from vit_viz.experiments.projections import Projections, projections
from vit_viz.ui.stores import Store, device_lock, find_trace, models
from vit_viz.ui.view import View

MAX_PROJECTION_BYTES = 64 * 2**20
# as many traces as sessions may look at; what is kept of each is a short name
MAX_NAMES = 1024


@cache
def kept_projections() -> Store[Projections]:
    """By trace_id and layer, limited by their memory."""
    return Store(MAX_PROJECTION_BYTES, lambda found: found.nbytes)


@cache
def models_of_traces() -> Store[str]:
    """Which model of `stores.models()` made a trace, by trace_id."""
    return Store(MAX_NAMES, lambda name: 1)


def remember_model(view: View) -> None:
    """Note which model made this view's trace, so that a route can find it later."""
    models_of_traces().put(view.trace_id, view.model_key)


def find_projections(trace_id: str, layer: int) -> Projections | None:
    """Projections of one layer; None where the trace or its model is no longer kept."""
    key = f"{trace_id}/{layer}"
    found = kept_projections().get(key)
    if found is None:
        with device_lock():
            found = kept_projections().get(key) or _compute(trace_id, layer)
        if found is not None:
            kept_projections().put(key, found)
    return found


def _compute(trace_id: str, layer: int) -> Projections | None:
    name = models_of_traces().get(trace_id)
    model, trace = models().get(name) if name else None, find_trace(trace_id)
    return None if model is None or trace is None else projections(model, trace, layer)
