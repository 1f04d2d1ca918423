"""Sentences of the page Embedding."""

from collections.abc import Sequence

import numpy as np

from vit_viz.analysis.embedding import FilterSet, cosine_to, linear, most_alike, neighbour_correlation
from vit_viz.experiments.embedding import EmbeddingKind, Projection
from vit_viz.ui.words.numbers import decimal, equal_sign, power
from vit_viz.ui.words.tokens import patch_name

NUM_ALIKE = 5


def formula(projection: Projection) -> str:
    """The projection with this model's sizes."""
    (N, F), D = projection.inputs.shape, projection.outputs.shape[1]
    if projection.weight is None:
        return f"{N} × {D}, as the CNN before the encoder gives them: this model has no projection"
    b = f", b: {D}" if projection.has_bias else ""
    product = embedded(EmbeddingKind(projects=True, biased=bool(b), normed=False))
    if not projection.from_pixels:
        return f"{product}\nxₚ: {N} × {F} features of a CNN, E: {F} × {D}{b}, together {N} × {D}"
    channels, height, width = projection.weight.shape[1:]
    numbers = f"{height} · {width} · {channels} numbers of a patch in each row"
    return f"{product}\nxₚ: {N} × {F}, {numbers}; E: {F} × {D}{b}; together {N} × {D}"


def embedded(kind: EmbeddingKind) -> str:
    """The patches' rows as a formula; xₚ E is what the matrix makes of patches that are rows."""
    rows = ("xₚ E" if kind.projects else "xₚ") + (" + b" if kind.biased else "")
    return f"norm({rows})" if kind.normed else rows


def embedding_notices(
    projection: Projection, filters: Sequence[FilterSet], patch: int, dimension: int, grid: tuple[int, int]
) -> list[str]:
    """What to notice about the picked patch and filter, and about the filters of the model."""
    before, after = cosine_to(projection.inputs, patch), cosine_to(projection.outputs, patch)
    sentences = [] if projection.weight is None else [one_number(projection, patch, dimension, grid)]
    sentences += [
        loudest_dimension(projection.outputs, patch, grid),
        alike(before, after, patch, grid),
    ]
    return sentences + ([order_in_filters(filters)] if filters else [])


def one_number(projection: Projection, patch: int, dimension: int, grid: tuple[int, int]) -> str:
    """How one number of the matrix comes about."""
    total, bias = number_parts(projection, patch, dimension)
    result = decimal(projection.outputs[patch, dimension], 4)
    about = "≈ " if _sign(total, bias, result) == "≈" else ""
    added = f"; with the bias of {decimal(bias, 4)} that is {about}{result}" if projection.has_bias else ""
    ending = ", which the norm after the projection then changes" if projection.normed else ""
    return (
        f"Patch {patch_name(patch, grid)} times filter {dimension + 1}: {projection.inputs.shape[1]:,} products "
        f"add up to {decimal(total, 4)}{added}{ending}."
    )


def number_parts(projection: Projection, patch: int, dimension: int) -> tuple[float, float]:
    """Sum of the products in double precision, and the bias, of one number of the matrix."""
    total = projection.inputs[patch].astype(np.float64) @ projection.filters[dimension].astype(np.float64)
    return float(total), float(projection.bias[dimension])


def doubled(total: float, bias: float) -> str:
    """What becomes of the picked number if every number that goes in is doubled."""
    if bias == 0:
        result = decimal(2 * total, 4)
        sign = _sign(2 * round(total, 4), 0, result)
        return (
            f"It doubles: 2 · {bracketed(total)} {sign} **{result}** instead of {decimal(total, 4)}. The step is "
            "linear, without a constant."
        )
    plus = f"− {decimal(-bias, 4)}" if bias < 0 else f"+ {decimal(bias, 4)}"
    result = decimal(2 * total + bias, 4)
    sign = _sign(2 * round(total, 4), bias, result)
    return (
        f"The sum doubles, the bias stays: 2 · {bracketed(total)} {plus} {sign} **{result}** instead of "
        f"{decimal(total + bias, 4)}. The step is linear up to a constant."
    )


