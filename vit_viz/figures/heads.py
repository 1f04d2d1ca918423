"""Pretraining's head and fine-tuning's, boxes in HTML with a model's own sizes: they take the page's colours."""

from typing import NamedTuple

GREY, ORANGE = "138,143,152", "230,159,0"


class Box(NamedTuple):
    """One step: two short lines, and how many values leave it; a step that is gone is dashed."""

    title: str
    detail: str
    leaves: str
    color: str = ORANGE
    is_gone: bool = False


def pretraining(depth: int, embed_dim: int) -> str:
    """The encoder, and the paper's head: one hidden layer as wide as the stream, and tanh."""
    D = embed_dim
    hidden = Box("Linear", f"{D * D + D:,} weights", str(D))
    return _drawing([_encoder(depth, D), hidden, Box("tanh", "none", str(D)), Box("Linear", "", "classes")])


def without_head(depth: int, embed_dim: int) -> str:
    """The encoder alone: the head is gone."""
    return _drawing([_encoder(depth, embed_dim), Box("the head", "thrown away", "", GREY, is_gone=True)])


def fine_tuning(depth: int, embed_dim: int, num_classes: int) -> str:
    """The encoder, and one linear layer that starts at zero."""
    weights = f"{(embed_dim + 1) * num_classes:,} weights, all 0 at first"
    return _drawing([_encoder(depth, embed_dim), Box("Linear", weights, f"{num_classes} classes")])


def _encoder(depth: int, embed_dim: int) -> Box:
    return Box("Encoder", f"{depth} layers", str(embed_dim), GREY)


def _drawing(boxes: list[Box]) -> str:
    """The boxes from left to right, and under each what leaves it; in pairs below each other where it is narrow."""
    spoken = ", then ".join(f"{box.title} {box.detail} giving {box.leaves or 'nothing'}" for box in boxes)
    pairs = ("".join(map(_box, boxes[at : at + 2])) for at in range(0, len(boxes), 2))
    drawn = "".join(f'<div style="{_PAIR}">{pair}</div>' for pair in pairs)
    return f'<div role="img" aria-label="{spoken}" style="{_ROW}">{drawn}</div>'


def _box(box: Box) -> str:
    filled = 0 if box.is_gone else 0.14
    border = "dashed" if box.is_gone else "solid"
    leaves = f"→ {box.leaves}" if box.leaves else "&nbsp;"
    grow = 1 if box.color == GREY and not box.is_gone else 1.2
    return (
        f'<div style="flex:{grow};min-width:{_LEAST};text-align:center">'
        f'<div style="{_BOX};border:1px {border} rgb({box.color});background:rgba({box.color},{filled})">'
        f'<div>{box.title}</div><div style="font-size:.75rem;opacity:.8">{box.detail or "&nbsp;"}</div></div>'
        f'<div style="font-family:monospace;font-size:.75rem;padding-top:.25rem;opacity:.8">{leaves}</div></div>'
    )


_LEAST = "4rem"  # its longest word, or "→ classes" below it
_ROW = "display:flex;flex-wrap:wrap;gap:.4rem;max-width:28rem;font-size:.875rem;line-height:1.3"
_PAIR = "display:flex;flex:1 1 8.4rem;gap:.4rem"
_BOX = "display:grid;align-content:center;min-height:4.6rem;padding:.25rem;border-radius:2px"
