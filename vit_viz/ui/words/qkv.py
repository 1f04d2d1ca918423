"""Sentences of the page Query, key, value."""

import numpy as np

from vit_viz.experiments.projections import AttentionKind


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


def spread(num_keys: int, num_tokens: int, share: float) -> str:
    """How many of the keys hold most of a row's weight."""
    if num_keys == 1:
        return f"1 token holds {share:.0%} of this row's weight: the output is mostly its value."
    if num_keys > num_tokens / 2:
        return (
            f"{num_keys} of the {num_tokens} tokens hold {share:.0%} of this row's weight: this head looks "
            "widely, and its output mixes the values of most tokens."
        )
    return (
        f"{num_keys} of the {num_tokens} tokens hold {share:.0%} of this row's weight: "
        "the output mixes mostly their values."
    )


def share_of_heads(shares: np.ndarray, head: int) -> str:
    """How much of the concatenated row (squared length) comes from this head, and from the largest; (H,)."""
    largest = int(shares.argmax())
    own = f"Head {head + 1} brings {shares[head]:.1%} of the squared length of this token's concatenated row"
    if largest == head:
        return f"{own}, more than any other. Alike heads would bring {1 / len(shares):.1%} each."
    return f"{own}, head {largest + 1} the most: {shares[largest]:.1%}."
