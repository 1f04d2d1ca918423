"""The parts of the Training page; fine-tuning runs again without the rest of the page."""

import hashlib
from dataclasses import asdict
from functools import cache

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vit_viz.analysis.answer import top_k
from vit_viz.analysis.training import confusion
from vit_viz.errors import DeviceError, PhotoError
from vit_viz.experiments.finetune import Head, train_head
from vit_viz.figures.heads import fine_tuning as fine_tuned_head
from vit_viz.figures.heads import pretraining, without_head
from vit_viz.figures.training import CONFIG, confusion_figure, goals_figure, log_figure, loss_figure
from vit_viz.photo_files import ENDINGS
from vit_viz.photos import MAX_MB, open_photo
from vit_viz.training_record.card import training_card
from vit_viz.training_record.log import logged_rows, training_curve
from vit_viz.training_record.stages import stage_notes, stage_table, stages
from vit_viz.ui import frame
from vit_viz.ui.frame import sentences_for_errors
from vit_viz.ui.parts.downloads import File, records, table
from vit_viz.ui.parts.running import start_or_progress
from vit_viz.ui.results.features import features_in
from vit_viz.ui.results.labelled_photos import (
    MAX_CLASSES,
    MAX_PHOTOS,
    MIN_CLASSES,
    PhotoClass,
    add_photos,
    can_undo,
    empty,
    forget_said,
    labelled,
    photo_classes,
    set_count,
    take_out,
    take_ready_set,
    undo,
)
from vit_viz.ui.thumbnails import jpeg_address, png_address
from vit_viz.ui.view import View, turn
from vit_viz.ui.words import training as words
from vit_viz.ui.words.markdown import plain
from vit_viz.ui.words.numbers import counted
from vit_viz.ui.words.training import (
    head_size,
    judged,
    memorised,
    missing_photos,
    only_its_classes,
    sizes_on_the_way,
)


def heads(view: View) -> None:
    """From pretraining to fine-tuning in three pictures, with this model's sizes."""
    info, D = view.model.info, len(view.trace.features)
    told = (
        (pretraining(info.depth, D), words.PRETRAIN),
        (without_head(info.depth, D), words.SWAP),
        (fine_tuned_head(info.depth, D, len(photo_classes())), words.TUNE),
    )
    for column, (picture, text) in zip(st.columns(3, gap="medium"), told, strict=True):
        with column:
            st.html(picture)
            st.markdown(text)
    st.markdown(words.MILLIONS)


def logged_curves() -> None:
    """The bundled model's own training: its stages, and the log of the last one."""
    st.markdown(words.about_the_teacher(training_card().teacher))
    with st.expander(
        f"All {len(stages())} runs: what each of them learnt from, and how often it is right then"
    ):
        st.dataframe(stage_table(stages()), hide_index=True, width="stretch", height="content")
        st.caption(words.about_the_stages(stages(), training_card().teacher_top1))
        st.markdown("\n".join(stage_notes(stages())))
    for column, (name, figure) in zip(st.columns(2, gap="large"), _logged_figures().items(), strict=True):
        with column:
            st.plotly_chart(figure, width="stretch", key=name, config=CONFIG)
    curve, last = training_curve(), stages()[-1]
    st.caption(words.about_the_log(last, list(curve.goals), sizes_on_the_way(curve)))


@cache
def _logged_figures() -> dict[str, go.Figure]:
    """Made once: Plotly checks a figure against its schema each time."""
    curve, watched = training_curve(), stages()[-1].watched
    kept_out = f"right, of {watched} photos kept out" if watched else "right on photos kept out"
    return {
        "logged_loss": goals_figure(curve.views, curve.loss, curve.goals),
        "logged_top1": log_figure(curve.top1_views, curve.top1, title=kept_out, end=int(curve.views[-1])),
    }


