"""Sentences of the page Patches."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from vit_viz.analysis.patches import Cost
from vit_viz.models import ModelInfo
from vit_viz.photos import MAX_ASPECT, Prepared, original_size, share_in_reach
from vit_viz.ui.words.numbers import counted, percent
from vit_viz.ui.words.tokens import patch_name, sentence_start

OWN_SENTENCE = "This is a photo of your own, and the model reads it word by word."
BYTES_PER_WEIGHT = 4
BEHIND_A_CNN = (
    "In this model a CNN reads the picture first. A token stands for the square shown here, but what is projected "
    "are the CNN's features there, into which pixels beyond the square went too."
)

ALL_PAIRS = (
    "In attention every token is compared with every other: twice as many tokens are four times as many pairs. "
    "A photo has far more pixels than anyone can compare in pairs, so its words are squares of many pixels."
)


def formula(info: ModelInfo, from_pixels: bool) -> str:
    """How many patches there are and what each becomes, with this model's sizes."""
    (height, width), (P, Q) = info.img_size, info.patch_size
    each = f"{P} · {Q} · 3 = {P * Q * 3} numbers" if from_pixels else f"{P} × {Q} pixels, read by a CNN first"
    return f"N = ({height} / {P}) · ({width} / {Q}) = {info.num_patches} patches, each {each}"


def preprocessing(prepared: Prepared, data_config: dict[str, Any]) -> str:
    """What resize, crop and normalisation did to the photo, in pixels."""
    resized, (height, width) = prepared.resized, prepared.image.shape[:2]
    wide, high = original_size(prepared.photo)
    is_cut = share_in_reach((wide, high)) < 1
    cut = f"cut to its middle, {MAX_ASPECT} times as long as it is short, and " if is_cut else ""
    return (
        f"The photo, {counted(wide, 'pixel')} wide and {high} high, was {cut}resized to {resized.width} × "
        f"{resized.height} ({data_config['interpolation']}); of that the model sees the middle {width} × {height}. "
        f"Then each value becomes (value / 255 − mean) / std."
    )


def cost_of_the_whole_photo(width: int, height: int) -> str:
    """What attention between all pixels of a photo would need."""
    pixels = width * height
    return (
        f"The whole photo of {width} × {height} has n = {pixels:,} pixels. Attention between all of them "
        f"would need n² = {pixels**2:,} weights in each head of each layer: "
        f"{in_bytes(pixels**2 * BYTES_PER_WEIGHT)} at {BYTES_PER_WEIGHT} bytes each."
    )


