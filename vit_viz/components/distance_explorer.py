"""One dot per head by depth, and the sum behind a dot; attention itself travels by attention_routes."""

from collections.abc import Callable, Mapping, Sequence

from vit_viz.components.attention_payloads import facts
from vit_viz.components.distance_payloads import DotSet, explorer_data
from vit_viz.components.mounted import component
from vit_viz.components.routes import BASE
from vit_viz.tracing import Trace

_explorer = component("distance_explorer", js="distance/distance_view.js", css="distance/distance.css")


def distance_explorer(
    trace_id: str,
    trace: Trace,
    title: str,
    selection: Mapping[str, int],
    sets: Sequence[DotSet],
    *,
    show: str,
    look: Mapping[str, str | bool],
    alt: str,
    key: str,
    on_select: Callable[[dict[str, int]], None],
    on_look: Callable[[dict[str, str | bool]], None],
) -> None:
    """Draw the dots; `show` names the set to begin with, and to go to whenever it changes.

    `title` is the model's, `selection` {"token", "layer", "head"} from 0, `look` how they are drawn: {"rows":
    "paper" or "renormalised", "unit": "px" or "patches", and whether "uniform", "field" and "band" are shown};
    `on_select` and `on_look` are called with what the reader settled on.
    """

    _explorer(
        key=key,
        data=facts(trace)
        | explorer_data(trace, sets)
        | {
            "trace_id": trace_id,
            "routes": BASE,
            "title": title,
            "alt": alt,
            "show": show,
            "look": dict(look),
            "selection": {name: int(selection[name]) for name in ("token", "layer", "head")},
        },
        on={"selection": on_select, "look": on_look},
    )
