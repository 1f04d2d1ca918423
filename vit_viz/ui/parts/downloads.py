"""What a page gives as files: one line of quiet buttons at its end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import streamlit as st

from vit_viz.components.mounted import file_name
from vit_viz.ui.parts.tables import csv_text

TYPES = {"csv": "text/csv", "png": "image/png"}


class File(NamedTuple):
    """What it holds, in words; its name; and what makes it when its button is pressed.

    The name grows by what it is `of`: the photo in view in its model, the model alone, or neither.
    """

    what: str
    name: str
    make: Callable[[], str | bytes]
    of: Literal["photo", "model", "neither"] = "photo"


def table(what: str, name: str, columns: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]]) -> File:
    """A CSV file: `rows` are asked for when the button is pressed."""
    return File(what, name, lambda: csv_text(columns, rows()))


def records(what: str, name: str, rows: Sequence[Mapping[str, Any]]) -> File:
    """The same for a table as `st.dataframe` takes it, a dict per row, of neither photo nor model."""
    file = table(what, name, list(rows[0]), lambda: (list(row.values()) for row in rows))
    return file._replace(of="neither")


def downloads(files: Sequence[File]) -> None:
    """A button per file, side by side; the page does not run again when one is pressed."""
    if not files:
        return
    st.markdown("### Download")
    with st.container(horizontal=True, key="downloads"):
        for file in files:
            ending = file.name.rpartition(".")[2]
            st.download_button(
                f"{file.what} ({ending.upper()})",
                file.make,
                file.name if file.of == "neither" else file_name(file.name, of_photo=file.of == "photo"),
                TYPES[ending],
                key=f"download_{file.name}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )
