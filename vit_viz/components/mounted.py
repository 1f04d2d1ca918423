"""Our browser parts as Streamlit components, each told what a picture saved of it is of."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

CITATION = "citation"
Listeners = Mapping[str, Callable[[Any], None]]


def cite(*, page: str, model: str, photo: str) -> None:
    """Say what every component of this run is of; it stands below saved pictures."""
    st.session_state[CITATION] = {"page": page, "model": model, "photo": photo}


def citation() -> dict[str, dict[str, str] | None]:
    """What a component's data says of this run's page, model and photo."""
    return {CITATION: st.session_state.get(CITATION)}


def file_name(name: str, *, of_photo: bool = True) -> str:
    """The name with photo and model of this run, or the model alone: "row.csv" -> "row_cat_vit-viz-16.csv"."""
    what, ending = name.rsplit(".", 1)
    cited = st.session_state[CITATION]
    photo = re.sub(r"\.\w{3,4}$", "", cited["photo"]) if of_photo else ""
    return "_".join(filter(None, [what, _dashed(photo), _dashed(cited["model"])])) + f".{ending}"


def _dashed(text: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", text.lower()))


def component(name: str, js: str, css: str) -> Callable[..., None]:
    """The component of that name in pyproject.toml; `js`, an entry of shared/mount.js, and `css` in browser/."""
    mount = st.components.v2.component(f"vit-viz.{name}", js=js, css=css)

    def draw(*, key: str, data: Mapping[str, Any], on: Listeners | None = None) -> None:
        """Draw `data`; each function of `on` gets what the reader settled on, before the script runs again."""
        mount(key=key, data={**data, **citation()}, **callbacks(key, on or {}))

    return draw


def callbacks(key: str, on: Listeners) -> dict[str, Callable[[], None]]:
    """Streamlit's arguments by which each function gets what mount.js tells under its name."""

    def heard(name: str, act: Callable[[Any], None]) -> None:
        act(st.session_state[key][name]["value"])

    return {f"on_{name}_change": partial(heard, name, act) for name, act in on.items()}