def in_bytes(size: float) -> str:
    """A number of bytes in the largest fitting unit, e.g. 10.1 GB."""
    units = ("bytes", "kB", "MB", "GB", "TB")
    power = min(len(units) - 1, int(np.log10(max(size, 1)) // 3))
    return f"{size / 1000**power:,.{1 if power else 0}f} {units[power]}"


def patch_notices(
    contrast: np.ndarray, grid: tuple[int, int], kept: float, costs: Sequence[Cost], patch_size: int
) -> list[str]:
    """What to notice about the patches of this very photo."""
    busiest, flattest = int(contrast.argmax()), int(contrast.argmin())
    pixels = next(cost for cost in costs if cost.patch_size == 1)
    own = next((cost for cost in costs if cost.patch_size == patch_size), None)
    (most, vary), (least, _) = (_as_printed(contrast, patch, grid) for patch in (busiest, flattest))
    uneven = (
        f"On the pixels' scale of 0 to 255, {most} {vary} most (the pixels' standard deviation from their patch's "
        f"mean colour is {contrast[busiest]:.1f}), {least} least ({contrast[flattest]:.1f}). "
        "Both become the same number of values: to the model every patch is one word."
    )
    even = (
        f"All {len(contrast)} patches vary alike: the standard deviation from their mean colour is "
        f"{contrast[busiest]:.1f} on the pixels' scale of 0 to 255."
    )
    sentences = [
        even if _is_as_printed(contrast, busiest).all() else uneven,
        f"The crop keeps {percent(kept)} of the photo; what lies outside the frame the model never sees.",
    ]
    if own is not None:
        sentences.append(
            f"With one token per pixel, a single attention matrix would have {pixels.attn_entries:,} "
            f"entries, {pixels.attn_entries / own.attn_entries:,.0f} times as many as with these patches."
        )
    return sentences


def _is_as_printed(contrast: np.ndarray, patch: int) -> np.ndarray:
    """(N,) whether a patch varies as that one does, in the decimal that is printed."""
    return contrast.round(1) == contrast[patch].round(1)


def _as_printed(contrast: np.ndarray, patch: int, grid: tuple[int, int]) -> tuple[str, str]:
    """That patch, or how many vary as it does; and what it does or they do."""
    alike = int(_is_as_printed(contrast, patch).sum())
    return (f"patch {patch_name(patch, grid)}", "varies") if alike == 1 else (f"{alike} patches", "vary")


def with_twice_the_side(height: int, width: int, patch_size: int, num_patches: int) -> str:
    """How many patches there would be, of twice the side."""
    twice = 2 * patch_size
    count = (height // twice) * (width // twice)
    whole = "" if height % twice == width % twice == 0 else ", each rounded down"
    product = f"{height // twice} · {width // twice} = **{count}**{whole}"
    division = (
        f"({height} / {twice}) · ({width} / {twice}) = {product}: twice the side is four times the area"
    )
    if 4 * count == num_patches:
        return f"{division}, so a quarter of the patches, and about a sixteenth of the attention matrix."
    return f"{division}, and pixels that fill no whole patch are left over."


def image_as_sentence(info: ModelInfo, from_pixels: bool) -> str:
    """What words and patches have in common for an encoder, and what they have not."""
    source = "its pixels" if from_pixels else "the CNN's features at its place"
    size = " × ".join(map(str, info.patch_size))
    return (
        f"A language model reads a sentence as a list of words, cut at the spaces (and long words again). Here the "
        f"words are squares of {size} pixels, so this photo is a text of {info.num_patches} words: that is what "
        "the title of the paper, *An Image is Worth 16x16 Words*, means. One thing differs: a word is looked up in "
        f"a list of all words, a patch is computed from {source}. After that both are rows of numbers, here "
        f"{info.embed_dim} each, and the same encoder reads them."
    )


def encoder_alone(info: ModelInfo) -> str:
    """Why a Vision Transformer has half of the original Transformer."""
    reads = "the classifier reads it" if info.num_classes else "its features go on to other models"
    return (
        "The Transformer of 2017 translated: its encoder read a sentence, and a decoder wrote another one word by "
        "word, looking at the words it had written so far. A Vision Transformer writes nothing. It keeps the "
        f"encoder, here {info.depth} layers, in which every token may look at every other in both directions; "
        f"{reads}."
    )


class Step(NamedTuple):
    """One of the seven steps: its name, what it does with this model's sizes, and pages about it."""

    title: str
    text: str
    pages: tuple[str, ...]


def seven_steps(info: ModelInfo, from_pixels: bool) -> list[Step]:
    """The way from a picture to a fine-tuned classifier; not `from_pixels` where a CNN reads the picture first."""
    (rows, cols), (height, width) = info.grid, info.patch_size
    N, F, D = info.num_patches, height * width * 3, info.embed_dim
    named = [name for name in info.prefix_names if not name.startswith("REG")]
    registers = len(info.prefix_names) - len(named)
    front = " and ".join(named + [counted(registers, "register")] * bool(registers)) or "no token"
    are = "are" if len(info.prefix_names) > 1 else "is"
    added = "and positions are added" if "absolute" in info.pos_kind else "and no position is added yet"
    flattened = (
        f"Each patch becomes a row of {height} · {width} · 3 = {F} numbers."
        if from_pixels
        else "In this model a CNN makes a row of features for each instead."
    )
    return [
        Step("Cut", f"The photo falls into {rows} × {cols} = {N} patches.", ("patches",)),
        Step("Flatten", flattened, ("patches",)),
        Step("Project", f"A learnt matrix turns every row into one of {D}.", ("embedding",)),
        Step("Say where", f"{sentence_start(front)} {are} put in front, {added}.", ("position",)),
        Step(
            "Encode",
            f"{info.depth} layers of {info.num_heads} heads mix the rows.",
            ("encoder", "attention", "qkv"),
        ),
        Step(
            "Pretrain",
            "All weights learn, in the paper from 1.3 to 303 million labelled pictures.",
            ("training",),
        ),
        Step("Fine-tune", "A new last layer learns the task at hand.", ("training", "prediction")),
    ]


def splitting_equation(info: ModelInfo) -> str:
    """Which pixel each number of a patch's row is, as LaTeX with this model's sizes; all indices from 0."""
    (_, cols), (height, width) = info.grid, info.patch_size
    F = height * width * 3
    return (
        rf"\begin{{gathered}} x_p\in\mathbb{{R}}^{{{info.num_patches}\times {F}}} \\ "
        rf"x_p\big[\,{cols}\,r+s,\; {height * width}\,c+{width}\,y+x\,\big] \\ "
        rf"=\mathrm{{image}}\big[\,c,\; {height}\,r+y,\; {width}\,s+x\,\big] \end{{gathered}}"
    )


def splitting_line(info: ModelInfo) -> str:
    """The same in one line of einops."""
    height, width = info.patch_size
    return (
        'x_p = rearrange(image, "c (rows h) (cols w) -> (rows cols) (c h w)", '
        f"h={height}, w={width})  # {info.num_patches} × {height * width * 3}"
    )
