"""The pickers of the page Compare, and its sentences."""

import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from vit_viz.analysis.answer import IN_VIEW, top_k
from vit_viz.analysis.compare import same_index, same_token
from vit_viz.errors import ModelError
from vit_viz.model_table import BUNDLED, MODELS, UNTRAINED
from vit_viz.models import OWN
from vit_viz.samples import samples
from vit_viz.ui.results.compare import Side, sizes, with_model, with_photo, with_size, with_untrained
from vit_viz.ui.results.opening import Place
from vit_viz.ui.state import KINDS, UPLOAD, choose, choose_compared, selection
from vit_viz.ui.view import Upload, View
from vit_viz.ui.words import compare as words
from vit_viz.ui.words.choices import other_size, own_photo, unknown_photo

PHOTO, MODEL, SIZE, TRAINING = KINDS
_PIXELS = r"\d{1,5}x\d{1,5}"


class Offer(NamedTuple):
    """One kind of second side: the titles of what a link may name; `start`, or the first, stands there at first."""

    title: str
    label: str
    values: dict[str, str]
    side: Callable[[str], Side]
    takes_new: bool = False
    start: str | None = None

    @property
    def first(self) -> str:
        """What stands there until something else is chosen; "" where the reader is asked."""
        return self.surest if self.start is None else self.start

    @property
    def surest(self) -> str:
        """What can be had for certain, or nothing of the kind can."""
        return next(iter(self.values))

    def title_of(self, value: str) -> str:
        """How a value reads; a name that the reader gave reads as it is."""
        return self.values.get(value, value)


def other_side(view: View) -> Side | None:
    """What the reader chose to compare with, None until then; where it cannot be had, a sentence and a new run."""
    offers, chosen = _offers(view), selection().compare
    kind = chosen.kind if chosen.kind in offers else PHOTO
    offer = offers[kind]
    # a model is not laid beside itself
    other = _within(kind, offer, "" if chosen.other == view.model.info.name else chosen.other)
    if said := _not_there(kind, chosen.other, other) if kind == chosen.kind else "":
        st.session_state["notice"] = said
        choose_compared(kind=kind, other=other)
        st.rerun()
    choose_compared(kind=kind, other=other)  # a link names what is seen
    _pickers(offers, kind, other)
    if not other and kind == MODEL:
        return None
    try:
        return offer.side(other)
    except ModelError as error:
        if kind == PHOTO:
            raise
        _instead(offers, kind, other, error)
        st.rerun()  # the pickers above have already been drawn


def _offers(view: View) -> dict[str, Offer]:
    """What can stand on the other side, by kind."""
    info = view.model.info
    models = {row.name: row.title for row in MODELS if row.name != info.name}
    size_of = {f"{width}x{height}": (height, width) for height, width in sizes(info)}
    size_titles = {name: _size_title(size) for name, size in size_of.items()}
    training = f"the same, {'after' if view.model_key == UNTRAINED else 'before'} training"
    # one that needs no network, and is not what stands under training
    start = "" if info.name in OWN else BUNDLED
    offers = {
        PHOTO: Offer("another photo", "Photo", _photos(), partial(with_photo, view)),
        MODEL: Offer(
            "another model", "Model", models, partial(with_model, view), takes_new=True, start=start
        ),
        SIZE: Offer(
            "another resolution", "Width × height", size_titles, lambda name: with_size(view, size_of[name])
        ),
        TRAINING: Offer(training, "Model", {"": info.title}, lambda _: with_untrained(view)),
    }
    # a model can be so large that its attention fits at no other resolution
    return {kind: offer for kind, offer in offers.items() if offer.values}


def _within(kind: str, offer: Offer, other: str) -> str:
    """What is offered of the kind and nearest to what was chosen, or what a link says."""
    if other in offer.values or (offer.takes_new and other):
        return other
    if kind == SIZE and re.fullmatch(_PIXELS, other, re.ASCII):
        return min(offer.values, key=lambda value: abs(_pixels(value) - _pixels(other)))
    return offer.first