def bracketed(value: float) -> str:
    """A factor, in brackets where it is negative."""
    return f"({decimal(value, 4)})" if value < 0 else decimal(value, 4)


def _sign(total: float, bias: float, result: str) -> str:
    """What stands before the result: printed with four decimals, both terms may give another one."""
    return equal_sign(decimal(round(total, 4) + round(bias, 4), 4), result)


def loudest_dimension(outputs: np.ndarray, patch: int, grid: tuple[int, int]) -> str:
    """Which output dimension sets this patch apart most; outputs (N, D)."""
    means = outputs.mean(axis=0)
    index = int(np.abs(outputs[patch] - means).argmax())
    if np.ptp(outputs, axis=0).max() <= 1e-5 * np.abs(outputs).max():
        return f"All {len(outputs)} patches look the same, so they become the same {len(means)} numbers."
    return (
        f"Dimension {index + 1} sets patch {patch_name(patch, grid)} apart most: it is "
        f"{decimal(outputs[patch, index])} here and {decimal(means[index])} on average over all {len(outputs)} "
        "patches."
    )


def alike(before: np.ndarray, after: np.ndarray, patch: int, grid: tuple[int, int]) -> str:
    """Which patches are most like this one before and after the projection; cosines (N,)."""
    firsts, lasts = (most_alike(cosines, patch, NUM_ALIKE) for cosines in (before, after))
    same = int((np.delete(before, patch) > 1 - 1e-6).sum())
    if same > len(firsts):
        return (
            f"{same} other patches are as like patch {patch_name(patch, grid)} as can be, with a cosine of 1.000 "
            f"before the projection; the {len(firsts)} beside the map are the first of them."
        )
    return (
        f"Most like patch {patch_name(patch, grid)} is {patch_name(firsts[0], grid)} before the projection "
        f"(cosine {decimal(float(before[firsts[0]]), 3)}) and {patch_name(lasts[0], grid)} after it "
        f"({decimal(float(after[lasts[0]]), 3)}). "
        f"Of the {len(firsts)} most alike, {len(set(firsts) & set(lasts))} stay the same."
    )


def order_in_filters(filters: Sequence[FilterSet]) -> str:
    """How smooth the components are, beside those of the untrained twin where there is one."""
    measured = [
        f"{decimal(neighbour_correlation(one.components))} in {one.title} (its {len(one.shares)} components hold "
        f"{one.shares.sum():.0%} of the variance of the filters)"
        for one in filters
    ]
    return (
        f"Neighbouring pixels of a component correlate by {', and by '.join(measured)}. "
        "1 is a smooth shape, 0 is noise."
    )


def equivalence(projection: Projection) -> str:
    """Strided convolution and linear layer, compared number by number."""
    rows = "the flattened patches" if projection.from_pixels else "the CNN's features at each place"
    found = linear(projection.inputs, projection.filters, projection.bias)
    difference = power(np.abs(found - projection.outputs).max())
    return (
        f"In the model this step is a convolution whose stride is as long as its filter: no two places overlap. "
        f"As a linear layer over {rows} it gives the same matrix. Largest difference of all "
        f"{found.size:,} numbers on this photo: **{difference}**, with numbers "
        f"up to {np.abs(projection.outputs).max():.2f}. That is the rounding of 32-bit sums in another order."
    )


def about_filters(projection: Projection, filters: Sequence[FilterSet]) -> str:
    """What the filter pictures are of, and what applies to this model."""
    if not filters:
        return (
            "This model has no convolution that sees red, green and blue, so there are no filters "
            "to show in colour."
        )
    text = (
        "Each picture is stretched over its own range, from its least to its largest number: it shows a pattern, "
        "not its strength. The principal components are the directions in which the filters differ most, and no "
        "single filter looks like one; the raw filters are the single ones."
    )
    if not projection.from_pixels:
        text += (
            " In this model a CNN stands before the projection: these are the filters of the CNN's first "
            "convolution, as stored. The projection itself sees features, not colours."
        )
    if len(filters) == 1:
        text += " The same filters before training are at hand for the bundled model alone, ViT Viz/16."
    return text
