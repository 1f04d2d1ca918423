"""Sentences for the reader, each computed from the data it speaks of."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vit_viz.analysis.attention import strongest
from vit_viz.analysis.patches import Cost
from vit_viz.experiments.projections import AttentionKind
from vit_viz.photos import Prepared


def patch_name(patch: int, grid: tuple[int, int]) -> str:
    """Row and column, counted from 1."""
    return f"({patch // grid[1] + 1}, {patch % grid[1] + 1})"


def token_name(token: int, prefix_names: Sequence[str], grid: tuple[int, int]) -> str:
    """CLS and its like by name, a patch by row and column."""
    R = len(prefix_names)
    return prefix_names[token] if token < R else f"patch {patch_name(token - R, grid)}"


def preprocessing(prepared: Prepared, data_config: dict[str, Any]) -> str:
    """What resize, crop and normalisation did to the photo, in pixels."""
    photo, resized, (height, width) = prepared.photo, prepared.resized, prepared.image.shape[:2]
    return (
        f"{photo.width} × {photo.height} pixels were resized to {resized.width} × {resized.height} "
        f"({data_config['interpolation']}); of that the model sees the middle {width} × {height}. "
        f"Then each value becomes (value / 255 − mean) / std."
    )


def patch_notices(
    contrast: np.ndarray, grid: tuple[int, int], kept: float, costs: Sequence[Cost], patch_size: int
) -> list[str]:
    """What to notice about the patches of this very photo."""
    busiest, flattest = int(contrast.argmax()), int(contrast.argmin())
    pixels = next(cost for cost in costs if cost.patch_size == 1)
    own = next((cost for cost in costs if cost.patch_size == patch_size), None)
    sentences = [
        f"Patch {patch_name(busiest, grid)} varies most (standard deviation {contrast[busiest]:.0f} of 255), "
        f"patch {patch_name(flattest, grid)} least ({contrast[flattest]:.1f}). "
        "Both become the same number of values: to the model every patch is one word.",
        f"The crop keeps {kept:.0%} of the resized photo; what lies outside the frame the model never sees.",
    ]
    if own is not None:
        sentences.append(
            f"With one token per pixel, a single attention matrix would have {pixels.attn_entries:,} "
            f"entries, {pixels.attn_entries / own.attn_entries:,.0f} times as many as with these patches."
        )
    return sentences


def strongest_targets(row: np.ndarray, token: int, prefix_names: Sequence[str], grid: tuple[int, int]) -> str:
    """Where one query's row (T,) of attention goes."""
    names = {int(other): token_name(other, prefix_names, grid) for other in strongest(row, 2)}
    names |= {token: "itself"} if token in names else {}
    (first, first_name), (second, second_name) = names.items()
    own = "" if token in names else f", and keeps {row[token]:.1%} on itself"
    looker = sentence_start(token_name(token, prefix_names, grid))
    return (
        f"{looker} looks most at {first_name} ({row[first]:.1%}) and {second_name} ({row[second]:.1%}){own}. "
        f"An even spread would give each token {1 / len(row):.1%}."
    )


def nearest_and_farthest(distances: np.ndarray) -> str:
    """Which heads of distances (L, H), in pixels, look nearest and farthest."""
    (near, near_head), (far, far_head) = (
        np.unravel_index(index, distances.shape) for index in (distances.argmin(), distances.argmax())
    )
    return (
        f"Head {near_head + 1} of layer {near + 1} looks nearest on this photo, {distances.min():.0f} px away "
        f"on average; head {far_head + 1} of layer {far + 1} farthest, {distances.max():.0f} px."
    )


def prefix_share(mass: np.ndarray, prefix_names: Sequence[str]) -> list[str]:
    """Which head puts most on the prefix tokens; mass is (L, H, T), shares of each query's row."""
    if not prefix_names:
        return ["This model has no CLS token: every token you see is a patch."]
    by_head = mass[:, :, len(prefix_names) :].mean(axis=-1)
    layer, head = np.unravel_index(by_head.argmax(), by_head.shape)
    names = "CLS" if len(prefix_names) == 1 else f"the {len(prefix_names)} prefix tokens"
    return [
        f"Head {head + 1} of layer {layer + 1} parks most of its patches' attention on {names}: "
        f"{by_head[layer, head]:.0%} on average."
    ]


def qkv_notes(kind: AttentionKind) -> dict[str, str]:
    """What a model does besides the paper's attention, by the step of the page where it happens."""
    notes = {}
    if not kind.norm:
        notes["input"] = "This model normalises after its attention: the stream itself goes in."
    before = [text for text, is_so in (("normalised", kind.qk_norm), ("rotated", kind.rotary)) if is_so]
    if before:
        notes["project"] = (
            f"This model's q and k are {' and '.join(before)} after the projection; "
            "they are shown as they enter the dot product."
        )
    inside = [
        text
        for text, is_so in (("normalised", kind.norm_inside), ("gated by the input", kind.gated))
        if is_so
    ]
    if inside:
        notes["concat"] = f"Before the output projection this model's row is also {' and '.join(inside)}."
    if kind.layer_scale:
        notes["output"] = "LayerScale multiplies it by learnt factors before it is added to the stream."
    if kind.norm_after:
        notes["output"] = "This model normalises it before it is added to the stream."
    return notes


def effect_of_the_scale(weights: np.ndarray, unscaled: np.ndarray, head_dim: int) -> str:
    """What dividing by √K does to one query's weights (T,)."""
    return (
        f"The largest weight of this row is {weights.max():.1%}. "
        f"Without the division by √{head_dim} it would be {unscaled.max():.1%}."
    )


def spread(num_keys: int, num_tokens: int, share: float) -> str:
    """How many of the keys hold most of a row's weight."""
    keys = "1 token holds" if num_keys == 1 else f"{num_keys} of the {num_tokens} tokens hold"
    return f"{keys} {share:.0%} of this row's weight: the output is mostly a mix of their values."


def share_of_heads(shares: np.ndarray, head: int) -> str:
    """How much of the concatenated row (squared length) comes from this head, and from the largest; (H,)."""
    largest = int(shares.argmax())
    own = f"Head {head + 1} brings {shares[head]:.1%} of the squared length of this token's concatenated row"
    if largest == head:
        return f"{own}, more than any other. Alike heads would bring {1 / len(shares):.1%} each."
    return f"{own}, head {largest + 1} the most: {shares[largest]:.1%}."


def without_classes(headless: bool) -> str:
    """Why a model gives no answer in words."""
    if headless:
        return "has no classifier: it gives features, which other models build on."
    return "answers in a space of its own, whose directions have no class names."


def sentence_start(text: str) -> str:
    """The text with a capital first letter."""
    return text[0].upper() + text[1:]
