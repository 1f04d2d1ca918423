"""Deletion and insertion curves: which patches are there at each step, and what the curves amount to.

Petsiuk et al. 2018, "RISE", section 4.3. Axes: N patches, S steps.
"""

import numpy as np


def counts(num_patches: int, steps: int) -> np.ndarray:
    """(S + 1,) how many patches have been taken away (or put back) after each step: none … all."""
    return np.rint(np.linspace(0, num_patches, steps + 1)).astype(int)


def kept_patches(order: np.ndarray, steps: int, *, insertion: bool) -> list[np.ndarray]:
    """order (N,), most important patch first → the patches that are there at each of S + 1 points.

    Deletion takes the first of the order away first, insertion puts them back first.
    """
    taken = counts(len(order), steps)
    return [np.sort(order[:count] if insertion else order[count:]) for count in taken]


def random_order(num_patches: int, seed: int) -> np.ndarray:
    """(N,) the same order for the same seed, everywhere."""
    return np.random.default_rng(seed).permutation(num_patches)


def area(values: np.ndarray, num_patches: int) -> float:
    """values (S + 1,) of a curve → the area below it, over shares of patches from 0 to 1."""
    share = counts(num_patches, len(values) - 1) / num_patches
    return float(((values[1:] + values[:-1]) / 2 * np.diff(share)).sum())


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's correlation of two maps (N,): 1 the same order, 0 none in common, −1 reversed.

    Equal values share their mean rank; a map without any difference has no order: then 0.
    """
    ranks = [_mean_ranks(values) for values in (a, b)]
    if any(np.ptp(rank) == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(ranks)[0, 1])


def _mean_ranks(values: np.ndarray) -> np.ndarray:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[place]
