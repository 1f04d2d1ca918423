"""The attention explorer as one self-contained piece of HTML, for notebooks and files."""

import html

import numpy as np

from vit_viz.components.attention_payloads import (
    attention_payload,
    facts,
    goes_whole,
    head_payload,
    mean_payload,
    photo_png,
)
from vit_viz.components.payload import pack
from vit_viz.components.single_page import single_page
from vit_viz.tracing import Trace

ENTRY = "attention/notebook.js"
STYLES = ("attention/notebook.css", "attention/attention.css")
MIN_HEIGHT = 900


class AttentionExplorer:
    """What `attention_explorer` returns: shows itself in Jupyter, and can be saved as a page of its own."""

    def __init__(self, page: str) -> None:
        self._page = page

    def to_html(self) -> str:
        """The whole page: modules, styles and data inside, nothing fetched."""
        return self._page

    def _repr_html_(self) -> str:
        # a frame keeps the notebook's styles out and the explorer's in; it grows to its content by itself
        return (
            f'<iframe title="Attention explorer" srcdoc="{html.escape(self._page)}" '
            f'style="width: 100%; height: {MIN_HEIGHT}px; border: 0"></iframe>'
        )


def attention_explorer(trace: Trace, *, layer: int = -1) -> AttentionExplorer:
    """Hover any token, in any head of any layer, in a notebook.

    Maps are painted for every layer (of models beyond ViT-L/16 at 224 px for `layer` alone); numbers, scores
    and the arithmetic are embedded for `layer`, which counts from 0, or from the end where negative.

    Raises IndexError for a layer that there is not, ValueError for a trace that patches were left out of.
    """
    if trace.num_tokens != len(trace.tokens):
        raise ValueError(
            f"This trace went on with {trace.num_tokens} of {len(trace.tokens)} tokens, so its maps do not cover "
            "the photo. Trace it without Interventions(keep=…)."
        )
    if not -trace.depth <= layer < trace.depth:
        raise IndexError(f"There is no layer {layer}; there are 0 to {trace.depth - 1}, or -1 for the last.")
    layer %= trace.depth
    data = facts(trace) | {
        "trace_id": "notebook",
        "alt": "The photo.",
        "selection": {"token": 0, "layer": layer, "head": 0, "direction": "to"},
    }
    page = single_page(
        title="Attention explorer",
        root="explorer",
        entry=ENTRY,
        styles=STYLES,
        data=data,
        payload=_embedded(trace, layer),
    )
    return AttentionExplorer(page)


def _embedded(trace: Trace, layer: int) -> bytes:
    heads = {f"head/{layer}/{head}": head_payload(trace, layer, head) for head in range(trace.num_heads)}
    parts = heads | {
        f"head/{layer}/mean": mean_payload(trace, layer),
        "attention": attention_payload(trace, None if goes_whole(trace) else layer),
        "photo": photo_png(trace),
    }
    return pack({name: np.frombuffer(part, np.uint8) for name, part in parts.items()}, {"layers": [layer]})
