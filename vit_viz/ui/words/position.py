"""Sentences of the page CLS and position."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vit_viz.analysis.positions import Falloff
from vit_viz.ui.words.numbers import decimal, share, size
from vit_viz.ui.words.tokens import patch_name

TWINS = 0.99  # beyond this cosine two rows are one to the eye
MANY = 10  # times; from here on a percentage says little
ROUNDING = 1e-5  # of the largest value: what sums of 32-bit numbers in another order differ by
BOUND = "10⁻⁵"  # the same, as it is written
NOTEWORTHY = 0.05  # by how much two mean cosines must differ to be worth a word
NEITHER = 0.3  # below this correlation two patterns have little in common
KINDS = {
    "rotary": (
        "Attention alone is blind to order. This model adds nothing to its patches: in every layer it "
        "**rotates q and k by their place**, so that of two places a dot product depends only on the rows "
        "and columns between them. Each tile shows how alike one query is to copies of itself in all other places."
    ),
    "absolute + rotary": (
        "Attention alone is blind to order. This model has two remedies: a **learnt row per place** that "
        "is added to the patch, and in every layer a **rotation of q and k by their place**."
    ),
    "none": (
        "Attention alone is blind to order, and this model is **told no positions** at all: its patches "
        "are a bag without places. Shuffle them below, and see that the answer stays."
    ),
}
TITLES = {
    "learnt": "Learnt positions",
    "imitated": "Learnt positions",
    "drawn": "Positions, not trained",
    "fixed": "Fixed positions",
}
ROWS = {
    "learnt": (
        "This model learnt **one row per place** and adds it to the patch that stands there. Nobody told it what "
        "is near."
    ),
    "imitated": (
        "This model learnt **one row per place** and adds it to the patch that stands there. It learnt by "
        "imitating another model, its teacher, and could copy from it which places are near. The teacher had "
        "learnt that from labels alone."
    ),
    "drawn": (
        "This model adds **one row per place** to the patch that stands there. The rows were drawn by lot and "
        "nothing is learnt yet: no place is nearer to one than to another."
    ),
    "fixed": (
        "This model adds **one row per place** to the patch that stands there. It did not learn the rows: they are "
        "sines of the row and of the column, fixed before its training."
    ),
}
SHUFFLE = (
    "The model answers five times: patches in order; shuffled together with their positions; shuffled while the "
    "positions stay; and without positions, in order and shuffled."
)
EQUIVARIANCE = (
    "**Not at all**, but for rounding. A Transformer sees a set: a patch and its position are one row, "
    "and rows may come in any order. Shuffle above, and read the largest change below the second picture."
)
TRY_TILES = " Go from tile to tile: does a place in the corner know its row and its column?"
SINES = (
    "Positions need not be learnt. The first Transformer used fixed sines and cosines of many "
    "wavelengths: a row of clock hands that turn at different speeds. In one dimension they count the "
    "patches as words of a sentence, so the end of one line is near the start of the next; in two "
    "dimensions one half of the row tells the patch's row and the other half its column."
)
NO_SIZES = (
    "This model has no learnt rows to interpolate: what it knows of places is computed from row and "
    "column, so any grid will do."
)
SHIFT = (
    "A convolution gives a shifted output for a shifted photo. A ViT promises no such thing: patches are "
    "cut differently, and each place has a position of its own. Here the photo moves to the right, and "
    "what leaves there comes back on the left."
)


def input_formula(
    pos_kind: str,
    prefix_names: Sequence[str],
    num_patches: int,
    embed_dim: int,
    patches: str,
    *,
    placed: Sequence[str],
    normed: bool = False,
) -> str:
    """z₀ with this model's sizes; `placed` are the prefix tokens that have a position of their own.

    `patches` is what becomes of the patches, as `embedding.embedded` writes it; `normed` where a norm follows
    the sum.
    """
    R, rows = len(prefix_names), len(prefix_names) + num_patches
    learnt = f"{R} learnt rows; " if R > 2 else "".join(f"{name.lower()}; " for name in prefix_names)
    if "absolute" not in pos_kind:
        formula, held = f"[ {learnt}{patches} ]", ""
    elif len(placed) == R:
        formula, held = f"[ {learnt}{patches} ] + Eₚₒₛ", " both in z₀ and in Eₚₒₛ"
    else:  # the patches alone have a place
        formula, held = f"[ {learnt}{patches} + Eₚₒₛ ]", f" in z₀, {rows - R + len(placed)} in Eₚₒₛ"
    rotated = "; in each layer q, k → q R(row, col), k R(row, col)" if "rotary" in pos_kind else ""
    counted = f"{R} + {num_patches} = {rows} rows" if R else f"{rows} rows"
    z = f"z₀ = norm( {formula} )" if normed else f"z₀ = {formula}"
    return f"{z}{rotated}\n{counted} of {embed_dim} numbers{held}"


def sizes_story(placed: Sequence[str]) -> str:
    """What becomes of the rows at another resolution; `placed` are the prefix tokens that have a row there."""
    names = f"{placed[0]} is" if len(placed) == 1 else f"the {len(placed)} prefix tokens are"
    kept = f", {names} left out of it" if placed else ""
    return (
        "A larger photo has more patches than there are rows. The grid of rows is then resized like a "
        f"small picture (bicubic){kept}, and the model is fine-tuned a little at the new size. The pattern stays, "
        "only finer or coarser."
    )


def rotary_title(patch: int, grid: tuple[int, int]) -> str:
    """Of whose query the copies are."""
    return f"The query of patch {patch_name(patch, grid)}, rotated to every place"


def rotary_note(layer: int, head: int) -> str:
    """Whose rotation, and how exact."""
    return (
        f"Layer {layer + 1}, head {head + 1}. Cosine of a copy in one place with copies in all others: the "
        "model's own rotation, and in its own place the copy is the very q of this photo. Choose layer "
        "and head on Attention maps."
    )


def sum_summary(has_position: bool, difference: float, embed_dim: int) -> str:
    """How exactly the rows add up to what the first layer is given."""
    if difference > 0:
        before = (
            "The model normalises" + (" the sum" if has_position else " the row") + " before its first layer"
        )
        return f"{before}: the last row is what goes in. Point at a number."
    how = "Token and position add up to z₀" if has_position else "Nothing is added: the token's row is z₀"
    return f"{how}, exactly so in all {embed_dim} numbers. Point at a number."


def prefix_summary(has_position: bool, *, adds_positions: bool, origin: str = "learnt") -> str:
    """Below a prefix token's sum, in a model that adds positions or not; `origin` as in TITLES."""
    if has_position:
        made = "drawn by lot" if origin == "drawn" else "learnt"
        return f"Both rows are {made}: this sum is the same for every photo. Point at a number."
    if not adds_positions:
        return "Nothing is added to this row: it is the same for every photo. Point at a number."
    return (
        "This token has no position: zeros are added. Its row is the same for every photo. Point at a number."
    )


def about_positions(
    kind: str, origin: str, resized: tuple[tuple[int, int], tuple[int, int]] | None = None
) -> str:
    """What this model knows of places, and what the tiles show; `origin` as in TITLES.

    `resized` are the grids of the checkpoint's rows and of the model's, where they differ.
    """
    if kind != "absolute":
        return KINDS[kind] + _resized(resized)
    tiles = "Each tile shows how alike one place's row is to all others."
    return f"Attention alone is blind to order. {ROWS[origin]}{_resized(resized)} {tiles}"


def _resized(grids: tuple[tuple[int, int], tuple[int, int]] | None) -> str:
    if grids is None:
        return ""
    before, after = (f"{rows} × {cols}" for rows, cols in grids)
    return (
        f" Its checkpoint has rows for {before} places: they were resized to these {after} as it was loaded."
    )


def about_changes(outcome: str) -> str:
    """How the numbers below the answers are to be read; `outcome` is what is compared: logit or feature."""
    changed = "the features" if outcome == "feature" else f"the {outcome}s and the features"
    return (
        f"Below each answer: how much {changed} changed against another of the five, as a share of the largest "
        f"{outcome} (up to {BOUND} is rounding) and of the features' length."
    )


def differences(change: float, distance: float, against: str, outcome: str) -> list[str]:
    """What stands below an answer: its largest change relative to the largest value, the features' distance."""
    bound = f" ≤ {BOUND}" if change <= ROUNDING else ""
    return [
        f"largest {outcome} change {share(change)}{bound}",
        f"features moved {share(distance)}",
        f"against: {against[0].lower()}{against[1:]}",
    ]


