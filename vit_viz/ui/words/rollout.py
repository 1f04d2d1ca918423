"""Sentences and names of the page Rollout."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vit_viz.analysis.attention import strongest
from vit_viz.ui.words.numbers import below, decimal
from vit_viz.ui.words.tokens import patch_name

TITLES = {
    "relevance": "Relevance",
    "rollout": "Rollout",
    "values": "Attention × value norms",
    "attention": "Attention alone",
    "gradient": "Input gradients",
    "own": "Rollout as set above",
    "untrained": "Rollout before training",
    "random": "Random order",
}
# what a removal takes away, as it stands in a sentence
REMOVALS = {"mean colour": "painting patches in the photo's mean colour", "drop tokens": "dropping tokens"}
SEEN = 0.001  # the last digit of an area as it is printed


@dataclass(frozen=True, kw_only=True)
class Areas:
    """The areas below one map's two curves, 0 to 1."""

    deletion: float
    insertion: float

    @property
    def deletion_text(self) -> str:
        """As it is printed."""
        return f"{self.deletion:.3f}"

    @property
    def insertion_text(self) -> str:
        """As it is printed."""
        return f"{self.insertion:.3f}"


@dataclass(frozen=True, kw_only=True)
class RandomAreas(Areas):
    """Means over several random orders; `each` are theirs."""

    each: tuple[Areas, ...]

    @classmethod
    def of(cls, each: Sequence[Areas]) -> "RandomAreas":
        """From the areas of several orders."""
        means = {
            side: statistics.mean(getattr(areas, side) for areas in each)
            for side in ("deletion", "insertion")
        }
        return cls(**means, each=tuple(each))

    @property
    def deletion_text(self) -> str:
        """Mean and standard deviation."""
        return f"{self.deletion:.3f} ± {statistics.stdev(areas.deletion for areas in self.each):.3f}"

    @property
    def insertion_text(self) -> str:
        """Mean and standard deviation."""
        return f"{self.insertion:.3f} ± {statistics.stdev(areas.insertion for areas in self.each):.3f}"


def formula(
    depth: int,
    num_heads: int,
    num_tokens: int,
    *,
    fusion: str = "mean",
    residual: int = 50,
    discard: int = 0,
    start: int = 0,
) -> str:
    """The rollout with this model's sizes and the laboratory's settings: shares in percent, `start` from 0."""
    first = start + 1
    layers = range(depth, start, -1) if depth - start < 4 else (depth, None, first + 1, first)
    product = " · ".join("…" if layer is None else f"Ã{below(layer)}" for layer in layers)
    heads = "A" if num_heads == 1 else f"{fusion} of {num_heads} heads"
    kept, taken = ("½", "½") if residual == 50 else (f"{residual / 100:.2f}", f"{1 - residual / 100:.2f}")
    one = fusion == "mean" and not discard  # rows of attention sum to 1, so that these do by themselves
    sums = "every row sums to 1" if one else "each row divided by its sum"
    stays = (
        f", {'half' if residual == 50 else kept} of it left where it was"
        if one
        else ", mixed with the residual"
    )
    dropped = f", each row's weakest {discard}% of patches at 0" if discard else ""
    return (
        f"R = {product}, Ã = {kept} I + {taken} {heads}{dropped}, {sums}\n"
        f"R and every Ã: {num_tokens} × {num_tokens}; Ã is one layer's attention{stays}"
    )


def map_notes(depth: int, target: str | None) -> dict[str, str]:
    """What each map is made of, in a few words."""
    of_class = f"gradient × attention of “{target}”"
    return {
        "relevance": of_class,
        "rollout": f"all {depth} layers, no class",
        "values": f"layer {depth}, no class",
        "attention": f"layer {depth}, no class",
        "gradient": f"by the pixels, of “{target}”",
    }


def settings_note(fusion: str, residual: int, discard: int, start: int) -> str:
    """The laboratory's settings in a few words; shares in percent, `start` from 0."""
    parts = [fusion, f"residual {residual / 100:.2f}"]
    parts += [f"{discard}% discarded"] if discard else []
    parts += [f"from layer {start + 1}"] if start else []
    return ", ".join(parts)


def read_title(read: Sequence[int], prefix_names: Sequence[str]) -> str:
    """What the tokens are called that the answer is read from."""
    if read[-1] >= len(prefix_names):
        return f"the mean of all {_pooled(read, prefix_names)}"
    return " and ".join(prefix_names[token] for token in read)


def how_read(pool: str, read: Sequence[int], prefix_names: Sequence[str]) -> str:
    """What maps mean for a model that does not read its answer from CLS alone; empty for one that does."""
    if read[-1] < len(prefix_names):
        return "" if len(read) == 1 else "This model reads two tokens; maps are the mean of both."
    pooled = _pooled(read, prefix_names)
    if pool == "map":
        return f"This model pools its {pooled} by attention of its own; here the maps of all {pooled} count alike."
    return f"This model averages its {pooled}, so maps are the mean of what all {pooled} see."


def _pooled(read: Sequence[int], prefix_names: Sequence[str]) -> str:
    return "tokens" if read[0] < len(prefix_names) else "patches"


