"""Several answers of one model side by side: a picture, the most probable classes, and lines of numbers."""

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from vit_viz.analysis.answer import Guess
from vit_viz.ui.frame import bar
from vit_viz.ui.thumbnails import small_picture

PICTURE_SIDE = 160


class Card(NamedTuple):
    """One answer: what was done, the picture (height, width, 3) uint8, guesses (maybe none), lines of numbers."""

    title: str
    picture: np.ndarray
    guesses: Sequence[Guess]
    lines: Sequence[str]


def answer_cards(cards: Sequence[Card], *, label: str) -> None:
    """Draw the cards in a row, or below each other where there is no room."""
    st.html(
        f'<div role="list" aria-label="{html.escape(label)}" style="{_GRID}">{"".join(map(_card, cards))}</div>'
    )


_GRID = "display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:1.5rem;font-size:.875rem"
_PICTURE = "display:block;width:100%;max-width:10rem;border-radius:2px;margin:.4rem 0 .6rem"
_NUMBERS = "font-family:monospace;font-size:.8rem;margin-top:.6rem;opacity:.75"


def _card(card: Card) -> str:
    bars = "".join(map(bar, card.guesses))
    lines = "".join(f"<div>{html.escape(line)}</div>" for line in card.lines)
    return (
        f'<div role="listitem"><div style="font-weight:600;min-height:3.3em">{html.escape(card.title)}</div>'
        f'<img alt="" src="{small_picture(card.picture, PICTURE_SIDE, quality=75)}" style="{_PICTURE}">'
        f'<div role="list" style="display:grid;gap:.3rem">{bars}</div><div style="{_NUMBERS}">{lines}</div></div>'
    )