class Moved(NamedTuple):
    """What shuffling does in one case: largest change of the outcome and the features' distance, both relative."""

    change: float
    distance: float


def shuffle_sentences(
    along: Moved, behind: Moved, without: Moved, best: Sequence[tuple[str, float, float]], outcome: str
) -> list[str]:
    """What the answers say; `best` has the first class's name and its probability before and after, or nothing.

    `along` and `behind` are with positions, and of no interest to a model without any.
    """
    return [
        f"Shuffled with their positions, no {outcome} changes by more than {share(along.change)} of the largest"
        f"{verdict(along.change)}.",
        *(
            f"Shuffled with positions left behind, {name} goes from {before:.1%} to {after:.1%}. Another shuffle "
            "number may say otherwise."
            for name, before, after in best
        ),
        f"Then the largest change of a {outcome} is {share(behind.change)} of the largest {outcome}, and the "
        f"features move by {share(behind.distance)} of their length.",
        without_positions(without, outcome),
    ]


def without_positions(without: Moved, outcome: str) -> str:
    """What shuffling does where no positions are added."""
    return (
        "Without positions there is no order to disturb: shuffling then changes no "
        f"{outcome} by more than {share(without.change)} of the largest{verdict(without.change)}."
    )


def verdict(change: float) -> str:
    """Whether a change is no more than rounding."""
    if change <= ROUNDING:
        return f": rounding, which is at most {BOUND}"
    return f", more than the {BOUND} of rounding"


def cls_story(prefix_names: Sequence[str], pool: str) -> str:
    """What CLS is for, and where the idea comes from."""
    if "CLS" not in prefix_names:
        readers = {"avg": "it averages all patches", "map": "it pools the patches by one more attention"}
        return (
            "BERT, a model of language, puts a class token, [CLS], before each sentence and reads its "
            f"answer there. This model has none: {readers.get(pool, 'it reads the patches')} instead."
        )
    if pool != "token":
        reads = f"only here the answer is not read from it, but pooled from the tokens ({pool})."
    elif "DIST" in prefix_names:
        reads = (
            "after the last layer one classifier reads this row and another that of DIST, a second learnt row "
            "which was trained on a teacher's answers: the model's own is the mean of the two."
        )
    else:
        reads = "after the last layer the classifier reads this row and no other."
    return (
        "BERT, a model of language, puts a word that means nothing, [CLS], before each sentence. Having "
        "nothing of its own to say, it is free to gather what the sentence says. The ViT took the idea "
        "over: one learnt row goes before the patches, the same for every photo; each layer lets it look "
        f"at all patches, and {reads}"
    )


def prefix_facts(
    names: Sequence[str],
    lengths: np.ndarray,
    to_patches: np.ndarray,
    kept: np.ndarray,
    origin: str = "learnt",
) -> list[str]:
    """Per prefix token (R,): length of its row, cosine with the mean patch of z₀, with its own end.

    `origin` as in TITLES.
    """
    row = "row drawn by lot, of" if origin == "drawn" else "learnt row of"
    return [
        f"**{name}** is a {row} length {size(length)}. In z₀ its cosine with the mean patch is "
        f"{decimal(alike)}; after the last layer its cosine with its own start is {decimal(own)}."
        for name, length, alike, own in zip(names, lengths, to_patches, kept, strict=True)
    ]


def sines_sentence(one: float, two: float) -> str:
    """How the learnt similarities agree with those of fixed sines."""
    closer = "rows and columns" if two > one else "one long line"
    found = f"they are nearer to {closer}" if max(one, two) > NEITHER else "they are like neither"
    return (
        f"Over all pairs of places the cosines of this model's rows correlate by **{decimal(two)}** with those of "
        f"2-D sines and by **{decimal(one)}** with those of 1-D sines: {found}."
    )


