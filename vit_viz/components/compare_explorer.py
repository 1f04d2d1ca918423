"""Two traces side by side under one cursor; attention and rollout travel by their routes."""

from collections.abc import Callable, Mapping
from typing import Any

from vit_viz.components.mounted import component
from vit_viz.components.routes import BASE

_explorer = component("compare_explorer", js="compare/compare_view.js", css="compare/compare.css")


def compare_explorer(
    sides: tuple[Mapping[str, Any], Mapping[str, Any]],
    selection: Mapping[str, int],
    look: Mapping[str, str],
    *,
    key: str,
    on_select: Callable[[dict[str, Any]], None],
) -> None:
    """Draw both sides, as `compare_payloads.side_data` describes them.

    `selection` is {"token", "layer", "head"} of the first side, from 0; `look` is {"map", "scale"}, what lies over
    both photos and how far full colour reaches. `on_select` is called with all five as the reader settled on
    them, on whichever side, as the first counts.
    """

    _explorer(
        key=key,
        data={
            "sides": [dict(side) for side in sides],
            "routes": BASE,
            "selection": {name: int(selection[name]) for name in ("token", "layer", "head")} | dict(look),
        },
        on={"selection": on_select},
    )
