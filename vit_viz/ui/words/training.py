"""Sentences of the page Training."""

from collections.abc import Sequence

import numpy as np

from vit_viz.analysis.answer import Guess
from vit_viz.analysis.cost import Sizes, attention_flops, forward_flops
from vit_viz.experiments.finetune import Head
from vit_viz.figures.training import GOAL_NAMES
from vit_viz.training_record.log import GOALS, TrainingCurve
from vit_viz.training_record.stages import Stage, ancestors
from vit_viz.ui.words.numbers import decimal, equal_sign, size

PRETRAIN = (
    "**1 · Pretrain** on millions of labelled photos. The paper's head has one hidden layer: linear, tanh, linear, "
    "drawn as wide as this model is. timm's models have a single linear layer there."
)
MILLIONS = (
    "**Why millions?** A convolution is built to look near, and everywhere in the same way; a ViT has to learn "
    "both. With ImageNet's 1.3 million photos the paper's models stay a few points below ResNets of their size; "
    "with 14 to 300 million they draw level and pass them."
)
SWAP = (
    "**2 · Throw the head away.** What stays is the encoder, which turns any photo into features. In its place "
    "comes one single linear layer, with every weight at zero: at first it gives each class the same."
)
TUNE = (
    "**3 · Fine-tune** on your own classes. The paper trains the encoder a little further, too; below only the new "
    "head learns, from features computed once, so that a few photos and a second of training are enough."
)
UNDO = "Brings back the photos as they were before some were taken out or replaced."
OTHERS = "Show what this step does to the other samples"
# loss on photos that a head never saw, in nats: right with p = 0.95
LEARNT = 0.05
CARD = "assets/model/README.md"
NO_LABEL = (
    "This photo comes without a label that the model knows. What stands here is only the model's own first answer: "
    "choose another."
)


def try_it(*, names_classes: bool, others: bool) -> str:
    """What to try of what the page has; `others` where it can show what a step does to the other samples."""
    heart = "does the head learn shapes, or its pictures by heart?"
    if not names_classes:  # then the page has no loss to look at
        return f"Train on the ready set: {heart}"
    look = (
        "Choose a class that the photo does not show: its loss is large, and one step towards it costs the right "
        "class dearly."
    )
    widely = (
        " Show the other samples, too: how large a step teaches this photo and spares them?" if others else ""
    )
    return f"{look}{widely} Then train on the ready set: {heart}"


def formula(
    num_features: int, num_classes: int | str, *, two_heads: bool = False, has_bias: bool = True
) -> str:
    """The loss, and one step on the head, with this model's sizes; each of two heads gives half of the answer."""
    half = " / 2" if two_heads else ""
    lines = [
        "loss = −ln p(true class)",
        f"W ← W − η yᵀ (p − t){half}" + ("; the same for W′ with y′" if two_heads else ""),
        *([f"b ← b − η (p − t){half}" + ("; the same for b′" if two_heads else "")] if has_bias else []),
        f"W{' and W′' if two_heads else ''}: {num_features} × {num_classes}; t: 1 for the true class, else 0",
    ]
    return "\n".join(lines)


def gain_is(*, two_heads: bool, has_bias: bool) -> str:
    """What of the photo's features says how far a step on the head moves its logits."""
    if two_heads:
        squares = "|y|²\u2060 +\u00a0|y′|²" + ("\u2060 +\u00a02" if has_bias else "")
        return (
            f"({squares})\u00a0/\u00a04, of the features y and y′ of the two tokens whose heads are averaged"
        )
    if has_bias:
        return "|y|²\u2060 +\u00a01, the squared length of this photo's features plus 1 for the bias"
    return "|y|², the squared length of this photo's features"


def sample_run(done: int, total: int) -> str:
    """How far the other samples are."""
    return f"Features of sample {done + 1} of {total}"


def about_the_teacher(teacher: str) -> str:
    """From what the bundled model learns, as a list; nothing where its file names no teacher."""
    if not teacher:
        return ""
    hidden, soft, head, labels = (GOAL_NAMES[column] for column in GOALS)
    return (
        f"It learnt from another ViT, its teacher ({teacher}):\n"
        f"- *{soft}*: to give a photo the same probabilities, at last corrected by the photo's own label, where it "
        "has one\n"
        f"- *{hidden}*: to have the same rows between the blocks\n"
        f"- *{head}*: to read the answer off a row in the same way\n"
        f"- *{labels}*: to name the photos that have a label of their own\n"
    )


def about_the_stages(stages: Sequence[Stage], teacher_top1: float | None) -> str:
    """How the bundled model came about; `teacher_top1` is how often the teacher itself is right."""
    itself = "" if teacher_top1 is None else f" (the teacher's is on {teacher_top1:.1%})"
    last = stages[-1].top1
    better = (
        " It is right more often than its teacher because it also learnt from the labels of photos like these."
        if teacher_top1 is not None and last is not None and last > teacher_top1
        else ""
    )
    return (
        f"{len(stages)} runs, the first from random weights, each other from those of an earlier one. A view is a "
        "photo, cropped, turned and coloured anew. The last three columns are of photos kept out of training: how "
        f"often its first answer is the teacher's, and how often it is the class that the photo is of{itself}."
        f"{better} What was only averaged into another run's weights has no row. More in the model card, `{CARD}`."
    )