def files(view: View) -> list[File]:
    """What the page gives away: the log, the stages, and the head that has been trained."""
    log = logged_rows()
    given = [
        records("Training log", "training_log.csv", log),
        records("Stages", "training_stages.csv", [asdict(stage) for stage in stages()]),
    ]
    classes = photo_classes()
    head, names = _trained(view, classes), [one.name for one in classes]
    if head is None:
        return given
    found = confusion(_labels(classes), head.guesses, len(classes))
    held_out = [""] * len(head.loss) if head.held_out_loss is None else head.held_out_loss
    tuned = [
        table(
            "Fine-tuning loss",
            "fine_tuning_loss.csv",
            ["step", "its own photos", "photos it never saw"],
            lambda: ((step, *pair) for step, pair in enumerate(zip(head.loss, held_out, strict=True))),
        ),
        table(
            "Confusion",
            "confusion.csv",
            ["true class", *(f"guessed {name}" for name in names)],
            lambda: ((name, *row) for name, row in zip(names, found.tolist(), strict=True)),
        ),
    ]
    return [*given, *(file._replace(of="model") for file in tuned)]


def fine_tuning(view: View) -> None:
    """The reader's classes and photos, a head trained on them, and what it says of other photos."""
    forget_said()
    _fine_tuning(view, _elsewhere(view))


def _elsewhere(view: View) -> tuple[int, list[str]]:
    """What `heads` and `files` draw from: the number of classes, and their names once there is a head for them."""
    classes = photo_classes()
    return len(classes), [one.name for one in classes] if _trained(view, classes) else []


@st.fragment
@sentences_for_errors()
def _fine_tuning(view: View, elsewhere: tuple[int, list[str]]) -> None:
    """`elsewhere` is of the last run of the whole page."""
    if _elsewhere(view) != elsewhere:
        st.rerun()
    _class_controls()
    classes = photo_classes()
    for column, number in zip(st.columns(len(classes)), range(len(classes)), strict=True):
        with column:
            _one_class(number, classes[number])
    problem = missing_photos([one.name for one in classes], [len(one.photos) for one in classes])
    signature = _signature(view, classes)
    head = _trained(view, classes)
    if can_undo():
        st.button("Undo", key="undo_photos", on_click=undo, icon=":material/undo:", help=words.UNDO)
    if problem:
        st.info(plain(problem))
    elif head is not None:
        _results(view, classes, head)
    elif bar := _start(signature):
        try:
            _train(view, classes, signature, bar)
            st.rerun()  # the page below gives its curve and its confusions as files
        except DeviceError as error:
            _tune(None)
            st.warning(f"{plain(error)} The photos are kept.")


def _start(signature: str) -> DeltaGenerator | None:
    return start_or_progress(
        "Train the head",
        key="train_head",
        stop_key="stop_tuning",
        is_running=st.session_state.get("tuning") == signature,
        on_start=lambda: _tune(signature),
        on_stop=lambda: _tune(None),
        look="primary",
    )


def _tune(signature: str | None) -> None:
    st.session_state["tuning"] = signature


def _class_controls() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        st.session_state["class_count"] = len(photo_classes())
        st.segmented_control(
            "Classes",
            range(MIN_CLASSES, MAX_CLASSES + 1),
            required=True,
            key="class_count",
            on_change=lambda: set_count(st.session_state["class_count"]),
        )
        st.button(
            "Take the ready set",
            key="ready_set",
            on_click=take_ready_set,
            help="Circles, triangles and stars, drawn by us, in place of the classes below. Undo brings them back.",
        )


def _one_class(number: int, one: PhotoClass) -> None:
    name_key, files_key = f"name_{one.key}", f"files_{one.key}_{one.uploads}"

    def renamed() -> None:
        one.name = st.session_state[name_key].strip() or f"Class {number + 1}"

    st.session_state[name_key] = one.name  # undo and an empty field change it too
    st.text_input("Name", key=name_key, max_chars=24, on_change=renamed)
    st.file_uploader(
        f"Photos, up to {MAX_PHOTOS}",
        type=list(ENDINGS),
        accept_multiple_files=True,
        max_upload_size=MAX_MB,
        key=files_key,
        on_change=lambda: add_photos(one, st.session_state[files_key]),
    )
    if one.photos:
        st.image(png_address(one.sheet()), width="content", alt=f"{len(one.photos)} photos of {one.name}")
    st.caption(counted(len(one.photos), "photo"))
    if one.photos:
        _taking_out(one)
    if one.says:
        st.warning(plain(one.says))
        one.said = True


