"""The journey's player in a Streamlit page; its pictures travel by journey_routes."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from vit_viz.components.journey_routes import journey_urls
from vit_viz.components.mounted import callbacks, citation

_player = st.components.v2.component("vit-viz.journey", js="journey/journey.js", css="journey/journey.css")


def journey_player(
    trace_id: str,
    selection: Mapping[str, int | None],
    *,
    step: float,
    lang: str,
    strings: Mapping[str, Any],
    links: Mapping[str, Mapping[str, str]],
    key: str,
    on_select: Callable[[dict[str, int]], None],
    on_settle: Callable[[float], None],
) -> str | None:
    """Draw the player, standing at `step` (9.4: four tenths into scene 9).

    `selection` is {"token", "layer", "head"}, from 0; without a token it follows the patch in the middle.
    `strings` are its captions and controls in `lang`; `links` is by scene's id the {"path", "title"} of
    the chapter that takes it apart. `on_select` gets the layer and head that the reader settled on, and the
    token where one was chosen, `on_settle` the place on the timeline. Returned is the scene whose chapter the
    reader has just asked for.
    """
    return _player(
        key=key,
        data={
            "trace_id": trace_id,
            "urls": journey_urls(trace_id),
            "selection": {name: selection[name] for name in ("token", "layer", "head")},
            "step": step,
            "lang": lang,
            "strings": dict(strings),
            "links": {scene: dict(link) for scene, link in links.items()},
            **citation(),
        },
        on_open_change=lambda: None,  # Streamlit keeps only triggers that have a callback
        **callbacks(
            key,
            {
                "selection": lambda picked: on_select({k: v for k, v in picked.items() if v is not None}),
                "step": lambda step: on_settle(round(step, 2)),
            },
        ),
    ).open
