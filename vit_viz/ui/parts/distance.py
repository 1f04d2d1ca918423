"""The parts of the page Attention distance around its picture."""

from collections.abc import Mapping

import streamlit as st

from vit_viz.analysis.distance import AttentionDistance
from vit_viz.components.distance_payloads import DotSet
from vit_viz.model_table import MODELS, model_title
from vit_viz.photo_files import ENDINGS
from vit_viz.photos import MAX_MB
from vit_viz.ui.navigation import page_file
from vit_viz.ui.parts.downloads import File
from vit_viz.ui.results import distance
from vit_viz.ui.results.distance import Beside, PhotoSet
from vit_viz.ui.state import choose, write_url
from vit_viz.ui.view import View
from vit_viz.ui.words.distance import kept_photos, skipped_photos, start_label, too_much
from vit_viz.ui.words.markdown import plain

SHOW, LOOK = "distance_show", "distance_look"
# what the dots are drawn by at first: the paper's definition, in pixels, beside what they can be compared with
FIRST_LOOK = {"rows": "paper", "unit": "px", "uniform": True, "field": True, "band": False}
SAMPLES, OWN = "samples", "my photos"
HYBRID = "vit_small_r26_s32_224.augreg_in21k_ft_in1k"


def averaging(view: View) -> tuple[PhotoSet, Beside | None]:
    """What to average over, and which model to lay beside."""
    with st.expander("Average over more photos, lay another model beside"):
        left, right = st.columns(2, gap="large")
        with right:
            beside = _beside(view)
        with left:
            photos = _photos()
            _button(view, photos, beside)
    return photos, beside


def _photos() -> PhotoSet:
    source = st.segmented_control(
        "Average over",
        [SAMPLES, OWN],
        default=SAMPLES,
        required=True,
        key="distance_source",
        on_change=_source_chosen,
        persist_state="session",
    )
    if source == OWN:
        _uploader()
    return _photos_of(source)


def _photos_of(source: str) -> PhotoSet:
    return distance.sample_set() if source == SAMPLES else distance.own_set()


def _source_chosen() -> None:
    st.session_state[SHOW] = _photos_of(st.session_state["distance_source"]).name


def _uploader() -> None:
    """Where the reader's photos come in, and what is kept of them when it is empty."""
    files = st.file_uploader(
        "Photos",
        type=list(ENDINGS),
        accept_multiple_files=True,
        max_upload_size=MAX_MB,
        key="distance_uploads",
        on_change=lambda: distance.keep_own(st.session_state["distance_uploads"]),
        label_visibility="collapsed",
        help="They stay in this session. For a whole folder or a zip: python -m vit_viz distance --help",
    )
    kept = [photo.name for photo in distance.own_set().photos]
    if len(kept) < len(files):
        st.warning(too_much(len(files), len(kept), distance.MAX_OWN_MB))
    if kept and not files:
        st.caption(plain(kept_photos(kept)))
        st.button("Drop them", key="distance_drop", on_click=distance.keep_own, args=([],))


def _beside(view: View) -> Beside | None:
    names = [HYBRID, *(row.name for row in MODELS if row.name != HYBRID)]
    name = st.selectbox(
        "Another model",
        [name for name in names if name != view.model.info.name],
        index=None,
        format_func=model_title,
        placeholder="none",
        key="distance_beside",
        persist_state="session",
        help="In the paper's hybrids, which begin with a ResNet, attention to what is near is less pronounced.",
    )
    return distance.chosen_beside(name)


def _button(view: View, photos: PhotoSet, beside: Beside | None) -> None:
    count = len(photos.photos)
    if count and not distance.missing(view, photos, beside):
        st.caption(f"All {count} photos are averaged.")
        return
    running, average = distance.running(view, photos), distance.average_of(view, photos)
    st.button(
        start_label(count, average.seen if average and not running else 0),
        disabled=count == 0 or running,
        key="distance_start",
        on_click=_start,
        args=(view, photos, beside),
    )


def _start(view: View, photos: PhotoSet, beside: Beside | None) -> None:
    distance.start(view, photos, beside)
    st.session_state[SHOW] = photos.name


def shown_set(sets: list[DotSet]) -> str:
    """The set to go to: the average asked for or chosen last, once there is something of it."""
    wanted = st.session_state.get(SHOW)
    return next((dots.name for dots in sets if dots.name == wanted), sets[0].name)


def look() -> Mapping[str, str | bool]:
    """How the dots are drawn: as the reader left them."""
    return st.session_state.get(LOOK, FIRST_LOOK)


def keep_look(chosen: Mapping[str, str | bool]) -> None:
    """Take what the picture tells."""
    st.session_state[LOOK] = {name: chosen[name] for name in FIRST_LOOK}


def way_on(view: View) -> None:
    """To the ringed head's map: whoever follows it has chosen that head, which Attention maps then opens."""
    chosen = view.selection
    # a page link would choose nothing: the address is read on a session's first run only
    if st.button(
        f"Layer {chosen.layer + 1}, head {chosen.head + 1} in Attention maps",
        type="tertiary",
        icon=":material/arrow_forward:",
        key="way_on",
    ):
        choose(layer=chosen.layer, head=chosen.head, head_chosen=True)
        st.switch_page(page_file("attention"))


def files(sets: list[DotSet]) -> list[File]:
    """The distances of each set, and those of the model beside."""
    found = []
    for dots in sets:
        name = f"attention_distance_{dots.name.split('/')[0]}"
        of = "photo" if dots.name == distance.THIS_PHOTO else "model"
        found.append(File(f"Distances, {dots.title}", f"{name}.csv", dots.figures.to_csv, of))
        if dots.beside:
            title, figures = dots.beside
            found.append(File(f"Distances, {dots.title}, {title}", f"{name}_beside.csv", figures.to_csv, of))
    return found


def usual(sets: list[DotSet]) -> AttentionDistance | None:
    """An average over other photos, the shipped one first."""
    averages = [dots.figures for dots in sets[1:] if dots.figures.photos > 1]
    return averages[0] if averages else None


def progress(view: View, photos: PhotoSet, beside: Beside | None) -> None:
    """The running average with its stop, or what could not be read of the last one."""
    if distance.running(view, photos):
        st.button("Stop", key="distance_stop", on_click=distance.stop)
        write_url()  # the work ends in a new run, before the router comes to it
        distance.work(view, photos, beside)
        return
    distance.stop()  # what was begun with another model or other photos rests until it is asked for again
    if (average := distance.average_of(view, photos)) and (text := skipped_photos(average)):
        st.warning(plain(text))
