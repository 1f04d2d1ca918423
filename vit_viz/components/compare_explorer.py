"""Two traces side by side under one cursor; attention and rollout travel by their routes."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from vit_viz.components.routes import BASE
from vit_viz.components.mounted import component
from vit_viz.components.payload import VERSION

_explorer = component("compare_explorer", js="compare/compare_view.js", css="compare/compare.css")


def compare_explorer(
    sides: tuple[Mapping[str, Any], Mapping[str, Any]],
    selection: Mapping[str, int],
    *,
    key: str,
    on_select: Callable[[dict[str, int]], None],
) -> None:
    """Draw both sides, as `compare_payloads.side_data` describes them.

    `selection` is {"token", "layer", "head"} of the first side, from 0; `on_select` is called with the one the
    reader settled on, on whichever side, as the first counts.
    """

    def selected() -> None:
        on_select(dict(st.session_state[key]["selection"]))

    _explorer(
        key=key,
        data={
            "sides": [dict(side) for side in sides],
            "routes": BASE,
            "version": VERSION,
            "selection": {name: int(selection[name]) for name in ("token", "layer", "head")},
        },
        on_selection_change=selected,
    )
