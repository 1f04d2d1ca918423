"""The frame around every page: the picture, the model, and how well the trace agrees with timm."""

from functools import cache

import streamlit as st

from vit_viz.components.sample_strip import sample_strip
from vit_viz.devices import device_title
from vit_viz.locale import languages, text
from vit_viz.model_table import MODELS, model_title
from vit_viz.photo_files import ENDINGS
from vit_viz.photos import FORMATS, MAX_MB
from vit_viz.samples import sample_photo, samples
from vit_viz.tracing import PARITY_BOUND
from vit_viz.ui.state import UPLOAD, choose, selection
from vit_viz.ui.thumbnails import thumbnail
from vit_viz.ui.view import UPLOAD_NOTICE, View, accept_upload, current_view
from vit_viz.ui.words.markdown import plain


def draw_sidebar() -> View:
    """Draw the pickers and return what they lead to."""
    with st.sidebar:
        st.markdown(f"**{_say('picture')}**")
        _strip()
        _own_photo()
        st.markdown(f"**{_say('model')}**")
        _model_picker()
    view = current_view()
    with st.sidebar:
        _facts(view)
        _language()
    return view


def _say(name: str, **values: object) -> str:
    """One of the sidebar's words, in the reader's language."""
    return text(selection().lang, f"app.sidebar.{name}", **values)


def _strip() -> None:
    upload = st.session_state.get("upload")
    tiles = [
        {"name": sample.name, "title": sample.title, "alt": sample.alt, "image": _thumbnail(sample.name)}
        for sample in samples().values()
    ]
    if upload is not None:
        own = {
            "name": UPLOAD,
            "title": upload.name,
            "alt": f"Your photo {upload.name}",
            "image": upload.thumbnail,
        }
        tiles.insert(0, own)
    sample_strip(tiles, selected=selection().photo, key="strip", on_pick=lambda name: choose(photo=name))


def _own_photo() -> None:
    st.file_uploader(
        _say("upload"),
        type=list(ENDINGS),
        key="uploader",
        max_upload_size=MAX_MB,
        on_change=_uploaded,
        args=("uploader",),
        help=_say("upload_help", formats=", ".join(FORMATS)),
    )
    if said := st.session_state.get(UPLOAD_NOTICE):
        st.warning(plain(said))
    if st.toggle(_say("camera"), key="camera_on"):
        st.camera_input(_say("take"), key="camera", on_change=_uploaded, args=("camera",))


def _uploaded(key: str) -> None:
    file = st.session_state[key]
    if file is not None:
        accept_upload(file.name, file.getvalue())


def _model_picker() -> None:
    names = [row.name for row in MODELS]
    current = selection().model
    if current not in names:
        names.append(current)
    st.session_state["model_picker"] = current
    st.selectbox(
        _say("model"),
        names,
        key="model_picker",
        format_func=model_title,
        accept_new_options=True,
        on_change=_model_chosen,
        label_visibility="collapsed",
        help=_say("model_help"),
    )
    with st.expander(_say("from_file")):
        st.text_input(_say("architecture"), key="file_model", placeholder="deit_tiny_patch16_224")
        st.text_input(_say("file"), key="file_path", placeholder="weights.safetensors")
        st.button(_say("load"), on_click=_file_chosen, width="stretch")


def _model_chosen() -> None:
    if name := st.session_state["model_picker"].strip():
        choose(model=name, checkpoint=None)


def _file_chosen() -> None:
    name, path = st.session_state["file_model"].strip(), st.session_state["file_path"].strip()
    if name and path:
        choose(model=name, checkpoint=path)
    else:
        st.session_state["notice"] = (
            "Give both: the architecture's name in timm and the path of its weight file."
        )


def _facts(view: View) -> None:
    info = view.model.info
    facts = _say(
        "facts",
        layers=info.depth,
        heads=info.num_heads,
        millions=f"{info.num_params / 1e6:.1f}",
        device=device_title(info.device),
    )
    st.caption(f"{facts}  \n{info.weights[0].upper()}{plain(info.weights[1:])}. {info.note}")


def _language() -> None:
    st.session_state["language_picker"] = lang = selection().lang
    st.segmented_control(
        text(lang, "app.choose_language"),
        list(languages()),
        required=True,
        key="language_picker",
        format_func=languages().__getitem__,
        on_change=lambda: choose(lang=st.session_state["language_picker"]),
    )


def draw_parity(value: float) -> None:
    """The line that says whether this trace agrees with timm, measured on this photo."""
    numbers = {"value": f"{value:.0e}", "bound": f"{PARITY_BOUND:.0e}"}
    with st.sidebar:
        # not a number is no match either
        if value <= PARITY_BOUND:
            st.caption(_say("parity", **numbers))
        else:
            st.warning(_say("no_parity", **numbers))


@cache
def _thumbnail(name: str) -> str:
    return thumbnail(sample_photo(name))