def _not_there(kind: str, asked: str, other: str) -> str:
    """What to say where a link, or another model, leads to something else than was asked for."""
    if kind == PHOTO and asked == UPLOAD and "upload" not in st.session_state:
        return own_photo(samples()[other].title)
    if kind == PHOTO and asked not in ("", UPLOAD, *samples()):
        return unknown_photo(asked, len(samples()))
    if kind == SIZE and asked not in ("", other):
        return other_size(asked.replace("x", " × ")[:30], f"{other.replace('x', ' × ')} px")
    return ""


def _pixels(size: str) -> int:
    return math.prod(map(int, size.split("x")))


def _pickers(offers: Mapping[str, Offer], kind: str, other: str) -> None:
    offer, key = offers[kind], f"compare_{kind}"
    new = [] if other in offer.values or not other else [other]
    st.session_state["compare_kind"] = kind
    st.session_state[key] = other if other in offer.values or new else None
    left, right = st.columns([2, 1], gap="large", vertical_alignment="bottom")
    with left:
        st.segmented_control(
            "Compare with",
            list(offers),
            required=True,
            format_func=lambda kind: offers[kind].title,
            key="compare_kind",
            on_change=lambda: choose_compared(kind=st.session_state["compare_kind"], other=""),
        )
    with right:
        st.selectbox(
            offer.label,
            [*offer.values, *new],
            format_func=offer.title_of,
            key=key,
            placeholder="Choose a model" if offer.takes_new else None,
            accept_new_options=offer.takes_new,
            disabled=kind == TRAINING,
            on_change=lambda: choose_compared(other=(st.session_state[key] or "").strip()),
        )


def _instead(offers: Mapping[str, Offer], kind: str, other: str, error: ModelError) -> None:
    """Choose what can be had, the first of the kind, and say so."""
    first = offers[kind].surest
    says = f"{offers[kind].title_of(first)} is shown instead."
    if other == first:
        kind, first, says = PHOTO, "", "Another photo is shown instead."
    st.session_state["notice"] = f"{error} {says}"
    choose_compared(kind=kind, other=first)


def _photos() -> dict[str, str]:
    """Titles of all but the one in view, the reader's own first."""
    upload: Upload | None = st.session_state.get("upload")
    own = {} if upload is None else {UPLOAD: upload.name}
    titles = own | {name: sample.title for name, sample in samples().items()}
    return {name: title for name, title in titles.items() if name != selection().photo}


def _size_title(size: tuple[int, int]) -> str:
    return f"{size[1]} × {size[0]} px"


def keep(sent: Mapping[str, int], settled: Mapping[str, Any]) -> None:
    """Take what the picture tells: the cursor, if it is not where it was `sent`, and how both sides are shown."""
    cursor = {name: int(settled[name]) for name in ("token", "layer", "head")}
    if cursor != sent:
        choose(**cursor, token_chosen=True, head_chosen=True)
    choose_compared(**{name: settled[name] for name in ("map", "scale")})


def titles(first: Side, second: Side) -> tuple[str, str]:
    """What tells the two apart: the photo, the model, or the size."""
    if first.photo_title != second.photo_title:
        return first.photo_title, second.photo_title
    if first.model.info.title != second.model.info.title:
        return first.model.info.title, second.model.info.title
    if first.model.info.img_size != second.model.info.img_size:
        return _size_title(first.model.info.img_size), _size_title(second.model.info.img_size)
    return first.model.info.title, second.model.info.title


def tokens_of(first: Side, second: Side | None) -> str:
    """How many tokens each side has, line by line; of the first alone by its model's name."""
    names = titles(first, second) if second else (first.model.info.title,)
    sides = (first, second) if second else (first,)
    return "\n".join(
        f"{name}: {words.counted(side.model.info.num_patches, side.trace.prefix_names)}"
        for name, side in zip(names, sides, strict=True)
    )


def notices(chosen: Place, first: Side, second: Side, names: tuple[str, str]) -> list[str]:
    """What to notice, about the chosen row, the heads and the answers of both."""
    infos = (first.model.info, second.model.info)
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
        words.spread(names, figures),
        *words.changed_most(names, figures),
        *words.unmatched((infos[0].depth, infos[1].depth), (infos[0].num_heads, infos[1].num_heads)),
    ]


def _guesses(side: Side) -> list:
    return top_k(side.trace.probs, side.model.labels, IN_VIEW)
