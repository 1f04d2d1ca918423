"""The attention explorer in a Streamlit page; attention itself travels by attention_routes."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from vit_viz.components.attention_routes import BASE, goes_whole
from vit_viz.components.payload import VERSION
from vit_viz.tracing import Trace

_explorer = st.components.v2.component(
    "vit-viz.attention_explorer", js="attention_explorer.js", css="attention_explorer.css"
)


def attention_explorer(
    trace_id: str, trace: Trace, selection: Mapping[str, int], *, alt: str = "the photo", key: str
) -> dict[str, int] | None:
    """Draw the explorer, which asks the app's routes for everything it shows.

    `selection` is {"token", "layer", "head"}, from 0; returned is the one the reader settled on last,
    or None before the first. `alt` describes the photo to screen readers.
    """
    data = facts(trace) | {
        "trace_id": trace_id,
        "version": VERSION,
        "routes": BASE,
        "alt": alt,
        "selection": {name: int(selection[name]) for name in ("token", "layer", "head")},
    }
    return _explorer(key=key, data=data, on_selection_change=lambda: None).selection


def facts(trace: Trace) -> dict[str, Any]:
    """What the browser must know of a trace before its arrays arrive; sizes in pixels and patches."""
    return {
        "depth": trace.depth,
        "num_heads": trace.num_heads,
        "head_dim": trace.q.shape[-1],
        "grid": list(trace.grid),
        "patch_size": list(trace.patch_size),
        "prefix_names": list(trace.prefix_names),
        "whole": goes_whole(trace),
    }
