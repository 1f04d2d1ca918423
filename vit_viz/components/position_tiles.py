"""Tiles of how alike positions are: all of them, one enlarged; several kinds side by side follow one pointer."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from vit_viz.components.mounted import component
from vit_viz.components.position_routes import similarity_address
from vit_viz.tracing import Trace

_tiles = component("position_tiles", js="position/position_tiles.js", css="position/position_tiles.css")


class Panel(NamedTuple):
    """One kind of positions (see position_routes), its title, and a sentence below it."""

    kind: str
    title: str = ""
    note: str = ""


def position_tiles(
    trace_id: str,
    trace: Trace,
    panels: Sequence[Panel],
    *,
    patch: int,
    key: str,
    on_pick: Callable[[int], None] | None = None,
    scales: bool = False,
) -> None:
    """Draw the panels; the browser fetches them when they come into sight.

    `patch` (from 0, reading order) is enlarged first; `on_pick` gets the one that the reader clicks. With `scales`
    the reader chooses between a scale for each panel (first) and one for all.
    """

    _tiles(
        key=key,
        data={
            "panels": [
                {"source": similarity_address(trace_id, kind), "title": title, "note": note}
                for kind, title, note in panels
            ],
            "grid": list(trace.grid),
            "patch": patch,
            "reports": on_pick is not None,
            "scales": scales,
        },
        on={"patch": on_pick} if on_pick else {},
    )
