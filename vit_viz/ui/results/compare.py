"""The second side of Compare: another photo, model or resolution, or the model before its training."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from vit_viz.analysis.answer import IN_VIEW, top_k
from vit_viz.analysis.distance import AttentionDistance
from vit_viz.components.compare_payloads import side_data
from vit_viz.devices import device_title
from vit_viz.experiments.untrained import untrained_twin
from vit_viz.locale import DEFAULT
from vit_viz.model_table import BUNDLED, UNTRAINED
from vit_viz.models import Model, ModelInfo, load_model
from vit_viz.photos import prepare
from vit_viz.tracing import Trace, trace
from vit_viz.ui import stores
from vit_viz.ui.results.distance import distances_of
from vit_viz.ui.state import Selection, selection
from vit_viz.ui.view import (
    ChosenPhoto,
    View,
    chosen_photo,
    kept,
    loaded_model,
    model_key,
    model_of,
    trace_id_of,
)
from vit_viz.ui.words.tokens import without_classes

# of attention, beyond which a resolution is not offered
MAX_ATTENTION_BYTES = 256 * 2**20
FACTORS = (0.5, 0.75, 1.25, 1.5, 2.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """One photo in one model; `trace_id` names both by their content."""

    trace_id: str
    photo_title: str
    photo_alt: str
    model: Model
    trace: Trace

    @property
    def figures(self) -> AttentionDistance:
        """Attention distances on this photo."""
        return distances_of(self.trace_id, self.model, self.trace)

    def data(self, title: str) -> dict:
        """What the browser is sent."""
        info = self.model.info
        height, width = self.trace.image.shape[:2]
        guesses = top_k(self.trace.probs, self.model.labels, IN_VIEW)
        return side_data(
            self.trace_id,
            self.trace,
            self.figures,
            guesses,
            title=title,
            subtitle=f"{width} × {height} px, {info.num_patches} patches · {info.depth} layers × "
            f"{info.num_heads} heads · {device_title(info.device)}",
            alt=self.photo_alt,
            no_answer=without_classes(DEFAULT, info.title, info.num_classes),
        )


def first_side(view: View) -> Side:
    """What the sidebar has chosen."""
    return Side(
        trace_id=view.trace_id,
        photo_title=view.photo_title,
        photo_alt=view.photo_alt,
        model=view.model,
        trace=view.trace,
    )


def with_photo(view: View, name: str) -> Side:
    """The same model on another photo: a sample's name, or the reader's upload."""
    return _side(chosen_photo(name), view.model_key, view.model)


def with_model(view: View, name: str) -> Side:
    """The same photo in another model; raises ModelError."""
    chosen = replace(selection(), model=name, checkpoint=None)
    return _same_photo(view, model_key(chosen), loaded_model(chosen))


def with_size(view: View, size: tuple[int, int]) -> Side:
    """The same photo and model at another resolution; raises ModelError."""
    chosen: Selection = selection()

    def load() -> Model:
        return load_model(chosen.model, checkpoint=chosen.checkpoint, img_size=size)

    return _same_photo(view, *_loaded(f"{view.model_key}@{size[0]}x{size[1]}", load))


def with_untrained(view: View) -> Side:
    """The same photo in the same architecture before its training, or after it where that is what is chosen."""
    if view.model_key == UNTRAINED:
        return with_model(view, BUNDLED)
    if view.model_key == BUNDLED:
        return with_model(view, UNTRAINED)
    return _same_photo(view, *_loaded(f"{view.model_key}|untrained", lambda: untrained_twin(view.model)))


def sizes(info: ModelInfo) -> list[tuple[int, int]]:
    """Other input sizes (height, width), multiples of the patch, of which attention fits into memory."""
    found = []
    for factor in FACTORS:
        rows, cols = (max(1, round(count * factor)) for count in info.grid)
        tokens = rows * cols + len(info.prefix_names)
        fits = 4 * info.depth * info.num_heads * tokens**2 <= MAX_ATTENTION_BYTES
        if fits and (rows, cols) != info.grid:
            found.append((rows * info.patch_size[0], cols * info.patch_size[1]))
    return found


def _loaded(key: str, load: Callable[[], Model]) -> tuple[str, Model]:
    def with_a_spinner() -> Model:
        with st.spinner("Loading the other model"):
            return load()

    return key, model_of(key, with_a_spinner)


def _same_photo(view: View, key: str, model: Model) -> Side:
    return _side(chosen_photo(view.selection.photo), key, model)


def _side(photo: ChosenPhoto, key: str, model: Model) -> Side:
    # the same id as the sidebar would give it, so that the trace is made once
    trace_id = trace_id_of(photo.digest, key, own=photo.own)
    found = kept(
        stores.traces(), trace_id, lambda: trace(model, prepare(photo.image, model.info.data_config))
    )
    return Side(trace_id=trace_id, photo_title=photo.title, photo_alt=photo.alt, model=model, trace=found)
