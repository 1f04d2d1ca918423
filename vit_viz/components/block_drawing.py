"""Encoder blocks of several kinds, drawn side by side from below to above."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from vit_viz.components.mounted import component

_drawing = component("block_drawing", js="encoder/block_drawing.js", css="encoder/block_drawing.css")


class Part(NamedTuple):
    """One step: kind attention, mlp, norm, scale or add; its text; a number written beside it, or nothing."""

    kind: str
    text: str = ""
    value: str = ""


class Block(NamedTuple):
    """One drawing. `halves` are the ways through attention and through the MLP; "add" closes the way round."""

    title: str
    formula: str
    input: Part
    halves: Sequence[Sequence[Part]]
    output: Part


def block_drawing(blocks: Sequence[Block], *, key: str) -> None:
    """Draw the blocks."""
    _drawing(key=key, data={"drawings": [_as_json(block) for block in blocks]})


def _as_json(block: Block) -> dict[str, Any]:
    return {
        "title": block.title,
        "formula": block.formula,
        "input": block.input._asdict(),
        "output": block.output._asdict(),
        "halves": [[part._asdict() for part in half] for half in block.halves],
    }
