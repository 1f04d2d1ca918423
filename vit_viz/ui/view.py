"""From the reader's choice to a trace: loads the model, waits for the device, survives errors."""

import hashlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple, TypeVar

import streamlit as st
import torch
from PIL import Image

from vit_viz.components.routes import OWN_PHOTO
from vit_viz.devices import choose_device
from vit_viz.errors import DeviceError, ModelError, PhotoError
from vit_viz.models import Model, ModelInfo, load_model
from vit_viz.photos import open_photo, original_size, prepare
from vit_viz.samples import sample_photo, samples
from vit_viz.tracing import Trace, parity, trace
from vit_viz.ui import stores
from vit_viz.ui.state import FILE, UPLOAD, Selection, choose, selection
from vit_viz.ui.thumbnails import thumbnail
from vit_viz.ui.words.choices import beyond_the_model, own_file, own_photo, small_photo, unknown_photo
from vit_viz.ui.words.markdown import plain

QUEUE_POLL_SECONDS = 0.2
MAX_PARITIES = 1024
SMALL = 64  # pixels, of the shorter side
T = TypeVar("T")
# the model that a page laid beside the one in view; this session's, as that is
BESIDE = "model_beside"
# layer, head and token as the reader chose them, and the ModelInfo of the model in which that was
CHOSEN_IN = "chosen_in"
# about the file that came last: it stands below the uploader, which on a phone covers the page
UPLOAD_NOTICE = "upload_notice"
# of this run of the server: another may have other weights, photos or payloads under the same names
RUN = uuid.uuid4().hex


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What every page shows: one photo in one model, and where the reader looks.

    `trace_id` names the trace in this run of the server, `model_key` the model among the loaded ones;
    `photo_title` is for the reader.
    """

    trace_id: str
    model_key: str
    photo_title: str
    photo_alt: str
    model: Model
    trace: Trace
    selection: Selection


@dataclass(frozen=True, kw_only=True, eq=False)
class Upload:
    """The reader's own photo, kept for the session; `digest` is the sha256 of the file's name and bytes.

    What is served of a photo names it, so the same bytes under another reader's name are another photo.
    """

    name: str
    digest: str
    photo: Image.Image

    @cached_property
    def thumbnail(self) -> str:
        """The photo as the sidebar's strip shows it, made once."""
        return thumbnail(self.photo)


class ChosenPhoto(NamedTuple):
    """A sample or the reader's own photo; `digest` tells it from all others."""

    digest: str
    title: str
    alt: str
    image: Image.Image
    own: bool


def accept_upload(name: str, data: bytes) -> None:
    """Take the reader's photo; on a bad one say why and keep what was shown."""
    try:
        photo = open_photo(data)
    except PhotoError as error:
        st.session_state[UPLOAD_NOTICE] = f"{name}: {error} The picture stays as it was."
        return
    digest = hashlib.sha256(f"{name}\0".encode() + data).hexdigest()
    st.session_state["upload"] = Upload(name=name, digest=digest, photo=photo)
    choose(photo=UPLOAD)
    if min(photo.size) < SMALL:
        st.session_state[UPLOAD_NOTICE] = small_photo(name, original_size(photo))


def current_view() -> View:
    """The view of this run; where the model cannot be had, a sentence and a new run with the last one."""
    chosen = selection()
    try:
        view = view_of(loaded_model(chosen), chosen)
    except ModelError as error:
        last: View | None = st.session_state.get("view")
        kept = last.selection if last else Selection(photo=chosen.photo)
        names = ["photo", "model", "checkpoint"]
        if last is None:  # what else the link asks for is of the model that it cannot have
            names += ["layer", "head", "token", "head_chosen", "token_chosen"]
        before = {name: getattr(kept, name) for name in names}
        if replace(chosen, **before) == chosen:
            raise
        st.session_state["notice"] = str(error)
        choose(**before)
        st.rerun()  # the picker above has already been drawn with the other name
    if "view" not in st.session_state:
        _check_link(chosen, view.model.info)
    layer, head, token = view.selection.place
    choose(layer=layer, head=head, token=token)
    st.session_state["view"] = view
    return view


def _check_link(asked: Selection, info: ModelInfo) -> None:
    """Say what the link asked for that is not there, after what was said of its model."""
    said = [
        st.session_state.get("notice"),
        _another_photo(asked),
        own_file(info.title) if st.query_params.get("model") == FILE else "",
        beyond_the_model(asked.place, info.depth, info.num_heads, info.num_tokens),
    ]
    if any(said):
        st.session_state["notice"] = " ".join(filter(None, said))


def _another_photo(asked: Selection) -> str:
    """Why another photo is shown than the link asked for; nothing where it is that one."""
    url = st.query_params.get("photo", "")
    if url in ("", *samples()):
        return ""
    return own_photo(samples()[asked.photo].title) if url == UPLOAD else unknown_photo(url, len(samples()))


@cache
def kept_parities() -> stores.Store[float]:
    """By trace_id."""
    return stores.Store(MAX_PARITIES, lambda value: 1)


def measured_parity(view: View) -> float:
    """Relative difference between this trace and timm's own forward, measured once per trace."""
    return kept(kept_parities(), view.trace_id, lambda: parity(view.model, view.trace))


def chosen_photo(name: str) -> ChosenPhoto:
    """The sample of that name, or the reader's upload."""
    upload: Upload | None = st.session_state.get("upload")
    if name == UPLOAD and upload is not None:
        return ChosenPhoto(upload.digest, upload.name, f"Your photo {upload.name}.", upload.photo, own=True)
    sample = samples()[name]
    return ChosenPhoto(sample.name, sample.title, sample.alt, sample_photo(sample.name), own=False)


