"""The attention explorer in a Streamlit page; attention itself travels by attention_routes."""

from collections.abc import Callable, Mapping

from vit_viz.components.attention_payloads import facts
from vit_viz.components.mounted import component
from vit_viz.components.routes import BASE
from vit_viz.tracing import Trace

_explorer = component("attention_explorer", js="attention/explorer.js", css="attention/attention.css")


def attention_explorer(
    trace_id: str,
    trace: Trace,
    selection: Mapping[str, int | str],
    *,
    alt: str = "The photo.",
    key: str,
    on_select: Callable[[dict[str, int | str]], None],
) -> None:
    """Draw the explorer, which asks the app's routes for everything it shows.

    `selection` is {"token", "layer", "head"}, from 0, and "direction": "to" for what the token attends to, "by"
    for what it is attended by. `on_select` is called with the one the reader settled on, before the script runs
    again. `alt`, a sentence, describes the photo to screen readers.
    """
    data = facts(trace) | {
        "trace_id": trace_id,
        "routes": BASE,
        "alt": alt,
        "selection": dict(selection),
    }
    _explorer(key=key, data=data, on={"selection": on_select})
