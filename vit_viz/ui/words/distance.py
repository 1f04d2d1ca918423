"""Sentences of the page Attention distance."""

from collections.abc import Sequence

import numpy as np

from vit_viz.analysis.distance import AttentionDistance, receptive_field
from vit_viz.ui.words.attention import nearest_and_farthest
from vit_viz.ui.words.numbers import counted


def formula(
    num_patches: int, patch_size: int, prefix_names: Sequence[str], depth: int, num_heads: int
) -> str:
    """Mean attention distance with this model's sizes."""
    names = " and ".join(prefix_names) if len(prefix_names) < 3 else f"{len(prefix_names)} prefix tokens"
    dropped = f", {names} dropped" if prefix_names else ""
    return (
        f"d = mean over {num_patches} queries of Σ A[query, key] · {patch_size} px · |query − key|{dropped}\n"
        f"one d for each of {num_heads} heads in {depth} layers"
    )


def distance_notices(figures: AttentionDistance, usual: AttentionDistance | None) -> list[str]:
    """What to notice about this photo's distances; `usual` is an average over other photos."""
    sentences = [
        nearest_and_farthest(figures.distance, figures.prefix_mass),
        _by_depth(figures),
        even_line(figures),
        _convolutions(figures),
    ]
    if usual is not None:
        sentences.append(_unusual(figures, usual))
    return sentences


def _by_depth(figures: AttentionDistance) -> str:
    first, last = figures.distance[0], figures.distance[-1]
    return f"The heads of layer 1 lie {_span(first)}, those of layer {len(figures.distance)} {_span(last)}."


def _span(distances: np.ndarray) -> str:
    """Where a layer's heads lie, as they are printed."""
    low, high = f"{distances.min():.0f}", f"{distances.max():.0f}"
    return f"at {low} px" if low == high else f"between {low} and {high} px (mean {distances.mean():.0f})"


def _convolutions(figures: AttentionDistance) -> str:
    fields = np.array([receptive_field(layer + 1) for layer in range(len(figures.distance))])
    beyond = int((figures.distance > fields[:, None]).sum())
    return (
        f"{beyond} of {figures.distance.size} heads look farther on average than the whole width that a stack "
        f"of 3 × 3 convolutions on the pixels, with stride 1, sees at their depth: {fields[0]} px after 1 layer, "
        f"{fields[-1]} px after {len(fields)}. The next patch is {figures.patch_size[0]} px away already."
    )


def _moved_most(figures: AttentionDistance, prefix_names: Sequence[str]) -> str:
    moved = figures.renormalised - figures.distance
    layer, head = np.unravel_index(moved.argmax(), moved.shape)
    return (
        f"Renormalising moves head {head + 1} of layer {layer + 1} most, from "
        f"{figures.distance[layer, head]:.0f} to {figures.renormalised[layer, head]:.0f} px: "
        f"{figures.prefix_mass[layer, head]:.0%} of its weight lies on {_without_a_place(prefix_names)}."
    )


def _without_a_place(prefix_names: Sequence[str]) -> str:
    return prefix_names[0] if len(prefix_names) == 1 else "the prefix tokens"


def _unusual(figures: AttentionDistance, usual: AttentionDistance) -> str:
    apart = np.abs(figures.distance - usual.distance)
    layer, head = np.unravel_index(apart.argmax(), apart.shape)
    return (
        f"Against the mean of {usual.photos} photos, this photo changes head {head + 1} of layer {layer + 1} most: "
        f"{figures.distance[layer, head]:.0f} px here, {usual.distance[layer, head]:.0f} px there. "
        f"Half of the heads move by less than {np.median(apart):.1f} px."
    )


def try_it(prefix_names: Sequence[str]) -> str:
    """What to look for; without prefix tokens there is nothing to renormalise."""
    look = (
        "Compare the first layers with the last: are there heads that look around the patch beside heads that "
        "look everywhere?"
    )
    if not prefix_names:
        return f"{look} Then pick patches in a corner and in the middle: which row looks farther?"
    return f"{look} Then renormalise, and see which dots move: their weight lies on tokens without a place."


def question(figures: AttentionDistance, prefix_names: Sequence[str]) -> tuple[str, list[str], str]:
    """Something to predict about a dot, the answers to choose from, the right one first, and why it is right."""
    if not prefix_names:
        side = figures.patch_size[0]
        return (
            "A head looks at the direct neighbours of each patch, and at nothing else. How far does it look?",
            [f"{side} px", f"{2 * side} px", f"{4 * side} px"],
            f"**{side} px**: every neighbour is one patch away, and so is their mean. At the border "
            "there are fewer of them, no nearer and no farther.",
        )
    elsewhere = _without_a_place(prefix_names)
    return (
        f"A head gives half of its weight to {elsewhere} and shares out the other half as before. What becomes of "
        "its dot?",
        ["it falls to half", "it stays", "it rises"],
        f"**It falls to half** by the paper's definition: what lies on {elsewhere} has no place and counts as no "
        f"distance. Renormalised it stays. {_moved_most(figures, prefix_names)}",
    )


def even_line(figures: AttentionDistance) -> str:
    """Where the line of looking at all tokens alike comes from."""
    patches = figures.grid[0] * figures.grid[1]
    mean = f"the mean distance between two of the {patches} patches"
    even = f"A head that looks at all tokens alike reaches {figures.uniform():.3f} px"
    if figures.num_prefix_tokens == 0:
        return f"{even}: {mean}."
    return (
        f"{even} by the paper's definition: {mean}, "
        f"{figures.uniform(renormalised=True):.3f} px, times {patches} of {patches + figures.num_prefix_tokens}, "
        "the share of the weight that lies on patches."
    )


def set_note(shipped: bool, figures: AttentionDistance) -> str:
    """Where an average comes from."""
    if shipped:
        note = f"Mean over {figures.photos} photos kept out of this model's training, computed when it was trained"
        return f"{note}." if figures.squares is not None else f"{note}; their spread was not kept."
    return f"Mean over {figures.photos} photos."


def start_label(count: int, seen: int) -> str:
    """What the button does: begin, or go on where an average was left."""
    if 0 < seen < count:
        return f"Go on, {seen} of {count} photos are averaged"
    return f"Average over {counted(count, 'photo')}"


def kept_photos(names: Sequence[str], most: int = 3) -> str:
    """Which of the reader's photos are still there while the uploader is empty."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return f"Kept from before: {', '.join(names[:most])}{rest}. New ones take their place."


def too_much(came: int, kept: int, limit: int) -> str:
    """Not all photos that came are kept: `limit` MB of them are."""
    return (
        f"Of these {came} photos the first {kept} are averaged: a session keeps up to {limit} MB of them. For "
        "more, choose smaller files, or average a folder: `python -m vit_viz distance --help` says how."
    )


def skipped_photos(figures: AttentionDistance) -> str | None:
    """Which photos could not be read, and why; None where all could."""
    if not figures.skipped:
        return None
    names = "\n".join(f"- {photo.name}: {photo.reason}" for photo in figures.skipped)
    return f"{len(figures.skipped)} of {figures.seen} photos cannot be read and were left out:\n{names}"
