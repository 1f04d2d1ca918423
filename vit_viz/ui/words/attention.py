"""Sentences about where a token looks."""

from collections.abc import Sequence

import numpy as np

from vit_viz.analysis.attention import num_looked_at, strongest
from vit_viz.ui.words.numbers import decimal, percent, size
from vit_viz.ui.words.tokens import sentence_start, token_name

MOSTLY = 0.5  # of a row's weight
PARKED = 3  # times the weight that an even spread would put on the prefix tokens


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


def row_in_view(
    row: np.ndarray,
    layer: int,
    head: int,
    token: int,
    prefix_names: Sequence[str],
    grid: tuple[int, int],
    *,
    is_opened: bool,
) -> str:
    """Which row (T,) of which head is in view, how much of it lies on patches, and why the page opened there."""
    patches = row[len(prefix_names) :]
    looker = token_name(token, prefix_names, grid)
    where = f"layer {layer + 1}, head {head + 1}"
    extra = " (the extra token)" if looker == "CLS" else ""
    spread = float(num_looked_at(patches))
    reach = (
        f"{percent(float(patches.sum()))} of its weight lies on patches, spread about as widely as an even look "
        f"at {spread:.0f} of the {len(patches)}."
    )
    if not is_opened:
        return f"{sentence_start(where)}, the row of {looker}{extra}: {reach}"
    if 0.1 <= spread / len(patches) <= 0.9:
        return f"Opened at {where}: here {looker}{extra} picks out parts of the picture most clearly. {reach}"
    return f"Opened at {where}: in no head does {looker}{extra} pick out parts of the picture more clearly. {reach}"


def nearest_and_farthest(distances: np.ndarray, elsewhere: np.ndarray) -> str:
    """Which heads look nearest and farthest; (L, H) distances in pixels, and weight on tokens without a place."""
    near, far = (
        np.unravel_index(index, distances.shape) for index in (distances.argmin(), distances.argmax())
    )
    least, most = f"{distances[near]:.0f} px", f"{distances[far]:.0f} px"
    if least == most:
        return f"All heads look {least} away on this photo, on average."
    why = (
        f", because {elsewhere[near]:.0%} of its weight lies on tokens without a place, which count as 0"
        if elsewhere[near] >= MOSTLY
        else ""
    )
    return (
        f"Head {near[1] + 1} of layer {near[0] + 1} looks nearest on this photo, {least} away on average{why}; "
        f"head {far[1] + 1} of layer {far[0] + 1} farthest, {most}."
    )


def prefix_share(mass: np.ndarray, prefix_names: Sequence[str], num_tokens: int) -> str:
    """Which head puts most on the prefix tokens, of T in all; mass is (L, H), shares of the patches' rows."""
    if not prefix_names:
        return "This model has no CLS token: every token you see is a patch."
    layer, head = np.unravel_index(mass.argmax(), mass.shape)
    most = float(mass[layer, head])
    names = prefix_names[0] if len(prefix_names) == 1 else f"the {len(prefix_names)} prefix tokens"
    even = len(prefix_names) / num_tokens
    if most < min(PARKED * even, MOSTLY):
        return (
            f"No head parks its patches' attention on {names}: the most that one puts there, head {head + 1} of "
            f"layer {layer + 1}, is {percent(most)} of each row on average; an even spread puts {percent(even)}."
        )
    return (
        f"More than any other head, head {head + 1} of layer {layer + 1} parks its patches' attention on {names}: "
        f"{percent(most)} of each row on average."
    )


def below_zero(scores: np.ndarray, row: np.ndarray) -> str:
    """What weight a negative score gets; one query's scores and weights, (T,) each."""
    negative = int((scores < 0).sum())
    lowest = int(scores.argmin())
    found = "none is" if negative == 0 else f"{negative} {'is' if negative == 1 else 'are'}"
    return (
        "**More than none**: e to any power is above zero, and a weight is its share of all of them. Of this "
        f"row's {len(scores)} scores {found} negative; the lowest, {decimal(float(scores[lowest]))}, still gets "
        f"**{size(float(row[lowest]))}**. All weights together are **{row.sum():.6f}**."
    )
