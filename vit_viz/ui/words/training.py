"""Sentences of the page Training."""

from collections.abc import Sequence

import numpy as np

from vit_viz.analysis.answer import Guess
from vit_viz.analysis.cost import Sizes, attention_flops, forward_flops
from vit_viz.experiments.finetune import Head
from vit_viz.training_log import TrainingCurve


def price_of_ignorance(guesses: Sequence[Guess], num_classes: int) -> str:
    """What the first two classes would cost, were they true, beside a model that knows nothing."""
    first, second = guesses[:2]
    return (
        f"A model that knows nothing gives each of {num_classes} classes the same: a loss of ln {num_classes} = "
        f"{np.log(num_classes):.2f}. If {first.short_label} is true, this photo costs −ln {first.prob:.3f} = "
        f"{-np.log(first.prob):.2f}; if {second.short_label} is, {-np.log(second.prob):.2f}."
    )


def logged_training(curve: TrainingCurve) -> str:
    """From where to where the bundled model's log goes."""
    return (
        f"The bundled model's log: after {curve.views[0]:,.0f} photos a loss of {curve.loss[0]:.2f}, at the end, "
        f"after {curve.views[-1]:,.0f}, {curve.loss[-1]:.2f}. On photos kept out its first guess was right "
        f"{curve.top1[0]:.0%} of the time at the first check and {curve.top1[-1]:.0%} at the last."
    )


def price_of_resolution(sizes: Sizes, side: int) -> str:
    """What twice the side costs this model."""
    once, twice = forward_flops(sizes, side), forward_flops(sizes, 2 * side)
    share = [attention_flops(sizes, one) / forward_flops(sizes, one) for one in (side, 2 * side)]
    return (
        f"Twice the side, {2 * side} px, makes {sizes.num_tokens(2 * side)} tokens of {sizes.num_tokens(side)} and "
        f"costs {twice / once:.1f} times as much: attention's share grows from {share[0]:.0%} to {share[1]:.0%}."
    )


def missing_photos(names: Sequence[str], counts: Sequence[int]) -> str:
    """Why training cannot start, or nothing."""
    empty = [name for name, count in zip(names, counts, strict=True) if count == 0]
    twice = [name for name in names if names.count(name) > 1]
    if len(names) - len(empty) < 2:
        return (
            f"A head learns to tell classes apart, so it needs photos of at least two; "
            f"there are photos of {len(names) - len(empty)}. Add some, or take the ready set."
        )
    if empty:
        return f"{' and '.join(empty)} has no photos. Give each class at least one, or choose fewer classes."
    if twice:
        return f"Two classes are called {twice[0]}. Give each a name of its own."
    return ""


def refused_files(reasons: Sequence[tuple[str, str]], most: int = 3) -> str:
    """Which of the files could not be read, and why; the others are kept."""
    if not reasons:
        return ""
    said = " ".join(f"{name}: {reason}" for name, reason in reasons[:most])
    rest = f" And {len(reasons) - most} more." if len(reasons) > most else ""
    files = "1 file was" if len(reasons) == 1 else f"{len(reasons)} files were"
    return f"{files} left out. {said}{rest} The others are kept."


def too_many(came: int, kept: int, limit: int) -> str:
    """What happens to more photos than a class takes."""
    return f"{came} photos came; a class takes up to {limit}, so {kept} of them were added and the rest left out."


def head_size(num_classes: int, num_features: int, num_params: int) -> str:
    """What is learnt here, beside what stays."""
    learnt = num_classes * (num_features + 1)
    return (
        f"Learnt here: {num_classes} × {num_features} weights and {num_classes} biases, {learnt:,} numbers. "
        f"The model's {num_params / 1e6:.1f} million stay as they are."
    )


def judged(table: np.ndarray) -> str:
    """How many photos are named right by heads that never saw them; (C, C) counts [true, guessed]."""
    right, total = int(np.trace(table)), int(table.sum())
    return (
        f"Judged by heads that never saw them, {right} of {total} photos are named right ({right / total:.0%}); "
        f"guessing gets {1 / len(table):.0%}."
    )


def memorised(head: Head) -> str:
    """Whether the head learns its photos by heart: the loss on them, and on photos it never saw."""
    own = f"On its own photos the loss falls from {head.loss[0]:.2f} to {head.loss[-1]:.2f}"
    if head.held_out_loss is None:
        return f"{own}. With one photo a class there is none to judge it by."
    best = int(head.held_out_loss.argmin())
    least, end = head.held_out_loss[best], head.held_out_loss[-1]
    if best == len(head.held_out_loss) - 1:
        return f"{own}, on photos it never saw to {end:.2f}: more steps might still help."
    return (
        f"{own}. On photos it never saw it is lowest at step {best} ({least:.2f}) and ends at {end:.2f}: "
        "from there on the head learns its few photos by heart."
    )
