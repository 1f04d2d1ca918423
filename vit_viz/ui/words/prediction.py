"""Sentences of the page Prediction."""

from collections.abc import Mapping, Sequence

import numpy as np

from vit_viz.analysis.answer import Guess
from vit_viz.ui.words.numbers import below, decimal, equal_sign, size
from vit_viz.ui.words.tokens import patch_name

COSINES = ("below −0.5", "between −0.5 and 0.5", "above 0.5")


def reading(pool: str, prefix_names: Sequence[str]) -> str:
    """What the classifier reads, by timm's name for the pooling."""
    if pool == "token" and prefix_names:
        return " and ".join(name for name in prefix_names if name in ("CLS", "DIST"))
    return {"avg": "mean of the patches", "map": "attention pooling"}.get(pool, f"{pool} pooling")


def with_article(read: str) -> str:
    """What is read, as it stands in a sentence: "CLS", "the mean of the patches"."""
    return f"the {read}" if read.startswith("mean") else read


def prediction_formula(
    read: str,
    *,
    depth: int,
    embed_dim: int,
    num_classes: int,
    norms: tuple[bool, bool] = (True, False),
    two_heads: bool = False,
) -> str:
    """From the stream to probabilities with this model's sizes; without classes, to the features.

    `norms` is whether a norm stands before what is `read`, the pooling, and whether one stands after it;
    `two_heads` where each of two rows has a classifier of its own.
    """
    before, after = norms
    z = f"norm(z{below(depth)})" if before else f"z{below(depth)}"
    features = f"norm( {read} of {z} )" if after else f"{z}, {read}"
    if not num_classes:
        return f"features = {features}: {embed_dim} numbers"
    size = f"{embed_dim} × {num_classes}"
    if two_heads:
        return (
            f"p = softmax( ( y W + b + y′ W′ + b′ ) / 2T ), y and y′ = {features}\n"
            f"y and y′: {embed_dim} numbers each; W and W′: {size} each"
        )
    return f"p = softmax( ( y W + b ) / T ), y = {features}\ny: {embed_dim} numbers; W: {size}"


def masked_sentence(guess: Guess, after: float, num_masked: int, num_patches: int) -> str:
    """What became of the class that was first, now that some patches are gone."""
    if num_masked == 0:
        return "Nothing is masked: this is the model's own answer."
    gone = "every patch" if num_masked == num_patches else f"{num_masked} of {num_patches} patches"
    return f"Without {gone}, {guess.short_label} goes from {guess.prob:.1%} to {after:.1%}."


def heads_sentence(guess: Guess, after: float, num_off: int) -> str:
    """What became of the class that was first, without some heads."""
    if num_off == 0:
        return "Every head is on: this is the model's own answer."
    off = "one head" if num_off == 1 else f"{num_off} heads"
    return f"Without {off}, {guess.short_label} goes from {guess.prob:.1%} to {after:.1%}."


def turned_sentence(turn: float, num_off: int) -> str:
    """How far the features turn without some heads, where there are no classes."""
    if num_off == 0:
        return "Every head is on: these are the model's own features."
    off = "one head" if num_off == 1 else f"{num_off} heads"
    return f"Without {off} the features have a cosine of {1 - turn:.3f} with the untouched ones."


def margin(guesses: Sequence[Guess], logits: np.ndarray) -> str:
    """Why the first class has so much more than the second: the softmax of their logits' difference."""
    first, second = guesses[:2]
    gap = float(logits[first.index]) - float(logits[second.index])
    factor, factor_of_printed = (size(float(np.exp(value))) for value in (gap, round(gap, 2)))
    sign = equal_sign(factor_of_printed, factor)
    return (
        f"The logits of {first.short_label} and {second.short_label} differ by {gap:.2f}, "
        f"so their probabilities by a factor of e^{gap:.2f} {sign} {factor}."
    )


def first_from(best: Sequence[Guess], *, from_patches: bool = False) -> str:
    """From which layer on the lens (best guess per layer, the input first) reads the model's answer.

    `from_patches` where the answer is read from the patches, so that the input has something of the photo in it.
    """
    last = best[-1]
    since = len(best) - 1
    while since > 0 and best[since - 1].index == last.index:
        since -= 1
    if since == 0:
        why = "no patch has met another" if from_patches else "no photo has been looked at"
        return f"Already the input, read through the head, says {last.short_label}: {why}."
    before = best[since - 1]
    where = "the input" if since == 1 else f"layer {since - 1}"
    return (
        f"Read through the head, the stream says {last.short_label} from layer {since} on; "
        f"after {where} it still said {before.short_label} ({before.prob:.1%})."
    )


def strongest_patch(guess: Guess, probs: np.ndarray, grid: tuple[int, int], read: str) -> str:
    """Which patch (N,), read alone after the last layer, says the answer most clearly, and how many at all.

    `read` is what the answer was read from, as `reading` says it.
    """
    best = int(probs.argmax())
    agreeing = int((probs >= guess.prob).sum())
    patches = {0: "no patch says", 1: "1 patch says"}.get(agreeing, f"{agreeing} patches say")
    whole = f"{with_article(read)} {'do' if ' and ' in read else 'does'}"
    return (
        f"Read alone after the last layer, patch {patch_name(best, grid)} says {guess.short_label} most "
        f"clearly ({probs[best]:.1%}); {patches} it as clearly as {whole} ({guess.prob:.1%})."
    )


def weightiest_head(changes: Mapping[int, np.ndarray], depth: int, guess: Guess) -> list[str]:
    """Which head the answer needs most, once all layers (H, k) have been measured; class 0 is the answer."""
    if len(changes) < depth:
        return []
    table = np.stack([changes[layer][:, 0] for layer in range(depth)])
    layer, head = np.unravel_index(table.argmin(), table.shape)
    harmful = int((table > 0).sum())
    return [
        f"Of all {table.size} heads, head {head + 1} of layer {layer + 1} changes {guess.short_label} most for the "
        f"worse when it is switched off alone: −{-100 * table[layer, head]:.1f} points. Of the others {harmful} "
        f"{'raises' if harmful == 1 else 'raise'} it when switched off one by one."
        if table[layer, head] < 0
        else f"No head of the {table.size} lowers {guess.short_label} when it is switched off alone."
    ]


def cosine_asked(cosine: float) -> str:
    """Which of COSINES a cosine is."""
    return COSINES[int(np.digitize(cosine, (-0.5, 0.5)))]


def likeness(similarity: np.ndarray, patch: int, grid: tuple[int, int]) -> str:
    """How alike one patch's last features are to the others', (N,) cosines."""
    others = np.delete(similarity, patch)
    away = np.delete(np.arange(len(similarity)), patch)
    near, far = int(away[others.argmax()]), int(away[others.argmin()])
    return (
        f"Patch {patch_name(patch, grid)} is most like patch {patch_name(near, grid)} (cosine "
        f"{decimal(similarity[near])}), least like {patch_name(far, grid)} ({decimal(similarity[far])}); "
        f"the mean over all others is {decimal(others.mean())}."
    )
