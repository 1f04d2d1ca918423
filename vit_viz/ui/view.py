"""From the reader's choice to a trace: loads the model, waits for the device, survives errors."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from PIL import Image

from vit_viz.errors import DeviceError, ModelError, PhotoError
from vit_viz.models import Model, load_model
from vit_viz.photos import open_photo
from vit_viz.samples import sample_photo, samples
from vit_viz.tracing import Trace, parity, trace
from vit_viz.ui import stores
from vit_viz.ui.state import UPLOAD, Selection, choose, selection

QUEUE_POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What every page shows: one photo in one model, and where the reader looks.

    `trace_id` names photo and model by their content, `model_key` the model among the loaded ones;
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
    """The reader's own photo, kept for the session; `digest` is the sha256 of the file."""

    name: str
    digest: str
    photo: Image.Image


def accept_upload(name: str, data: bytes) -> None:
    """Take the reader's photo; on a bad one say why and keep what was shown."""
    try:
        photo = open_photo(data)
    except PhotoError as error:
        st.session_state["notice"] = f"{name}: {error} The picture stays as it was."
        return
    st.session_state["upload"] = Upload(name=name, digest=hashlib.sha256(data).hexdigest(), photo=photo)
    choose(photo=UPLOAD)


def current_view() -> View:
    """The view of this run; where the model cannot be had, a sentence and a new run with the last one."""
    chosen = selection()
    try:
        view = view_of(loaded_model(chosen), chosen)
    except ModelError as error:
        last: View | None = st.session_state.get("view")
        kept = last.selection if last else Selection(photo=chosen.photo)
        if (kept.model, kept.checkpoint) == (chosen.model, chosen.checkpoint):
            raise
        st.session_state["notice"] = str(error)
        choose(model=kept.model, checkpoint=kept.checkpoint)
        st.rerun()  # the picker above has already been drawn with the other name
    choose(layer=view.selection.layer, head=view.selection.head, token=view.selection.token)
    st.session_state["view"] = view
    return view


def measured_parity(view: View) -> float:
    """Relative difference between this trace and timm's own forward, measured once per trace."""
    measured: dict[str, float] = st.session_state.setdefault("parity", {})
    if view.trace_id not in measured:
        with turn():
            measured.clear()
            measured[view.trace_id] = parity(view.model, view.trace)
    return measured[view.trace_id]


def _photo(chosen: Selection) -> tuple[str, str, str, Image.Image]:
    """Digest, title, text alternative and pixels of the chosen photo."""
    upload: Upload | None = st.session_state.get("upload")
    if chosen.photo == UPLOAD and upload is not None:
        return upload.digest, upload.name, f"Your photo {upload.name}", upload.photo
    sample = samples()[chosen.photo]
    return sample.name, sample.title, sample.alt, sample_photo(sample.name)


def loaded_model(chosen: Selection) -> Model:
    """The chosen model, loaded with a progress bar where it is not there yet; raises ModelError."""
    model = stores.models().get(model_key(chosen))
    if model is not None:
        return model
    bar = st.progress(0.0, text=f"Loading {chosen.model} …")

    def report(done: int, total: int) -> None:
        text = f"Downloading {chosen.model}: {done / 1e6:.0f} of {total / 1e6:.0f} MB ({done / total:.0%})"
        bar.progress(min(1.0, done / total), text=text)

    try:
        model = load_model(chosen.model, checkpoint=chosen.checkpoint, progress=report)
    except DeviceError as error:
        return _on_cpu(chosen, error)
    finally:
        bar.empty()
    stores.models().put(model_key(chosen), model)
    return model


def model_key(chosen: Selection) -> str:
    """Name of the loaded model; a weight file that was written anew is another one."""
    if chosen.checkpoint is None:
        return chosen.model
    file = Path(chosen.checkpoint)
    written = file.stat().st_mtime_ns if file.is_file() else 0
    return f"{chosen.model}|{chosen.checkpoint}|{written}"


def _on_cpu(chosen: Selection, error: DeviceError) -> Model:
    """The chosen model on the CPU, for all sessions, because the faster device's memory is full."""
    st.session_state["notice"] = f"{error} It runs on the CPU for now."
    model = load_model(chosen.model, checkpoint=chosen.checkpoint, device="cpu")
    stores.models().put(model_key(chosen), model)
    return model


def is_at_hand() -> bool:
    """Whether what the reader chose can be shown without running the model."""
    chosen = selection()
    digest, *_ = _photo(chosen)
    return stores.find_trace(_trace_id(digest, chosen)) is not None


def _trace_id(digest: str, chosen: Selection) -> str:
    return hashlib.sha256(f"{digest}|{model_key(chosen)}".encode()).hexdigest()[:24]


def view_of(model: Model, chosen: Selection) -> View:
    """The chosen photo in that model, traced where no trace is kept."""
    digest, title, alt, photo = _photo(chosen)
    trace_id = _trace_id(digest, chosen)
    last: View | None = st.session_state.get("view")
    found = last.trace if last and last.trace_id == trace_id else stores.find_trace(trace_id)
    if found is None:
        model, found = _run(model, photo, chosen)
    stores.traces().put(trace_id, found)
    return View(
        trace_id=trace_id,
        model_key=model_key(chosen),
        photo_title=title,
        photo_alt=alt,
        model=model,
        trace=found,
        selection=chosen.fitted(model.info),
    )


def _run(model: Model, photo: Image.Image, chosen: Selection) -> tuple[Model, Trace]:
    """Trace in turn with the other sessions; on a full GPU go on with the CPU and say so."""
    with turn():
        try:
            return model, trace(model, photo)
        except DeviceError as error:
            model = _on_cpu(chosen, error)
            return model, trace(model, photo)


@contextmanager
def turn() -> Iterator[None]:
    """This session's turn on the device."""
    slot, lock = None, stores.device_lock()
    # Polling instead of a plain wait: each st call lets Streamlit stop a run that has become outdated.
    while not lock.acquire(timeout=QUEUE_POLL_SECONDS):
        # only now: a place kept for nothing would move all below it, and what is in a block is then drawn anew
        slot = slot or st.empty()
        slot.caption("Waiting for the model: other readers are before you.")
    try:
        if slot:
            slot.empty()
        yield
    finally:
        lock.release()
