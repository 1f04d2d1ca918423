"""Our browser parts as Streamlit components, each told what a picture saved of it is of."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

CITATION = "citation"


def cite(*, page: str, model: str, photo: str) -> None:
    """Say what every component of this run is of; it stands below saved pictures."""
    st.session_state[CITATION] = {"page": page, "model": model, "photo": photo}


def told(key: str, name: str) -> Any:
    """What the browser part of that key told last under that name (mount.js: `state`)."""
    return st.session_state[key][name]["value"]


def component(name: str, js: str, css: str) -> Callable[..., Any]:
    """The component of that name in pyproject.toml; `js`, an entry of shared/mount.js, and `css` in browser/."""
    mount = st.components.v2.component(f"vit-viz.{name}", js=js, css=css)

    def draw(*, key: str, data: Mapping[str, Any], **callbacks: Callable[[], None]) -> Any:
        return mount(key=key, data={**data, CITATION: st.session_state.get(CITATION)}, **callbacks)

    return draw
