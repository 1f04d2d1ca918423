"""The whole journey as one HTML file that plays without a network."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vit_viz.components.journey_payloads import Part, Setting, all_parts, part_payload
from vit_viz.components.payload import pack, unpack
from vit_viz.components.single_page import single_page
from vit_viz.experiments.mlp import mlp_kind
from vit_viz.indices import as_index
from vit_viz.locale import DEFAULT, languages, strings
from vit_viz.models import Model
from vit_viz.tracing import PARITY_BOUND, Trace, parity

ENTRY = "journey/journey_page.js"
STYLES = ("journey/journey_page.css", "journey/journey.css")
# a byte becomes 4/3 letters of base64, and codes hardly compress
LETTERS_PER_BYTE = 1.15
MAX_WHOLE_BYTES = 120_000_000


def export_journey(
    model: Model,
    trace: Trace,
    path: str | Path,
    *,
    title: str = "The photo",
    label: int | None = None,
    layers: Sequence[int] | None = None,
    lang: str = DEFAULT,
) -> Path:
    """Write this trace's journey to one HTML file that plays without a network, and return its path.

    title   what the photo is called
    label   its true class, where known: the last scene then shows the loss and its gradient
    layers  which layers it can follow, with all their heads; None is all. A layer of the bundled model
            takes some 1.5 MB, one of ViT-B/16 5.4 MB, and all of ViT-B/16 66 MB
    lang    "en" or "ko"

    Raises ValueError for a trace that is not this model's answer (PhotoError where it takes photos otherwise) and
    for another language; IndexError for a class or a layer that there is not.
    """
    C = 0 if trace.logits is None else len(trace.logits)
    true_class = None if label is None else as_index(label, C)
    if label is not None and true_class is None:
        raise IndexError(f"There is no class {label}; this model has {C}, counted from 0.")
    if lang not in languages():
        raise ValueError(f"There is no language {lang!r}; there are {', '.join(languages())}.")
    if not parity(model, trace) <= PARITY_BOUND:
        raise ValueError(
            f"This trace is not what {model.info.title} computes of its photo: it is of another model, or with "
            "interventions. Give the model that it was made with and trace(model, photo)."
        )
    alt = title if title.endswith((".", "!", "?")) else f"{title}."
    setting = Setting(photo_title=title, photo_alt=alt, label=true_class)
    file = Path(path)
    page = journey_page(journey_payload(model, trace, setting, layers), setting, lang=lang)
    file.write_text(page, encoding="utf-8")
    return file


def journey_payload(
    model: Model, trace: Trace, setting: Setting, layers: Sequence[int] | None = None
) -> bytes:
    """All numbers of the page, of all layers or of those named."""
    chosen = _layers(trace, layers)
    parts = [part for part in all_parts(trace) if part.kind == "base" or part.layer in chosen]
    return pack({part.name: _bytes(model, trace, setting, part) for part in parts}, {"layers": chosen})


def journey_page(
    payload: bytes,
    setting: Setting,
    *,
    lang: str = DEFAULT,
    token: int | None = None,
    layer: int = 0,
    head: int = 0,
    step: float = 0.0,
) -> str:
    """The page itself; it follows `token` (None: the middle patch) through `layer` and `head`, from `step` on.

    A layer that the payload does not hold is replaced by its first one. No device is needed for this.
    """
    there = unpack(payload)[1]["layers"]
    return single_page(
        title=f"{setting.photo_title} · {strings(lang)['app']['pages']['journey']}",
        root="journey",
        entry=ENTRY,
        styles=STYLES,
        lang=lang,
        data={
            "trace_id": "exported",
            "selection": {"token": token, "layer": layer if layer in there else there[0], "head": head},
            "step": step,
            "lang": lang,
            "strings": strings(lang)["journey"],
            "links": {},
        },
        payload=payload,
    )


def export_bytes(model: Model, trace: Trace, layers: Sequence[int] | None = None) -> int:
    """About how large the file will be; nothing is computed for it."""
    T, D = trace.layers.resid.shape[-2:]
    H, K = trace.num_heads, trace.head_dim
    by_layer = H * T * T + T * (10 * D + 2 * mlp_kind(model).width) + 12 * H * T * K
    base = trace.depth * T * T + 3 * T * D + trace.image.size
    return round(LETTERS_PER_BYTE * (base + by_layer * len(_layers(trace, layers))))


def layers_that_fit(model: Model, trace: Trace, layer: int) -> list[int] | None:
    """None (all layers) where one file can hold them, else only the one that is shown."""
    return None if export_bytes(model, trace) <= MAX_WHOLE_BYTES else [layer]


def _layers(trace: Trace, layers: Sequence[int] | None) -> list[int]:
    asked = list(range(trace.depth)) if layers is None else list(layers)
    chosen = [layer for layer in (as_index(wanted, trace.depth) for wanted in asked) if layer is not None]
    if not chosen or len(chosen) < len(asked):
        raise IndexError(
            f"There are layers 0 to {trace.depth - 1}; {asked} names none of them, or others too."
        )
    return chosen


def _bytes(model: Model, trace: Trace, setting: Setting, part: Part) -> np.ndarray:
    return np.frombuffer(part_payload(model, trace, setting, part, small=True), np.uint8)
