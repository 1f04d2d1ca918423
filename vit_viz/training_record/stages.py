"""The runs, one after another, that made the bundled model's weights (assets/model/stages.json).

A new run adds its entry there; tests compare it with the weights' own header, with evaluation.json and with
the table of the model card.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from vit_viz.training_record.log import FILE

STAGES = FILE.with_name("stages.json")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One run.

    views, minutes          pictures it saw, each cropped and coloured anew, and how long that took
    loss                    what its loss adds up, in words
    watched                 kept-out photos of a known class on which its log measures top-1; None without a log
    agreement, never_seen   share (0 to 1) of kept-out photos on which the first answer is the teacher's: all of
                            them, and those of sources that no stage learnt from; None where not measured
    top1                    share of those with a known class on which the first answer is that class
    averaged_with           the models whose weights its own were averaged with at its end, in words
    """

    stage: str
    starts_from: str
    views: int
    minutes: float
    loss: str
    watched: int | None
    agreement: float | None
    never_seen: float | None
    top1: float | None
    averaged_with: str = ""


@cache
def stages() -> tuple[Stage, ...]:
    """All of them, the first one first; the log is the last one's."""
    return tuple(Stage(**entry) for entry in json.loads(STAGES.read_text("utf-8")))


def ancestors(last: Stage, of: Sequence[Stage]) -> list[Stage]:
    """The stages whose weights this one goes on from, the nearest first."""
    by_name = {one.stage: one for one in of}
    found = []
    while earlier := by_name.get(last.starts_from):
        found.append(earlier)
        last = earlier
    return found


def stage_table(of: tuple[Stage, ...]) -> list[dict[str, str]]:
    """One row per stage, as the page and the model card show it."""
    return [
        {
            "Stage": one.stage,
            "Starts from": one.starts_from,
            "Views": f"{one.views:,}",
            "Minutes": f"{one.minutes:.0f}",
            "First answer as the teacher's": _percent(one.agreement),
            "The same on photos never seen": _percent(one.never_seen),
            "Right where the class is known": _percent(one.top1),
        }
        for one in of
    ]


def stage_markdown(of: tuple[Stage, ...]) -> str:
    """The same as a table in Markdown, and below it what each loss adds up and which weights are averages."""
    rows = stage_table(of)
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), "", *stage_notes(of)])


def stage_notes(of: tuple[Stage, ...]) -> list[str]:
    """What each loss adds up, and which weights are averages, as a list in Markdown."""
    averages = [
        f"- Weights of {one.stage}: at its end averaged with those of {one.averaged_with}."
        for one in of
        if one.averaged_with
    ]
    return stage_losses(of) + averages


def stage_losses(of: tuple[Stage, ...]) -> list[str]:
    """What each loss adds up, as a list in Markdown; stages that share one stand together."""
    by_loss: dict[str, list[str]] = {}
    for one in of:
        by_loss.setdefault(one.loss, []).append(one.stage)
    return [f"- Loss of {', '.join(names)}: {loss}." for loss, names in by_loss.items()]


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"
