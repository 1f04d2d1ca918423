"""Buttons that give a table as a file."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from vit_viz.ui.parts.tables import csv_text


def download_csv(
    names: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]], file_name: str, *, key: str
) -> None:
    """A quiet button; `rows` are asked for when it is pressed, and the page does not run again."""
    st.download_button(
        f"Download {file_name}",
        lambda: csv_text(names, rows()),
        file_name,
        "text/csv",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )
