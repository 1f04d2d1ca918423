"""Patch projections and filter pictures, computed when first asked for and kept within bounds."""

from functools import cache

from vit_viz.analysis.embedding import FilterSet, filter_set
from vit_viz.experiments.embedding import Projection, patch_projection, rgb_filters
from vit_viz.model_table import BUNDLED, UNTRAINED
from vit_viz.models import Model, load_model
from vit_viz.ui.results.remembered import found_or_computed, remember_model
from vit_viz.ui.stores import Store, models
from vit_viz.ui.view import View, kept

MAX_PROJECTION_BYTES = 64 * 2**20
MAX_FILTER_SETS = 8
TWINS = {BUNDLED: UNTRAINED, UNTRAINED: BUNDLED}


@cache
def kept_embeddings() -> Store[Projection]:
    """By trace_id, limited by their memory."""
    return Store(MAX_PROJECTION_BYTES, lambda found: found.nbytes)


@cache
def kept_filters() -> Store[FilterSet]:
    """By model_key, limited in number."""
    return Store(MAX_FILTER_SETS, lambda found: 1)


def embedding_of(view: View) -> Projection:
    """The projection of this view's photo; waits in the queue for the device where it is not kept."""
    remember_model(view)
    return kept(kept_embeddings(), view.trace_id, lambda: patch_projection(view.model, view.trace))


def find_embedding(trace_id: str) -> Projection | None:
    """The same for a route; None where the trace or its model is no longer kept."""
    return found_or_computed(kept_embeddings(), trace_id, trace_id, patch_projection)


def filter_sets(view: View) -> list[FilterSet]:
    """The filters of this view's model, and of its twin (trained or untrained) where it has one."""
    own = _filters(view.model_key, view.model)
    twin = TWINS.get(view.model_key)
    return [] if own is None else [own] if twin is None else [own, _twin(twin)]


def _twin(name: str) -> FilterSet:
    found = kept_filters().get(name) or _filters(name, models().get(name) or load_model(name, device="cpu"))
    if found is None:
        raise ValueError(f"{name} sees no picture, so it has no filters to show.")
    return found


def _filters(key: str, model: Model) -> FilterSet | None:
    found = kept_filters().get(key)
    weight = None if found else rgb_filters(model)
    if weight is not None:
        found = filter_set(model.info.title, weight)
        kept_filters().put(key, found)
    return found
