"""What the page Rollout computes and keeps for all sessions: maps, their curves, rollouts of the samples."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st

from vit_viz.analysis.attention import strongest
from vit_viz.analysis.curves import random_order
from vit_viz.errors import DeviceError
from vit_viz.experiments.faithfulness import curve
from vit_viz.experiments.patch_maps import patch_maps, rollout_map, rollout_maps
from vit_viz.model_table import BUNDLED, UNTRAINED
from vit_viz.photos import prepare
from vit_viz.samples import sample_photo, samples
from vit_viz.tracing import trace
from vit_viz.ui.stores import Store
from vit_viz.ui.thumbnails import small_picture
from vit_viz.ui.view import View, kept, loaded_model, turn
from vit_viz.ui.words.markdown import plain

# numbers of a few hundred bytes to a few kilobytes each
MAX_KEPT = 2048
RANDOM_ORDERS = 5
THUMBNAIL = 168
# photos in one forward: between two of them others have their turn
GALLERY_BATCH = 4


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the laboratory rolls out; shares in percent, `start` a layer from 0. Without more, as in the paper."""

    fusion: str = "mean"
    residual: int = 50
    discard: int = 0
    start: int = 0


PAPER = Settings()


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """What the test asks: one photo in one model, a class (or None), the laboratory's settings, how patches go."""

    view: View
    target: int | None
    settings: Settings
    removal: str

    @property
    def job(self) -> str:
        """The question in a few letters."""
        return f"{self.view.trace_id}|{self.target}|{self.removal}|{self.settings}"


@dataclass(frozen=True, kw_only=True, eq=False)
class GalleryItem:
    """One sample: the address of what the model saw, small, and its rollout (N,)."""

    title: str
    photo: str
    rollout: np.ndarray


@cache
def kept_maps() -> Store[dict[str, np.ndarray]]:
    """Maps by trace and class."""
    return Store(MAX_KEPT, lambda maps: 1)


@cache
def _left_out() -> WeakKeyDictionary[View, dict[str, np.ndarray]]:
    """Maps without the class's, where the memory was full. A view is one run of the page: the next tries again."""
    return WeakKeyDictionary()


@cache
def kept_curves() -> Store[np.ndarray]:
    """Curves by trace, class, removal, map and direction."""
    return Store(MAX_KEPT, lambda curve: 1)


@cache
def kept_gallery() -> Store[GalleryItem]:
    """Rollouts of samples, by model and sample."""
    return Store(MAX_KEPT // 8, lambda item: 1)


def maps_of(view: View, target: int | None, settings: Settings = PAPER) -> dict[str, np.ndarray]:
    """Every map of this photo, the class-specific ones for `target`; "own" is the rollout at other settings."""
    maps = dict(_usual_maps(view, target))
    if settings != PAPER:
        maps["own"] = _own_map(view, settings)
    return maps


def _usual_maps(view: View, target: int | None) -> dict[str, np.ndarray]:
    key = f"{view.trace_id}|{target}"
    found = kept_maps().get(key) or _left_out().get(view)
    if found is None:
        with turn():
            try:
                found = patch_maps(view.model, view.trace, target)
            except DeviceError as error:
                st.warning(f"{plain(error)} The maps of a class are left out.")
                return _left_out().setdefault(view, patch_maps(view.model, view.trace, None))
        kept_maps().put(key, found)
    return found


def _own_map(view: View, settings: Settings) -> np.ndarray:
    key = f"{view.trace_id}|{settings}"
    found = kept_maps().get(key)
    if found is None:
        own = rollout_map(
            view.trace,
            view.model.info.read_tokens,
            fusion=settings.fusion,
            residual_share=settings.residual / 100,
            discard=settings.discard / 100,
            start=settings.start,
        )
        found = {"own": own.astype(np.float32)}
        kept_maps().put(key, found)
    return found["own"]


def twin_maps(view: View, target: int | None) -> dict[str, np.ndarray]:
    """The same maps from the bundled model before its training; empty for another model."""
    if not has_twin(view):
        return {}
    key = f"{view.trace_id}|{target}|{UNTRAINED}"
    found = kept_maps().get(key)
    if found is not None:
        return found
    twin = loaded_model(replace(view.selection, model=UNTRAINED, checkpoint=None))
    return kept(kept_maps(), key, lambda: patch_maps(twin, trace(twin, view.trace.prepared), target))


def has_twin(view: View) -> bool:
    """Whether there is the same model before its training."""
    return view.model_key == BUNDLED


def curve_names(question: Question) -> list[tuple[str, bool]]:
    """(name, insertion) of all curves of the test: maps, the untrained twin's rollout, random orders; both ways."""
    maps = maps_of(question.view, question.target, question.settings)
    names = [*maps, *(["untrained"] if has_twin(question.view) else [])]
    names += [f"random {seed}" for seed in range(RANDOM_ORDERS)]
    return [(name, insertion) for name in names for insertion in (False, True)]


def curves_there(question: Question) -> dict[tuple[str, bool], np.ndarray]:
    """(name, insertion) → (S + 1,): the curves that have been run."""
    found = {name: kept_curves().get(_curve_key(question, *name)) for name in curve_names(question)}
    return {name: values for name, values in found.items() if values is not None}


def run_curves(question: Question) -> Iterator[None]:
    """Run what is missing, a curve at a time; whoever stops in between keeps what is done."""
    view, done = question.view, curves_there(question)
    for name, insertion in curve_names(question):
        if (name, insertion) in done:
            continue
        order = _order(question, name)
        with turn():
            values = curve(
                view.model,
                view.trace.prepared,
                order,
                question.target,
                removal=question.removal,
                insertion=insertion,
            )
        kept_curves().put(_curve_key(question, name, insertion), values)
        yield


def _order(question: Question, name: str) -> np.ndarray:
    view, target = question.view, question.target
    if name.startswith("random"):
        return random_order(view.model.info.num_patches, int(name.split()[1]))
    if name == "untrained":
        values = twin_maps(view, target)["rollout"]
    else:
        values = maps_of(view, target, question.settings)[name]
    return strongest(values, len(values))


def _curve_key(question: Question, name: str, insertion: bool) -> str:
    settings = question.settings if name == "own" else ""
    return f"{question.view.trace_id}|{question.target}|{question.removal}|{name}{settings}|{insertion}"


def gallery_there(view: View) -> list[GalleryItem]:
    """The samples whose rollout has been computed with this model."""
    found = [kept_gallery().get(f"{view.model_key}|{name}") for name in samples()]
    return [item for item in found if item is not None]


def run_gallery(view: View) -> Iterator[int]:
    """Roll out the samples that are missing, some at a time; yields how many more are there."""
    missing = [name for name in samples() if kept_gallery().get(f"{view.model_key}|{name}") is None]
    for first in range(0, len(missing), GALLERY_BATCH):
        names = missing[first : first + GALLERY_BATCH]
        photos = [prepare(sample_photo(name), view.model.info.data_config) for name in names]
        with turn():
            rollouts = list(rollout_maps(view.model, photos, batch_size=GALLERY_BATCH))
        for name, prepared, found in zip(names, photos, rollouts, strict=True):
            photo = small_picture(prepared.image, THUMBNAIL, quality=85)
            item = GalleryItem(title=samples()[name].title, photo=photo, rollout=found)
            kept_gallery().put(f"{view.model_key}|{name}", item)
        yield len(names)
