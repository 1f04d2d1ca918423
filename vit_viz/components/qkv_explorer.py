"""Query, key, value of one head, step by step; the numbers travel by attention_routes and qkv_routes."""

from collections.abc import Callable, Mapping

from vit_viz.components.attention_payloads import facts
from vit_viz.components.mounted import component
from vit_viz.components.routes import BASE
from vit_viz.tracing import Trace

_explorer = component("qkv_explorer", js="qkv/qkv_view.js", css="qkv/qkv.css")


def qkv_explorer(
    trace_id: str,
    trace: Trace,
    selection: Mapping[str, int],
    *,
    norm: str,
    notes: Mapping[str, str],
    alt: str,
    key: str,
    on_select: Callable[[dict[str, int]], None],
) -> None:
    """Draw the steps from a token's normalised input to the output projection.

    `selection` is {"token", "layer", "head"}, from 0; `on_select` is called with the one the reader settled
    on. `norm` names what normalises the input, empty where nothing does; `notes` are sentences by the name
    of the step they stand at; `alt` describes the photo, as a sentence.
    """

    _explorer(
        key=key,
        data=facts(trace)
        | {
            "embed_dim": trace.resid.shape[-1],
            "trace_id": trace_id,
            "routes": BASE,
            "alt": alt,
            "norm": norm,
            "notes": dict(notes),
            "selection": {name: int(selection[name]) for name in ("token", "layer", "head")},
        },
        on={"selection": on_select},
    )
