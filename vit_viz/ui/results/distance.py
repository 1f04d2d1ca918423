"""Averages of attention distance: shipped ones, and the reader's own, computed batch by batch and kept."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

import numpy as np
import streamlit as st

from vit_viz.analysis.distance import MEASURES, AttentionDistance, head_distances
from vit_viz.checkpoints import BUNDLED_FILE
from vit_viz.components.distance_payloads import DotSet
from vit_viz.errors import ModelError
from vit_viz.experiments.distance import average_distances, batch_size_for, empty_average
from vit_viz.model_table import BUNDLED
from vit_viz.models import Model
from vit_viz.photo_files import PhotoFile
from vit_viz.samples import samples
from vit_viz.tracing import Trace
from vit_viz.ui.state import selection
from vit_viz.ui.stores import Store
from vit_viz.ui.view import View, kept, loaded_model, model_key, turn
from vit_viz.ui.words.distance import set_note
from vit_viz.ui.words.markdown import plain

SHIPPED_FILE = BUNDLED_FILE.with_name("attention_distance.json")
THIS_PHOTO, SHIPPED = "photo", "shipped"
MAX_AVERAGES = 512
# few at a time: between two batches the reader can stop, and others have their turn
BATCH = 4
# the picture takes in what has been averaged so far
REFRESH_SECONDS = 2.0
JOB = "distance_job"
OWN_SET = "distance_own_set"
# of one session's photos, which stay while it lasts
MAX_OWN_MB = 100
MAX_OWN_BYTES = MAX_OWN_MB * 2**20


@dataclass(frozen=True, kw_only=True, eq=False)
class PhotoSet:
    """Photos to average over; `name` tells them from others, `title` stands at the choice."""

    name: str
    title: str
    photos: Sequence[PhotoFile]


@dataclass(frozen=True, kw_only=True)
class Job:
    """An average that is under way: the set's name, and the keys of the model in view and of the one beside.

    The one at work has taken `done` photos in `seconds` since the job began or went on.
    """

    name: str
    models: tuple[str, ...]
    done: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Beside:
    """A second model whose distances are laid beside the first's."""

    key: str
    model: Model


@cache
def kept_averages() -> Store[AttentionDistance]:
    """By model and set of photos; each is a few kilobytes."""
    return Store(MAX_AVERAGES, lambda average: 1)


def sample_set() -> PhotoSet:
    """The pictures that come with the project."""
    photos = [
        PhotoFile(name=sample.title, size=0, read=sample.file.read_bytes) for sample in samples().values()
    ]
    return PhotoSet(name="samples", title=f"mean of the {len(photos)} samples", photos=photos)


def upload_set(files: Sequence) -> PhotoSet:
    """The reader's own photos, as many of the first as a session may hold; Streamlit gives each upload an id."""
    sizes = accumulate(file.size for file in files)
    files = [file for file, held in zip(files, sizes, strict=True) if held <= MAX_OWN_BYTES]
    photos = [PhotoFile(name=file.name, size=file.size, read=file.getvalue) for file in files]
    name = "uploads/" + ",".join(file.file_id for file in files)
    return PhotoSet(name=name, title=f"mean of my {len(photos)} photos", photos=photos)


def own_set() -> PhotoSet:
    """The photos this session uploaded last; Streamlit forgets them as soon as no uploader is drawn."""
    return st.session_state.get(OWN_SET) or upload_set([])


def keep_own(files: Sequence) -> None:
    """Take these uploads in place of those before; none drops them."""
    st.session_state[OWN_SET] = upload_set(files)


def chosen_beside(name: str | None) -> Beside | None:
    """The second model, loaded; None without, or with a sentence where it cannot be had."""
    if name is None:
        return None
    chosen = replace(selection(), model=name, checkpoint=None)
    try:
        return Beside(key=model_key(chosen), model=loaded_model(chosen))
    except ModelError as error:
        st.warning(plain(error))
        return None


def dot_sets(view: View, photos: PhotoSet, beside: Beside | None) -> list[DotSet]:
    """What can be shown now: this photo, the shipped average, and the reader's own as far as it is."""
    this = THIS_PHOTO
    sets = [
        DotSet(
            name=this,
            title="this photo",
            note="",
            figures=of_trace(view),
            beside=None if beside is None else (beside.model.info.title, of_photo(view, beside)),
        )
    ]
    shipped = shipped_average() if view.model_key == BUNDLED else None
    if shipped is not None:
        sets.append(_shown(SHIPPED, f"mean of {shipped.photos} photos", shipped, None))
    average = average_of(view, photos)
    if average is not None and average.photos > 0:
        other = kept_averages().get(_key(beside.key, photos)) if beside else None
        known = other is not None and other.photos > 0
        laid = (beside.model.info.title, other) if beside and other and known else None
        sets.append(_shown(photos.name, photos.title, average, laid))
    return sets


def _shown(
    name: str, title: str, figures: AttentionDistance, beside: tuple[str, AttentionDistance] | None
) -> DotSet:
    note = set_note(name == SHIPPED, figures)
    return DotSet(name=name, title=title, note=note, figures=figures, beside=beside)


def of_trace(view: View) -> AttentionDistance:
    """The photo in view."""
    return distances_of(view.trace_id, view.model, view.trace)