def other_grids(grid: tuple[int, int]) -> list[tuple[int, int]]:
    """Half as fine, wider, and half as fine again as now."""
    rows, cols = grid
    return [(max(1, rows // 2), max(1, cols // 2)), (rows, cols * 3 // 2), (rows * 3 // 2, cols * 3 // 2)]


def size_title(grid: tuple[int, int], patch_size: tuple[int, int]) -> str:
    """Grid and photo size, height first."""
    (rows, cols), (height, width) = grid, patch_size
    return f"{rows} × {cols} patches, {rows * height} × {cols * width} px"


def shift_sentences(
    names: Sequence[str],
    best: np.ndarray,
    distances: np.ndarray,
    changes: np.ndarray,
    outcome: str,
    patch: int,
) -> list[str]:
    """What shifts do, all (S,) by shift in pixels: the best class, and the first one's probability (or nothing),
    the features' distance, and the largest change of the outcome; these two relative.
    """
    far, most = int(np.argmax(distances)), int(np.argmax(changes))
    sentences = [
        f"One pixel moves the features by {distances[1]:.1%} of their length; the most is "
        f"{distances[far]:.1%}, at {far} px.",
        f"One pixel changes a {outcome} by up to {changes[1]:.1%} of the largest; the most is "
        f"{changes[most]:.1%}, at {most} px.",
    ]
    if names:
        others = sum(name != names[0] for name in names[1:])
        stays = (
            f"at {others} of {len(names) - 1} shifts it is another"
            if others
            else "it stays so at every shift"
        )
        sentences.append(
            f"The best class is {names[0]} at first; {stays}. Its probability runs from {best.min():.1%} to "
            f"{best.max():.1%}."
        )
    if len(distances) > patch:
        sentences.append(
            f"At {patch} px every patch is one that was there before, one place further on: only the "
            f"places differ, and the features still move by {distances[patch]:.1%}."
        )
    return sentences


def without_rows(pos_kind: str) -> str:
    """For models that add no positions."""
    if pos_kind == "none":
        return "No positions are added here or later: to this model a photo is a bag of patches."
    return "Nothing is added to z₀: up to the first dot product the patches do not know where they are."


def falloff_sentence(found: Falloff, subject: str = "Neighbouring places have") -> str:
    """How much two places share, beside each other and far apart."""
    parts = []
    for name, values in (("row", found.along_row), ("column", found.along_col)):
        known = values[np.isfinite(values)]
        if len(known) > 1:
            parts.append(f"{decimal(known[1])} in one {name} (at its two ends {decimal(known[-1])})")
    if not parts:
        return "There is one place only."
    return f"{subject} a mean cosine of {' and '.join(parts)}."


def rotary_falloff(found: Falloff) -> str:
    """The same of one query's rotated copies."""
    return falloff_sentence(found, "Copies of this query in neighbouring places have")


def row_or_column(found: Falloff) -> list[str]:
    """Whether places of one row or of one column are more alike, half a grid apart."""
    reach = min(int(np.isfinite(values).sum()) for values in (found.along_row, found.along_col)) // 2
    if reach == 0:
        return []
    row, col = (float(values[reach]) for values in (found.along_row, found.along_col))
    places = "1 patch" if reach == 1 else f"{reach} patches"
    apart = f"{places} apart the mean is {decimal(row)} along a row and {decimal(col)} along a column"
    if abs(row - col) < NOTEWORTHY:
        return [f"{apart}: hardly a difference."]
    more = "row" if row > col else "column"
    return [f"{apart}: to this model places of one {more} are more alike."]


def sum_sentence(name: str, position: float, content: float, cosine: float) -> str:
    """How large a token's position is beside its content."""
    if position == 0:
        return f"For {name} the position is a row of zeros: it has no place."
    twins = (
        " Both are learnt and always come together, so training moved them alike." if cosine > TWINS else ""
    )
    ratio = position / content
    beside = f"{ratio:.0%} of" if ratio < MANY else f"{ratio:,.0f} times"
    return (
        f"For {name} the position has a length of {position:.2f}, {beside} what it is added to, and a cosine of "
        f"{decimal(cosine)} to it.{twins}"
    )