def without_class(headless: bool) -> str:
    """Why there is no class-specific map, and what stands in for the probability."""
    reason = "This model has no classifier" if headless else "This model's output has no class names"
    return (
        f"{reason}, so there is no relevance and no gradient of a class. The test watches how like the features "
        "stay to those of the whole photo (cosine similarity)."
    )


def strongest_patches(patches: np.ndarray, grid: tuple[int, int], seen_from: str, num_tokens: int) -> str:
    """How uneven the rollout (N,) of all tokens is, and where it is highest."""
    first, second = (int(patch) for patch in strongest(patches, 2))
    least = int(patches.argmin())
    most, next_most, fewest = (f"{patches[patch] * num_tokens:.2f}" for patch in (first, second, least))
    sizes = f"each {most}" if most == next_most else f"{most} and {next_most}"
    return (
        f"Of the patches, {patch_name(first, grid)} and {patch_name(second, grid)} reach {seen_from} most: "
        f"{sizes} times the even share of {num_tokens} tokens; {patch_name(least, grid)} least, {fewest} times."
    )


def residual_alone(depth: int) -> str:
    """What the residuals alone leave of a token after all layers."""
    left = 0.5**depth
    return (
        f"Rollout takes it that each layer leaves half of a token as it was. By that alone {left:.2%} of it is "
        f"still itself after {depth} layers (0.5^{depth}). Encoder block shows what the layers really add."
    )


def likeness(correlation: float) -> str:
    """How like the rollout's order of patches is to that of the last layer's attention."""
    if correlation > 0.8:
        verdict = "the layers before it change little"
    elif correlation > 0.4:
        verdict = "the layers before it change some of it"
    else:
        verdict = "the layers before it change most of it"
    return (
        "The order of patches by rollout and by the last layer's attention alone correlates by "
        f"{decimal(correlation)} (1 is the same order): {verdict}."
    )


def verdict(areas: Mapping[str, Areas], removal: str) -> list[str]:
    """Which map's curve falls fastest and which rises fastest, beside random orders; the test is complete."""
    maps = {name: found for name, found in areas.items() if name not in ("random", "untrained")}
    chance = areas["random"]
    assert isinstance(chance, RandomAreas)
    falls = min(maps, key=lambda name: maps[name].deletion)
    rises = max(maps, key=lambda name: maps[name].insertion)
    faster = [name for name in maps if maps[name].deletion < min(order.deletion for order in chance.each)]
    risen = "it also" if rises == falls else f"that of **{TITLES[rises].lower()}**"
    if _spread([*maps.values(), *chance.each]) < SEEN:
        return [
            f"By {REMOVALS[removal]}, every order comes to the same (deletion area {chance.deletion:.3f}, "
            f"insertion area {chance.insertion:.3f}): the test says nothing of the maps."
        ]
    said = [
        f"By {REMOVALS[removal]}, the curve of **{TITLES[falls].lower()}** falls fastest (area "
        f"{maps[falls].deletion_text}; random order {chance.deletion_text}), and {risen} "
        f"rises fastest ({maps[rises].insertion_text}; {chance.insertion_text}).",
        _beyond_chance(faster, len(maps), len(chance.each)),
    ]
    return said if "rollout" in faster else [*said, _rollout_itself(maps["rollout"], chance)]


def _spread(of: Sequence[Areas]) -> float:
    return max(
        max(values) - min(values)
        for values in ([areas.deletion for areas in of], [areas.insertion for areas in of])
    )


def _rollout_itself(rollout: Areas, chance: RandomAreas) -> str:
    """What the test says of the map that the page is about, where it does not beat every random order."""
    area = f"(area {rollout.deletion_text}; random order {chance.deletion_text})"
    if rollout.deletion > max(order.deletion for order in chance.each):
        return (
            f"The curve of rollout falls later than that of every random order {area}: on this photo it is worse "
            "than chance at naming the patches that the answer hangs on."
        )
    return (
        f"The curve of rollout falls no faster than random orders do {area}: on this photo the test cannot tell it "
        "from them."
    )


def _beyond_chance(faster: Sequence[str], count: int, orders: int) -> str:
    if not faster:
        return (
            f"None of the {count} maps deletes faster than every one of the {orders} random orders: on this photo "
            "the test tells none of them from chance."
        )
    names = ", ".join(TITLES[name].lower() for name in faster)
    some = f"1 of {count} maps deletes" if len(faster) == 1 else f"{len(faster)} of {count} maps delete"
    who = f"All {count} maps delete" if len(faster) == count else some
    return f"{who} faster than every one of the {orders} random orders: {names}."


def untrained_likeness(correlation: float) -> str:
    """How much of the rollout is there before any training (rank correlation)."""
    if correlation < -0.5:
        means = "training turns it round, so it hangs on what the photo and the architecture give"
    elif correlation < 0.5:
        means = "training changes it, as it must if it is to show what was learnt"
    else:
        means = "much of it is there without any training, so it cannot come from what was learnt"
    return (
        "The rollout of this photo in the same model before its training orders the patches with a correlation "
        f"of {decimal(correlation)}: {means}."
    )