def distances_of(trace_id: str, model: Model, trace: Trace) -> AttentionDistance:
    """One photo's distances, layer by layer so that no copy of all attention is made."""
    key = f"trace/{trace_id}"
    found = kept_averages().get(key)
    if found is None:
        place = (trace.grid, trace.patch_size, trace.num_prefix_tokens)
        layers = [np.stack(head_distances(attn, *place)) for attn in trace.attn]
        found = empty_average(model.info).with_photos(np.stack(layers, axis=1)[None])
        kept_averages().put(key, found)
    return found


def of_photo(view: View, beside: Beside) -> AttentionDistance:
    """The photo in view, read by the second model."""

    def average() -> AttentionDistance:
        (found,) = average_distances(beside.model, [view.trace.prepared.photo])
        return found

    return kept(kept_averages(), f"trace/{view.trace_id}/{beside.key}", average)


@cache
def shipped_average() -> AttentionDistance | None:
    """The bundled model's figures over photos kept out of its training, with their spread if it was kept."""
    if not SHIPPED_FILE.is_file():
        return None
    found = json.loads(SHIPPED_FILE.read_text(encoding="utf-8"))
    spread = found.get("standard_deviation")
    return AttentionDistance(
        photos=found["photos"],
        mean=_measures(found),
        squares=None if spread is None else _measures(spread) ** 2 * (found["photos"] - 1),
        grid=tuple(found["grid"]),
        patch_size=tuple(found["patch_size"]),
        num_prefix_tokens=found["num_prefix_tokens"],
    )


def _measures(found: dict[str, list]) -> np.ndarray:
    return np.array([found[measure] for measure in MEASURES])


# ---- the reader's own average


def _key(name_of_model: str, photos: PhotoSet) -> str:
    return f"{name_of_model}/{photos.name}"


def average_of(view: View, photos: PhotoSet) -> AttentionDistance | None:
    """These photos' average in the model in view, as far as it is."""
    return kept_averages().get(_key(view.model_key, photos))


def missing(view: View, photos: PhotoSet, beside: Beside | None) -> list[tuple[str, Model]]:
    """Which models have not seen all the photos yet."""
    models = [(view.model_key, view.model), *([(beside.key, beside.model)] if beside else [])]
    return [(name, model) for name, model in models if _seen(name, photos) < len(photos.photos)]


def _seen(name_of_model: str, photos: PhotoSet) -> int:
    average = kept_averages().get(_key(name_of_model, photos))
    return average.seen if average else 0


def start(view: View, photos: PhotoSet, beside: Beside | None) -> None:
    """Begin, or go on; the page's end does the work."""
    models = (view.model_key, *([beside.key] if beside else []))
    st.session_state[JOB] = Job(name=photos.name, models=models)


def stop() -> None:
    """Leave it; what is averaged so far stays."""
    st.session_state.pop(JOB, None)


def running(view: View, photos: PhotoSet) -> bool:
    """Whether these photos are being averaged in the model in view."""
    job: Job | None = st.session_state.get(JOB)
    return job is not None and (job.name, job.models[0]) == (photos.name, view.model_key)


def work(view: View, photos: PhotoSet, beside: Beside | None) -> None:
    """Average on; a click of the reader interrupts it between two batches and nothing is lost."""
    bar, begun = st.progress(0.0), time.monotonic()
    try:
        for model, average in _averages(view, photos, beside):
            bar.progress(average.seen / len(photos.photos), text=_progress(model, average, photos))
            if time.monotonic() - begun > REFRESH_SECONDS:
                st.rerun()
    except ModelError as error:
        st.session_state["notice"] = f"{error} What was averaged before is kept."
    stop()
    st.rerun()


def _averages(
    view: View, photos: PhotoSet, beside: Beside | None
) -> Iterator[tuple[Model, AttentionDistance]]:
    """Each asked model's average as it is, then after every further batch, which is kept."""
    job: Job = st.session_state[JOB]
    asked = [(name, model) for name, model in missing(view, photos, beside) if name in job.models]
    for name, model in asked:
        average = kept_averages().get(_key(name, photos)) or empty_average(model.info)
        at_once = batch_size_for(model.info, most=BATCH)
        steps = average_distances(model, photos.photos[average.seen :], start=average, batch_size=at_once)
        while average is not None:
            yield model, average
            before, begun = average.seen, time.monotonic()
            with turn():
                average = next(steps, None)
            if average is not None:
                kept_averages().put(_key(name, photos), average)
                done, seconds = job.done + average.seen - before, job.seconds + time.monotonic() - begun
                st.session_state[JOB] = job = replace(job, done=done, seconds=seconds)
        st.session_state[JOB] = job = replace(job, done=0, seconds=0.0)


def _progress(model: Model, average: AttentionDistance, photos: PhotoSet) -> str:
    job: Job = st.session_state[JOB]
    text = f"{model.info.title}: {average.seen} of {len(photos.photos)} photos"
    if job.done == 0:
        return text
    rate = job.done / max(job.seconds, 1e-3)
    return f"{text} · {rate:.1f} photos/s · {(len(photos.photos) - average.seen) / rate:.0f} s left"