def loaded_model(chosen: Selection) -> Model:
    """The chosen model, loaded with a progress bar where it is not there yet; raises ModelError."""
    return model_of(model_key(chosen), lambda: _load(chosen))


def model_of(key: str, load: Callable[[], Model]) -> Model:
    """The model of that name: as the sessions share it, or loaded once for all of them."""
    found = stores.models().get(key)
    if found is None:
        with _alone(stores.loading_lock(key), "Another reader is loading this model already."):
            found = stores.models().get(key) or load()
            stores.models().put(key, found)  # before the next one looks
    else:
        stores.models().put(key, found)
    last: View | None = st.session_state.get("view")
    if last is not None and last.model_key != key:
        st.session_state[BESIDE] = found  # held, so that it need not be loaded again
    return found


def _load(chosen: Selection) -> Model:
    name = plain(chosen.model)
    bar = st.progress(0.0, text=f"Loading {name} …")

    def report(done: int, total: int) -> None:
        text = f"Downloading {name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB ({done / total:.0%})"
        bar.progress(min(1.0, done / total), text=text)

    try:
        return load_model(chosen.model, checkpoint=chosen.checkpoint, progress=report)
    except DeviceError as error:
        return _on_cpu(chosen, error, choose_device())
    finally:
        bar.empty()


def model_key(chosen: Selection) -> str:
    """Name of the loaded model; a weight file that was written anew is another one."""
    if chosen.checkpoint is None:
        return chosen.model
    file = Path(chosen.checkpoint)
    written = file.stat().st_mtime_ns if os.path.isfile(file) else 0
    return f"{chosen.model}|{chosen.checkpoint}|{written}"


def _on_cpu(chosen: Selection, error: DeviceError, full: torch.device) -> Model:
    """The chosen model on the CPU, for all sessions, because the faster device's memory is full."""
    if full.type == "cpu":
        raise error
    st.session_state["notice"] = f"{error} It runs on the CPU for now."
    model = load_model(chosen.model, checkpoint=chosen.checkpoint, device="cpu")
    stores.models().put(model_key(chosen), model)
    return model


def is_at_hand() -> bool:
    """Whether what the reader chose can be shown without running the model."""
    chosen = selection()
    photo = chosen_photo(chosen.photo)
    return stores.find_trace(trace_id_of(photo.digest, model_key(chosen), own=photo.own)) is not None


def trace_id_of(photo: str, key: str, *, own: bool) -> str:
    """Names a trace by its photo, its model and this run; what is of the reader's own photo can be told by it."""
    digest = hashlib.sha256(f"{RUN}|{photo}|{key}".encode()).hexdigest()[:24]
    return OWN_PHOTO + digest if own else digest


def view_of(model: Model, chosen: Selection) -> View:
    """The chosen photo in that model, traced where no trace is kept."""
    photo, key = chosen_photo(chosen.photo), model_key(chosen)
    trace_id = trace_id_of(photo.digest, key, own=photo.own)
    found = stores.find_trace(trace_id)
    if found is None:
        model, found = _run(model, photo.image, chosen)
    stores.traces().put(trace_id, found)
    return View(
        trace_id=trace_id,
        model_key=key,
        photo_title=photo.title,
        photo_alt=photo.alt,
        model=model,
        trace=found,
        selection=_here(chosen, model.info),
    )


def _here(chosen: Selection, info: ModelInfo) -> Selection:
    """The choice in this model, made from what was chosen last: a look at another model loses nothing."""
    last: View | None = st.session_state.get("view")
    if last is None:
        st.session_state[CHOSEN_IN] = chosen.place, info
    elif chosen.place != last.selection.place:
        st.session_state[CHOSEN_IN] = chosen.place, last.model.info
    return chosen.fitted(info, *st.session_state[CHOSEN_IN])


def _run(model: Model, photo: Image.Image, chosen: Selection) -> tuple[Model, Trace]:
    """Trace in turn with the other sessions; on a full GPU go on with the CPU and say so."""
    prepared = prepare(photo, model.info.data_config)
    with turn():
        try:
            return model, trace(model, prepared)
        except DeviceError as error:
            model = _on_cpu(chosen, error, model.info.device)
            return model, trace(model, prepared)


def kept(store: stores.Store[T], key: str, make: Callable[[], T]) -> T:
    """What is kept under that name, or made now in this session's turn on the device, and kept."""
    found = store.get(key)
    if found is None:
        with turn():
            found = store.get(key)  # another session may have made it meanwhile
            found = make() if found is None else found
        store.put(key, found)
    return found


@contextmanager
def turn() -> Iterator[None]:
    """This session's turn on the device."""
    with _alone(stores.device_lock(), "Waiting for the model: other readers are before you."):
        yield


@contextmanager
def _alone(lock: Lock, says: str) -> Iterator[None]:
    """Hold the lock; whoever waits for it reads why."""
    slot = None
    # Polling instead of a plain wait: each st call lets Streamlit stop a run that has become outdated.
    while not lock.acquire(timeout=QUEUE_POLL_SECONDS):
        # only now: a place kept for nothing would move all below it, and what is in a block is then drawn anew
        slot = slot or st.empty()
        slot.caption(says)
    try:
        if slot:
            slot.empty()
        yield
    finally:
        lock.release()
