"""Numbers about the patch projection.

Axes: N patches, F numbers of one patch, D embed_dim, C channels and h × w pixels of one filter.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vit_viz.analysis.stream import cosine

NUM_COMPONENTS = 28  # as many as Figure 7 of the paper shows


def linear(inputs: np.ndarray, filters: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """inputs (N, F) through filters (D, F) as one matrix product: (N, D)."""
    return inputs @ filters.T + bias


class Components(NamedTuple):
    """Principal components of filters: (n, h, w, C), and the share of the variance that each holds, (n,)."""

    filters: np.ndarray
    shares: np.ndarray


def principal_filters(weight: np.ndarray, count: int = NUM_COMPONENTS) -> Components:
    """The first components of filters (D, C, h, w); in each the entry of largest size is positive.

    Dosovitskiy et al. 2021, Figure 7 left.
    """
    rows = weight.reshape(len(weight), -1).astype(np.float64)
    directions, variance = _principal_axes(rows - rows.mean(axis=0))
    directions = directions[:count]
    largest = directions[np.arange(len(directions)), np.abs(directions).argmax(axis=1)]
    upright = directions * np.sign(largest)[:, None]
    return Components(
        filters=channels_last(upright.reshape(len(upright), *weight.shape[1:])),
        shares=variance[:count] / variance.sum(),
    )


def _principal_axes(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Right singular vectors of rows (D, F) and squared singular values, largest first, those of size 0 left out.

    By the eigenvectors of the smaller of the two products: seventy times as fast as an SVD of 192 × 768.
    """
    is_wide = rows.shape[0] <= rows.shape[1]
    values, vectors = np.linalg.eigh(rows @ rows.T if is_wide else rows.T @ rows)
    kept = np.flatnonzero(values > values[-1] * 1e-10)[::-1]
    axes = vectors[:, kept].T @ rows if is_wide else vectors[:, kept].T
    return axes / np.linalg.norm(axes, axis=1, keepdims=True), values[kept]


def neighbour_correlation(filters: np.ndarray) -> float:
    """Mean over filters (n, h, w, C) of the correlation of a number with the one below and right of it, −1 to 1."""
    pairs = [
        (
            np.concatenate([one[:-1].ravel(), one[:, :-1].ravel()]),
            np.concatenate([one[1:].ravel(), one[:, 1:].ravel()]),
        )
        for one in filters
    ]
    return float(np.mean([np.corrcoef(first, second)[0, 1] for first, second in pairs]))


def channels_last(filters: np.ndarray) -> np.ndarray:
    """(n, C, h, w) → (n, h, w, C), as pictures are kept."""
    return filters.transpose(0, 2, 3, 1)


def as_pictures(filters: np.ndarray) -> np.ndarray:
    """filters (n, h, w, C) → uint8: each stretched over 0 to 255 by its own least and largest number."""
    axes = (1, 2, 3)
    low, high = filters.min(axis=axes, keepdims=True), filters.max(axis=axes, keepdims=True)
    span = np.where(high > low, high - low, 1)
    return np.where(high > low, (filters - low) / span * 255, 128).round().astype(np.uint8)


def strongest_filters(weight: np.ndarray, count: int = NUM_COMPONENTS) -> np.ndarray:
    """Indices of the longest filters (D, C, h, w), in the order of their index."""
    lengths = np.linalg.norm(weight.reshape(len(weight), -1), axis=1)
    return np.sort(np.argsort(-lengths, kind="stable")[:count])


def cosine_to(rows: np.ndarray, index: int) -> np.ndarray:
    """rows (N, F) → (N,) cosine of each with one of them; 0 where a row is nothing but zeros."""
    return cosine(rows, rows[index])


def most_alike(cosines: np.ndarray, index: int, count: int) -> np.ndarray:
    """Indices of the largest of cosines (N,), itself left out; of equal ones the earlier."""
    order = np.argsort(-cosines, kind="stable")
    return order[order != index][:count]


@dataclass(frozen=True, kw_only=True, eq=False)
class FilterSet:
    """One model's filters as pictures.

    | field      | shape          | what it is                                              |
    |------------|----------------|---------------------------------------------------------|
    | components | (n, h, w, 3)   | uint8 principal components, each over its own range     |
    | shares     | (n,)           | share of the variance that each component holds         |
    | raw        | (n, h, w, 3)   | uint8 filters as they are, each over its own range      |
    | dimensions | (n,)           | which output dimensions these filters are, from 0       |
    """

    title: str
    components: np.ndarray
    shares: np.ndarray
    raw: np.ndarray
    dimensions: np.ndarray


def filter_set(title: str, weight: np.ndarray) -> FilterSet:
    """Pictures of filters (D, 3, h, w)."""
    found, strongest = principal_filters(weight), strongest_filters(weight)
    return FilterSet(
        title=title,
        components=as_pictures(found.filters),
        shares=found.shares,
        raw=as_pictures(channels_last(weight[strongest])),
        dimensions=strongest,
    )
