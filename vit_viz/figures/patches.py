"""Figures of the Patches page."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from vit_viz.photos import Prepared


def crop_picture(prepared: Prepared) -> Image.Image:
    """The resized photo with what the crop leaves away dimmed, and a frame around what stays."""
    left, top, right, bottom = prepared.crop_box
    width, height = prepared.resized.size
    box = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
    picture = Image.blend(prepared.resized, Image.new("RGB", prepared.resized.size, "#808080"), 0.7)
    picture.paste(prepared.resized.crop(box), box[:2])
    ImageDraw.Draw(picture).rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline="white", width=2)
    return picture


def encoder_alone_drawing(depth: int) -> str:
    """The Transformer of 2017 above a Vision Transformer of `depth` layers, as HTML in the page's own colours."""
    original = ["a sentence", "→", _box("encoder"), "→", _box("decoder"), "→ the next word"]
    vision = ["patches", "→", _box(f"encoder, {depth} layers"), "→ features", _box("no decoder", there=False)]
    return _line("Transformer, 2017", original) + _line("Vision Transformer", vision)


def _line(title: str, parts: Sequence[str]) -> str:
    return (
        f'<div style="font-weight:600;margin-top:.5rem">{title}</div>'
        '<div style="display:flex;flex-wrap:wrap;align-items:center;gap:.5rem .75rem;margin:.25rem 0 .75rem">'
        f"{''.join(f'<span>{part}</span>' for part in parts)}</div>"
    )


def _box(text: str, *, there: bool = True) -> str:
    look = "solid #CC79A7;background:rgba(204,121,167,.16)" if there else "dashed rgba(128,128,128,.8)"
    return (
        '<span style="display:inline-block;min-width:7rem;padding:.6rem .9rem;text-align:center;border-radius:2px;'
        f'border:1px {look}">{text}</span>'
    )
