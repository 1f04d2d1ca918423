"""The rollout laboratory: builds the rollout up layer by layer; its rows come by rollout_routes."""

from collections.abc import Callable, Mapping, Sequence

from vit_viz.components.attention_payloads import facts
from vit_viz.components.mounted import component
from vit_viz.components.routes import BASE
from vit_viz.tracing import Trace

_lab = component("rollout_lab", js="rollout/rollout_view.js", css="rollout/rollout.css")


def rollout_lab(
    trace_id: str,
    trace: Trace,
    selection: Mapping[str, int],
    *,
    settings: Mapping[str, str | int],
    read: Sequence[int],
    read_title: str,
    alt: str,
    key: str,
    on_select: Callable[[dict[str, int]], None],
    on_set: Callable[[dict[str, str | int]], None],
) -> None:
    """Draw the laboratory.

    `read` are the tokens the answer is read from, one after the other, `read_title` what they are called;
    `selection` is {"token", "layer", "head"} and `settings` {"fusion", "residual", "discard", "start"}, shares
    in percent; `on_select` and `on_set` are called with what the reader settled on; `alt` is a sentence.
    """

    _lab(
        key=key,
        data=facts(trace)
        | {
            "trace_id": trace_id,
            "routes": BASE,
            "alt": alt,
            "read": [read[0], read[-1]],
            "read_title": read_title,
            "settings": dict(settings),
            "selection": {name: int(selection[name]) for name in ("token", "layer", "head")},
        },
        on={"selection": on_select, "settings": on_set},
    )
