"""Thumbnails of which one is picked."""

from collections.abc import Callable, Sequence

import streamlit as st

from vit_viz.components.mounted import callbacks

_strip = st.components.v2.component(
    "vit-viz.sample_strip", js="frame/sample_strip.js", css="frame/sample_strip.css"
)


def sample_strip(
    tiles: Sequence[dict[str, str]], *, selected: str, key: str, on_pick: Callable[[str], None]
) -> None:
    """Draw tiles of {name, title, alt, image as data URL}; `on_pick` gets the name of a clicked one."""
    _strip(
        key=key,
        data={"tiles": list(tiles), "selected": selected},
        **callbacks(key, {"picked": on_pick}),
    )
