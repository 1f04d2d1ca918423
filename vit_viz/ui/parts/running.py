"""Long work that a button begins: where its progress stands, and what stops it."""

from collections.abc import Callable
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def start_or_progress(
    label: str,
    *,
    key: str,
    stop_key: str,
    is_running: bool,
    on_start: Callable[[], None],
    on_stop: Callable[[], None],
    look: Literal["primary", "secondary"] = "secondary",
    help: str | None = None,
) -> DeltaGenerator | None:
    """The button, which stays where it was pressed; beside it come the bar, which is returned, and Stop.

    Streamlit would keep a button that is gone on the page, grey, until the work ends.
    """
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.button(label, key=key, disabled=is_running, on_click=on_start, type=look, help=help)
        if not is_running:
            return None
        bar = st.progress(0.0)
        st.button("Stop", key=stop_key, on_click=on_stop)
    return bar