def about_the_log(last: Stage, goals: Sequence[str], sizes: str) -> str:
    """What the two charts show; `goals` are the columns that the log has of what its loss adds up."""
    average = f" The app runs the mean of its last weights and those of {last.averaged_with}."
    names = _listed([GOAL_NAMES[goal] for goal in goals]) if goals else "several parts"
    return (
        f"The log of {last.stage}, each line the mean of the steps since the last, nothing smoothed. Its loss is a "
        f"weighted sum of {names}; each is drawn before it is weighted. {sizes}"
        + (average if last.averaged_with else "")
    )


def price_of_ignorance(true: Guess, first: Guess, num_classes: int) -> str:
    """What the photo costs under its true class, beside a model that knows nothing."""
    loss, of_printed = (decimal(-np.log(prob)) for prob in (true.prob, float(f"{true.prob:.3g}")))
    nothing = (
        f"A model that knows nothing gives each of {num_classes} classes the same: a loss of ln {num_classes} = "
        f"{np.log(num_classes):.2f}. With {true.short_label} as the true class this photo costs "
        f"−ln {size(true.prob)} {equal_sign(of_printed, loss)} {loss}"
    )
    if first.index == true.index:
        return f"{nothing}: it is the model's first answer."
    return f"{nothing}; had its first answer been true, {first.short_label}, {-np.log(first.prob):.2f}."


def logged_training(curve: TrainingCurve, stages: Sequence[Stage]) -> str:
    """Which of the stages the log is of, and from where to where its loss goes."""
    *earlier, last = stages
    goes = (
        f"from {curve.loss[0]:.2f} at its first line to {curve.loss[-1]:.2f} at its last, "
        f"at {curve.views[-1]:,.0f} views"
    )
    if not earlier:
        start = f"which starts from {last.starts_from}"
        return f"The log is of the bundled model, {last.stage}, {start}: its loss goes {goes}."
    seen = sum(stage.views for stage in ancestors(last, stages))
    return (
        f"The log is of {last.stage} alone, the last of the bundled model's {len(stages)} stages. It starts from "
        f"{last.starts_from}, after about {seen:,} views, so its loss does not start where an untrained model's "
        f"would: it goes {goes}."
    )


def logged_checks(curve: TrainingCurve, watched: int | None, never_seen: float | None, photos: int) -> str:
    """How often the first guess was right on kept-out photos while it trained, and on photos no stage saw."""
    kept_out = f"{watched} labelled photos" if watched else "labelled photos"
    said = (
        f"On {kept_out} kept out of this stage its first guess was right {curve.top1[0]:.0%} of the time at the "
        f"first check and {curve.top1[-1]:.0%} at the last, but an earlier stage may have learnt from some of them."
    )
    if never_seen is None:
        return said
    return f"{said} On {photos} photos that none has seen, the bundled model is right {never_seen:.1%} of the time."


def sizes_on_the_way(curve: TrainingCurve) -> str:
    """How large the pictures were, and from when on."""
    changed = [0, *(np.flatnonzero(np.diff(curve.sizes)) + 1)]
    first, *others = [(curve.sizes[at], curve.views[at]) for at in changed]
    later = "".join(f", from {views:,.0f} views on {size:.0f} px" for size, views in others)
    return f"The pictures were {first[0]:.0f} px wide{later}."


def price_of_resolution(sizes: Sizes, side: int) -> str:
    """What twice the side costs this model."""
    once, twice = forward_flops(sizes, side), forward_flops(sizes, 2 * side)
    share = [attention_flops(sizes, one) / forward_flops(sizes, one) for one in (side, 2 * side)]
    return (
        f"Twice the side, {2 * side} px, makes {sizes.num_tokens(2 * side)} tokens instead of "
        f"{sizes.num_tokens(side)} and costs {twice / once:.1f} times as much: attention's share grows from "
        f"{share[0]:.0%} to {share[1]:.0%}."
    )


def missing_photos(names: Sequence[str], counts: Sequence[int]) -> str:
    """Why training cannot start, or nothing."""
    empty = [name for name, count in zip(names, counts, strict=True) if count == 0]
    twice = [name for name in names if names.count(name) > 1]
    if len(names) - len(empty) < 2:
        return (
            f"A head learns to tell classes apart, so it needs photos of at least two; "
            f"{'one class has' if len(names) > len(empty) else 'no class has'} photos so far. Add some, or take "
            "the ready set."
        )
    if empty:
        have = "has" if len(empty) == 1 else "have"
        return f"{_listed(empty)} {have} no photos. Give each class at least one, or choose fewer classes."
    if twice:
        return f"Two classes are called {twice[0]}. Give each a name of its own."
    return ""


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


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


def only_its_classes(num_classes: int) -> str:
    """Why the new head names one of its own classes, whatever a photo shows."""
    return f"The new head knows its {num_classes} classes only: it must name one of them, whatever a photo shows."


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
        outlook = "there is hardly anything left to learn" if end < LEARNT else "more steps might still help"
        return f"{own}, on photos it never saw to {end:.2f}: {outlook}."
    return (
        f"{own}. On photos it never saw it is lowest at step {best} ({least:.2f}) and ends at {end:.2f}: "
        "from there on the head learns its few photos by heart."
    )
