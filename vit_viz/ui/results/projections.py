"""Projections of the layers that readers look at, computed when first asked for and kept within bounds."""

from functools import cache

from vit_viz.experiments.projections import Projections, projections
from vit_viz.ui.results.remembered import found_or_computed
from vit_viz.ui.stores import Store

MAX_PROJECTION_BYTES = 64 * 2**20


@cache
def kept_projections() -> Store[Projections]:
    """By trace_id and layer, limited by their memory."""
    return Store(MAX_PROJECTION_BYTES, lambda found: found.nbytes)


def find_projections(trace_id: str, layer: int) -> Projections | None:
    """Projections of one layer; None where the trace or its model is no longer kept."""
    return found_or_computed(
        kept_projections(),
        f"{trace_id}/{layer}",
        trace_id,
        lambda model, trace: projections(model, trace, layer),
    )
