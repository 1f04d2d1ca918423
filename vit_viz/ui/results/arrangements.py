"""Shuffled and shifted answers of the photo in view: run in turn on the device, kept within bounds."""

from collections.abc import Callable
from functools import cache

from vit_viz.analysis.curves import random_order
from vit_viz.experiments.answers import Answer
from vit_viz.experiments.arrangements import Shuffled, shifted, shuffled
from vit_viz.ui.stores import Store
from vit_viz.ui.view import View, kept, turn

# an answer is some ten kilobytes, so these are a few megabytes
MAX_SHUFFLES = 64
MAX_SHIFTS = 64


@cache
def kept_shuffles() -> Store[Shuffled]:
    """By trace_id and seed."""
    return Store(MAX_SHUFFLES, lambda found: 1)


@cache
def kept_shifts() -> Store[tuple[Answer, ...]]:
    """By trace_id: answers to shifts of 0, 1, 2 … pixels, as far as they have been run."""
    return Store(MAX_SHIFTS, lambda found: 1)


def shuffle_of(view: View, seed: int) -> Shuffled | None:
    """What has been run before."""
    return kept_shuffles().get(f"{view.trace_id}/{seed}")


def run_shuffle(view: View, seed: int) -> Shuffled:
    """Run the five answers, unless they are kept."""
    order = random_order(view.model.info.num_patches, seed)
    return kept(
        kept_shuffles(),
        f"{view.trace_id}/{seed}",
        lambda: shuffled(view.model, view.trace.prepared, order),
    )


def shifts_of(view: View) -> tuple[Answer, ...]:
    """What has been run before, maybe the first few only."""
    return kept_shifts().get(view.trace_id) or ()


def run_shifts(view: View, count: int, progress: Callable[[int, int], None]) -> tuple[Answer, ...]:
    """Answers to shifts of 0 … count − 1 pixels; each is kept at once, so a run that is left goes on later."""
    found = shifts_of(view)
    answers = shifted(view.model, view.trace.prepared, range(len(found), count))
    while len(found) < count:
        progress(len(found), count)
        with turn():
            found = (*found, next(answers))
        kept_shifts().put(view.trace_id, found)
    return found