def _taking_out(one: PhotoClass) -> None:
    """One photo, or all."""
    out_key = f"out_{one.key}_{len(one.photos)}"

    def chosen() -> None:
        number = st.session_state[out_key]
        if number is not None:
            take_out(one, number)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            f"Take a photo out of {one.name}",
            range(len(one.photos)),
            index=None,
            placeholder="Take one out",
            format_func=lambda number: f"{number + 1} · {one.photos[number].name}",
            key=out_key,
            on_change=chosen,
            label_visibility="collapsed",
        )
        st.button(
            "Empty",
            key=f"empty_{one.key}",
            on_click=lambda: empty(one),
            help=f"Takes all photos out of {one.name}.",
        )


def _signature(view: View, classes: list[PhotoClass]) -> str:
    """Names what a head was trained on: the model and the photos of each class, not the classes' names."""
    content = "|".join(",".join(photo.digest for photo in one.photos) for one in classes)
    return hashlib.sha256(f"{view.model_key}|{content}".encode()).hexdigest()


def _trained(view: View, classes: list[PhotoClass]) -> Head | None:
    """The head that was trained on these photos with this model."""
    signature, head = st.session_state.get("tuned", (None, None))
    return head if signature == _signature(view, classes) else None


def _labels(classes: list[PhotoClass]) -> np.ndarray:
    """The class of every photo, from 0."""
    return np.repeat(np.arange(len(classes)), [len(one.photos) for one in classes])


def _train(view: View, classes: list[PhotoClass], signature: str, bar: DeltaGenerator) -> None:
    """Features once per photo, then the head; a run that is stopped keeps the features it has."""
    photos = [photo for one in classes for photo in one.photos]
    rows = []
    for number, photo in enumerate(photos):
        bar.progress(
            number / len(photos), text=f"Features of photo {number + 1} of {len(photos)}: {plain(photo.name)}"
        )
        rows.append(features_in(view, photo.digest, photo.photo))
    with turn():
        head = train_head(np.stack(rows), _labels(classes), len(classes))
    st.session_state["tuned"] = (signature, head)
    _tune(None)


def _results(view: View, classes: list[PhotoClass], head: Head) -> None:
    names = [one.name for one in classes]
    counts = confusion(_labels(classes), head.guesses, len(classes))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Loss, step by step**")
        figure = loss_figure(head.loss, head.held_out_loss)
        st.plotly_chart(figure, width="stretch", key="tuned_loss", config=CONFIG)
    with right:
        st.markdown("**Who is taken for whom**, by heads that never saw the photo")
        if counts.any():
            figure = confusion_figure(counts, names)
            st.plotly_chart(figure, width="stretch", key="tuned_confusion", config=CONFIG)
        else:
            st.caption("With one photo a class there is none to judge by. Add a second one to each.")
    sentences = [memorised(head), head_size(len(names), head.weight.shape[1], view.model.info.num_params)]
    st.markdown("\n".join(f"- {text}" for text in ([judged(counts)] if counts.any() else []) + sentences))
    _try_out(view, head, names)


def _try_out(view: View, head: Head, names: list[str]) -> None:
    """What the new head says of the photo in view, and of another one."""
    st.caption(only_its_classes(len(names)))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**The photo in view**, {plain(view.photo_title)}")
        _answer(head, view.trace.features, names)
    with right:
        st.markdown("**Another photo**")
        file = st.file_uploader(
            "Another photo",
            type=list(ENDINGS),
            max_upload_size=MAX_MB,
            key="tuned_photo",
            label_visibility="collapsed",
        )
        if file is None:
            return
        try:
            photo = labelled(file.name, open_photo(file.getvalue()))
        except PhotoError as error:
            st.warning(plain(f"{file.name}: {error} The head stays as it is."))
            return
        st.image(jpeg_address(photo.thumbnail, quality=85), alt=f"Your photo {file.name}")
        _answer(head, features_in(view, photo.digest, photo.photo), names)


def _answer(head: Head, features: np.ndarray, names: list[str]) -> None:
    bars = "".join(frame.bar(guess) for guess in top_k(head.probs(features), names, len(names)))
    st.html(
        f'<div role="list" aria-label="The new head\'s answer" style="display:grid;gap:.5rem">{bars}</div>'
    )
