"""The residual stream by depth: lengths of all tokens as maps, and what attention and MLP add to one of them."""

from collections.abc import Callable, Mapping

import numpy as np

from vit_viz.analysis.stream import Contributions
from vit_viz.components.attention_payloads import facts
from vit_viz.components.mounted import component
from vit_viz.components.routes import BASE
from vit_viz.components.stream_payload import stream_payload
from vit_viz.tracing import Trace

_explorer = component("stream_explorer", js="encoder/stream_view.js", css="encoder/encoder.css")


def stream_explorer(
    trace_id: str,
    trace: Trace,
    found: Contributions,
    sinks: np.ndarray,
    selection: Mapping[str, int],
    *,
    sinks_note: str,
    key: str,
    on_select: Callable[[dict[str, int]], None],
) -> None:
    """Draw the maps and the lines; sinks (L + 1, T) bool are ringed.

    `selection` is {"token", "layer", "head"}, from 0; `on_select` is called with what the reader settled on.
    """

    _explorer(
        key=key,
        data=facts(trace)
        | {
            "payload": stream_payload(found),
            "photo": f"{BASE}/photo/{trace_id}",
            "sinks": [np.flatnonzero(row).tolist() for row in sinks],
            "sinks_note": sinks_note,
            "selection": {name: int(selection[name]) for name in ("token", "layer", "head")},
        },
        on={"selection": on_select},
    )
