"""Sentences of the page Compare."""

from collections.abc import Sequence

import numpy as np

from vit_viz.analysis.answer import Guess
from vit_viz.analysis.compare import mass_of_strongest
from vit_viz.analysis.distance import AttentionDistance
from vit_viz.ui.words.tokens import sentence_start

STRONGEST = 5
BOTH = "both alike"


def choose_model(title: str) -> str:
    """What is asked of the reader before there is a second model."""
    return (
        f"Choose the model to lay beside {title}. All but the bundled ones come from the model hub, and each is "
        "downloaded once."
    )


def counted(num_patches: int, prefix_names: Sequence[str]) -> str:
    """How many tokens a side has, and of what."""
    if not prefix_names:
        return f"{num_patches} patches, each a token"
    others = ", ".join(prefix_names) if len(prefix_names) < 3 else f"{len(prefix_names)} prefix tokens"
    return f"{num_patches} patches + {others} = {num_patches + len(prefix_names)} tokens"


def answers(titles: tuple[str, str], guesses: tuple[Sequence[Guess], Sequence[Guess]]) -> list[str]:
    """What both name first; nothing where one of them names no classes."""
    if not all(guesses):
        return []
    (first, *_), (second, *_) = guesses
    common = len({guess.label for guess in guesses[0]} & {guess.label for guess in guesses[1]})
    both = {0: "none is", 1: "one is"}.get(common, f"{common} are")
    return [
        f"Most probable is {first.short_label} with {first.prob:.1%} ({titles[0]}), {second.short_label} with "
        f"{second.prob:.1%} ({titles[1]}). Of the five most probable classes, {both} the same."
    ]


def concentration(titles: tuple[str, str], rows: tuple[np.ndarray, np.ndarray]) -> str:
    """How much of the cursor's row (T,) lies on few tokens, on both sides."""
    held = [mass_of_strongest(row, STRONGEST) for row in rows]
    even = [STRONGEST / len(row) for row in rows]
    return (
        f"At the cursor's token and head, the strongest {STRONGEST} tokens hold {held[0]:.0%} of the weight "
        f"({titles[0]}) and {held[1]:.0%} ({titles[1]}); an even spread would give them {_both(even)}."
    )


def no_such_token(titles: tuple[str, str], name: str) -> str:
    """Why the other side's row is empty."""
    return f"{name} is a token of {titles[0]} only: {titles[1]} has none of that name."


def asked(kind: str) -> str:
    """What is to be guessed of both sides; `kind` is what tells them apart, one of KINDS of the state."""
    where = {"photo": "In which of the two photos", "size": "At which of the two resolutions"}
    width = ", as a share of the picture's width" if kind == "size" else ""
    return f"{where.get(kind, 'In which of the two models')} do the heads look farther, on average{width}?"


def farther(titles: tuple[str, str], both: tuple[AttentionDistance, AttentionDistance]) -> str:
    """The title of the side that looks farther, averaged over all its heads; BOTH where no printed digit tells."""
    first, second = _mean_shares(both)
    return BOTH if f"{first:.2%}" == f"{second:.2%}" else titles[int(second > first)]


def _mean_shares(both: tuple[AttentionDistance, AttentionDistance]) -> list[float]:
    return [figures.distance.mean() / _width(figures) for figures in both]


def reach(titles: tuple[str, str], both: tuple[AttentionDistance, AttentionDistance]) -> str:
    """How far each side looks: mean distance over all heads, as a share of the picture's width."""
    even = [figures.uniform() / _width(figures) for figures in both]
    first, second = (f"{share:.2%}" for share in _mean_shares(both))
    return (
        f"**{sentence_start(farther(titles, both))}**: attention reaches {first} of the picture's width "
        f"({titles[0]}) and {second} ({titles[1]}). Heads that look at all tokens alike would reach {_both(even)}."
    )


def spread(titles: tuple[str, str], both: tuple[AttentionDistance, AttentionDistance]) -> str:
    """How much the heads differ from one another, on both sides."""
    parts = []
    for title, figures in zip(titles, both, strict=True):
        nearest, farthest = (
            f"{end / _width(figures):.0%}" for end in (figures.distance.min(), figures.distance.max())
        )
        reach = f"all {nearest}" if nearest == farthest else f"from {nearest} to {farthest}"
        parts.append(f"{reach} ({title})")
    return f"The heads look {parts[0]} and {parts[1]} of the width far."


def changed_most(titles: tuple[str, str], both: tuple[AttentionDistance, AttentionDistance]) -> list[str]:
    """The head that differs most, where both sides have the same layers and heads."""
    if both[0].distance.shape != both[1].distance.shape:
        return []
    shares = [figures.distance / _width(figures) for figures in both]
    layer, head = np.unravel_index(np.abs(shares[0] - shares[1]).argmax(), shares[0].shape)
    first, second = (f"{share[layer, head]:.1%}" for share in shares)
    if first == second:
        return ["No head looks farther on one side than on the other."]
    return [
        f"Head {head + 1} of layer {layer + 1} differs most: {first} of the width ({titles[0]}), {second} "
        f"({titles[1]})."
    ]


def unmatched(depths: tuple[int, int], heads: tuple[int, int]) -> list[str]:
    """What the cursor does where layers or heads do not correspond."""
    if depths[0] == depths[1] and heads[0] == heads[1]:
        return []
    return [
        f"{depths[0]} layers of {heads[0]} heads stand beside {depths[1]} of {heads[1]}: the cursor goes to the "
        "same relative depth; heads of different models have no common order."
    ]


def _both(shares: Sequence[float]) -> str:
    """Two shares, or the one where they read alike."""
    first, second = (f"{share:.1%}" for share in shares)
    return first if first == second else f"{first} and {second}"


def _width(figures: AttentionDistance) -> int:
    return figures.grid[1] * figures.patch_size[1]
