"""Our browser parts as Streamlit components, each told what a picture saved of it is of."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

CITATION = "citation"
Listeners = Mapping[str, Callable[[Any], None]]


def cite(*, page: str, model: str, photo: str) -> None:
    """Say what every component of this run is of; it stands below saved pictures."""
    st.session_state[CITATION] = {"page": page, "model": model, "photo": photo}


def component(name: str, js: str, css: str) -> Callable[..., None]:
    """The component of that name in pyproject.toml; `js`, an entry of shared/mount.js, and `css` in browser/."""
    mount = st.components.v2.component(f"vit-viz.{name}", js=js, css=css)

    def draw(*, key: str, data: Mapping[str, Any], on: Listeners | None = None) -> None:
        """Draw `data`; each function of `on` gets what the reader settled on, before the script runs again."""
        mount(key=key, data={**data, CITATION: st.session_state.get(CITATION)}, **callbacks(key, on or {}))

    return draw


def callbacks(key: str, on: Listeners) -> dict[str, Callable[[], None]]:
    """Streamlit's arguments by which each function gets what mount.js tells under its name."""

    def heard(name: str, act: Callable[[Any], None]) -> None:
        act(st.session_state[key][name]["value"])

    return {f"on_{name}_change": partial(heard, name, act) for name, act in on.items()}
