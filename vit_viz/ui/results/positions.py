"""Similarities of positions for the browser, computed when they are asked for; it keeps them from then on."""

import re
from functools import cache

from vit_viz.analysis.positions import cosine_similarity, sines_1d, sines_2d
from vit_viz.components.position_routes import Similarity
from vit_viz.experiments.positions import resampled, rotated_copies
from vit_viz.models import Model
from vit_viz.tracing import Trace
from vit_viz.ui.results.remembered import found_or_computed
from vit_viz.ui.stores import Store, find_trace

MAX_PATCHES = 1600  # 40 × 40: ten megabytes, beyond which nobody asks by a click on this page
MAX_ROTATION_BYTES = 32 * 2**20
ROTARY = re.compile(r"rotary-(\d{1,6})-(\d{1,6})-(\d{1,6})", re.ASCII)
GRID = re.compile(r"(\d{1,6})x(\d{1,6})", re.ASCII)


@cache
def kept_rotations() -> Store[Similarity]:
    """By trace_id, layer, head and token: the page's sentences and its picture ask for the same one."""
    return Store(MAX_ROTATION_BYTES, lambda found: found.cosine.nbytes)


def find_similarity(trace_id: str, kind: str) -> Similarity | None:
    """The similarity that an address names (see position_routes); None where there is none of that kind."""
    trace = find_trace(trace_id)
    if trace is None:
        return None
    fixed = {"sines-1d": sines_1d, "sines-2d": sines_2d}
    if kind in fixed:
        return Similarity(cosine_similarity(fixed[kind](trace.grid, trace.tokens.shape[1])), trace.grid)
    if found := ROTARY.fullmatch(kind):
        return _rotary(trace_id, trace, *map(int, found.groups()))
    if trace.pos is None:
        return None
    learnt = trace.pos[trace.num_prefix_tokens :]
    if kind == "learnt":
        return Similarity(cosine_similarity(learnt), trace.grid)
    return _at_grid(learnt, trace.grid, kind)


def _at_grid(learnt, grid: tuple[int, int], kind: str) -> Similarity | None:
    found = GRID.fullmatch(kind)
    rows, cols = map(int, found.groups()) if found else (0, 0)
    if not 1 <= rows * cols <= MAX_PATCHES:
        return None
    return Similarity(cosine_similarity(resampled(learnt, grid, (rows, cols))), (rows, cols))


def _rotary(trace_id: str, trace: Trace, layer: int, head: int, token: int) -> Similarity | None:
    there = layer < trace.depth and head < trace.num_heads
    there = there and trace.num_prefix_tokens <= token < trace.num_tokens
    if not there:
        return None

    def similarity(model: Model, trace: Trace) -> Similarity | None:
        if "rotary" not in model.info.pos_kind:
            return None
        return Similarity(cosine_similarity(rotated_copies(model, trace, layer, head, token)), trace.grid)

    return found_or_computed(kept_rotations(), f"{trace_id}/{layer}/{head}/{token}", trace_id, similarity)
