"""The attention explorer as one self-contained piece of HTML, for notebooks and files."""

import base64
import gzip
import html
import json
import re
from pathlib import Path

import numpy as np

from vit_viz.components.attention_payloads import (
    GZIP_LEVEL,
    attention_payload,
    facts,
    goes_whole,
    head_payload,
    mean_payload,
    photo_png,
)
from vit_viz.components.payload import pack
from vit_viz.tracing import Trace

BROWSER = Path(__file__).parent / "browser"
ENTRY = "notebook_explorer.js"
IMPORT = re.compile(r'^import (\{[^}]*\}|\w+) from "\./([\w.]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (default )?(function|class|const) (\w+)", re.MULTILINE)
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
    """
    if not -trace.depth <= layer < trace.depth:
        raise IndexError(f"There is no layer {layer}; there are 0 to {trace.depth - 1}, or -1 for the last.")
    layer %= trace.depth
    data = facts(trace) | {
        "trace_id": "notebook",
        "version": 0,
        "alt": "the photo",
        "selection": {"token": 0, "layer": layer, "head": 0},
    }
    return AttentionExplorer(_page(data, _embedded(trace, layer)))


def _embedded(trace: Trace, layer: int) -> bytes:
    heads = {f"head/{layer}/{head}": head_payload(trace, layer, head) for head in range(trace.num_heads)}
    parts = heads | {
        f"head/{layer}/mean": mean_payload(trace, layer),
        "attention": attention_payload(trace, None if goes_whole(trace) else layer),
        "photo": photo_png(trace),
    }
    return pack({name: np.frombuffer(part, np.uint8) for name, part in parts.items()}, {"layers": [layer]})


def _page(data: dict, payload: bytes) -> str:
    packed = base64.b64encode(gzip.compress(payload, GZIP_LEVEL)).decode()
    styles = (BROWSER / "notebook.css").read_text() + (BROWSER / "attention_explorer.css").read_text()
    facts_json = json.dumps(data, allow_nan=False).replace("<", "\\u003c")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Attention explorer</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{styles}</style></head><body><main id="explorer"></main>'
        f'<script type="application/json" id="facts">{facts_json}</script>'
        f'<script type="application/octet-stream" id="payload">{packed}</script>'
        f"<script>{inlined(ENTRY)}</script></body></html>"
    )


def inlined(entry: str) -> str:
    """One classic script of a module and all it imports: each becomes a function that returns its exports."""
    order: list[str] = []
    _collect(entry, order)
    return '"use strict";\nconst modules = {};\n' + "".join(map(_as_function, order))


def _collect(name: str, order: list[str]) -> None:
    for _, imported in IMPORT.findall((BROWSER / name).read_text()):
        if imported not in order:
            _collect(imported, order)
    order.append(name)


def _as_function(name: str) -> str:
    source = (BROWSER / name).read_text()
    exports = ", ".join(f"default: {found[3]}" if found[1] else found[3] for found in EXPORT.finditer(source))
    body = IMPORT.sub(_import_as_const, EXPORT.sub(r"\2 \3", source))
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();\n'


def _import_as_const(found: re.Match) -> str:
    names = found[1] if found[1].startswith("{") else f"{{ default: {found[1]} }}"
    return f'const {names.replace(" as ", ": ")} = modules["{found[2]}"];\n'
