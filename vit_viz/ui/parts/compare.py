"""The pickers of the page Compare, and its sentences."""

from collections.abc import Callable

import streamlit as st

from vit_viz.analysis.answer import top_k
from vit_viz.analysis.compare import same_index, same_token
from vit_viz.errors import ModelError
from vit_viz.model_table import MODELS, UNTRAINED, table_row
from vit_viz.samples import samples
from vit_viz.ui.results.compare import IN_VIEW, Side, sizes, with_model, with_photo, with_size, with_untrained
from vit_viz.ui.state import UPLOAD, selection
from vit_viz.ui.view import Upload, View
from vit_viz.ui.words import compare as words

PHOTO, MODEL, SIZE, TRAINING = "another photo", "another model", "another resolution", "before training"


def other_side(view: View) -> Side:
    """What the reader chose to compare with; where it cannot be had, a sentence and another photo instead."""
    # a model can be so large that its attention fits at no other resolution
    others = [SIZE] if sizes(view.model.info) else []
    kinds = [PHOTO, MODEL, *others, "after training" if view.model_key == UNTRAINED else TRAINING]
    left, right = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    with left:
        kind = st.radio("Compare with", kinds, horizontal=True, key="compare_kind")
    with right:
        side = _picker(view, kind)
    try:
        return side()
    except ModelError as error:
        st.warning(f"{error} Another photo is shown instead.")
        return with_photo(view, _photos()[0])


def _picker(view: View, kind: str) -> Callable[[], Side]:
    if kind == PHOTO:
        name = st.selectbox("Photo", _photos(), format_func=_photo_title, key="compare_photo")
        return lambda: with_photo(view, name)
    if kind == MODEL:
        names = [row.name for row in MODELS if row.name != view.model.info.name]
        model = st.selectbox(
            "Model", names, format_func=_model_title, key="compare_model", accept_new_options=True
        )
        return lambda: with_model(view, model or names[0])
    if kind == SIZE:
        offered = sizes(view.model.info)
        size = st.selectbox(
            "Width × height", offered, format_func=_size_title, key=f"compare_size_{view.model_key}"
        )
        return lambda: with_size(view, size)
    st.selectbox("Model", [view.model.info.title], disabled=True, key="compare_twin")
    return lambda: with_untrained(view)


def _photos() -> list[str]:
    """All but the one in view, the reader's own first."""
    own = [UPLOAD] if st.session_state.get("upload") is not None else []
    return [name for name in (*own, *samples()) if name != selection().photo]


def _photo_title(name: str) -> str:
    upload: Upload | None = st.session_state.get("upload")
    return upload.name if name == UPLOAD and upload is not None else samples()[name].title


def _model_title(name: str) -> str:
    row = table_row(name)
    return row.title if row else name


def _size_title(size: tuple[int, int]) -> str:
    return f"{size[1]} × {size[0]} px"


def titles(first: Side, second: Side) -> tuple[str, str]:
    """What tells the two apart: the photo, the model, or the size."""
    if first.photo_title != second.photo_title:
        return first.photo_title, second.photo_title
    if first.model.info.title != second.model.info.title:
        return first.model.info.title, second.model.info.title
    if first.model.info.img_size != second.model.info.img_size:
        return _size_title(first.model.info.img_size), _size_title(second.model.info.img_size)
    return first.model.info.title, f"{second.model.info.title} untrained"


def notices(view: View, first: Side, second: Side, names: tuple[str, str]) -> list[str]:
    """What to notice, about the cursor's row, the heads and the answers of both."""
    chosen, infos = view.selection, (first.model.info, second.model.info)
    layer = same_index(chosen.layer, infos[0].depth, infos[1].depth)
    head = same_index(chosen.head, infos[0].num_heads, infos[1].num_heads)
    token = same_token(
        chosen.token, infos[0].prefix_names, infos[0].grid, infos[1].prefix_names, infos[1].grid
    )
    if token is None:
        row = words.no_such_token(names, infos[0].prefix_names[chosen.token])
    else:
        rows = (
            first.trace.attn[chosen.layer, chosen.head, chosen.token],
            second.trace.attn[layer, head, token],
        )
        row = words.concentration(names, rows)
    figures = (first.figures, second.figures)
    return [
        *words.answers(names, (_guesses(first), _guesses(second))),
        row,
        words.reach(names, figures),
        words.spread(names, figures),
        *words.changed_most(names, figures),
        *words.unmatched((infos[0].depth, infos[1].depth), (infos[0].num_heads, infos[1].num_heads)),
    ]


def _guesses(side: Side) -> list:
    return top_k(side.trace.probs, side.model.labels, IN_VIEW)
