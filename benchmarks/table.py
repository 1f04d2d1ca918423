"""One row of the table that `make bench` prints."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """A measured figure beside its limit; `detail` gives the absolutes."""

    what: str
    value: float
    limit: float | None
    unit: str
    detail: str = ""

    def line(self) -> str:
        """The row as text."""
        limit = "" if self.limit is None else f"≤ {self.limit:g}"
        verdict = "" if self.limit is None else ("ok" if self.value <= self.limit else "OVER")
        return f"{self.what:<58} {self.value:>9.2f} {self.unit:<5} {limit:<9} {verdict:<5} {self.detail}"


def medians(actions: Iterable[Callable[[], object]], rounds: int) -> list[float]:
    """Median seconds of each action, run in turn so that a slow moment of the machine meets all alike."""
    actions = list(actions)
    seconds: list[list[float]] = [[] for _ in actions]
    for action in actions:
        action()
    for _ in range(rounds):
        for taken, action in zip(seconds, actions, strict=True):
            start = time.perf_counter()
            action()
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in seconds]
