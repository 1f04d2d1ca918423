"""What the bundled model's own evaluation says of its last training run (assets/model/evaluation.json)."""

import csv
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from vit_viz.training_log import FILE

EVALUATION = FILE.with_name("evaluation.json")
MODEL = "vit_viz"
NEVER_SEEN = "never seen"


@dataclass(frozen=True, kw_only=True)
class TrainingCard:
    """The run that the log belongs to, and how good the model is on photos it cannot have seen.

    run, teacher      its name, and the model it learnt from; empty where there was none
    started_from      the run before it; empty where it began from random weights
    objective         the parts of the logged loss, by their columns' names
    never_seen_top1   share (0 to 1) of `never_seen_photos` labelled kept-out photos with the right first answer
    teacher_top1      the teacher's share over all labelled kept-out photos
    """

    run: str
    teacher: str
    started_from: str
    objective: tuple[str, ...]
    never_seen_top1: float | None
    never_seen_photos: int
    teacher_top1: float | None


@cache
def training_card() -> TrainingCard:
    """The card of the bundled model."""
    evaluation = json.loads(EVALUATION.read_text("utf-8"))
    return card_of(evaluation["models"][MODEL], logged_columns(), evaluation["teacher"]["all"].get("top1"))


def logged_columns() -> list[str]:
    """The log's header."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def card_of(figures: dict[str, Any], columns: list[str], teacher_top1: float | None = None) -> TrainingCard:
    """The card out of one model's figures, its log's columns, and how often its teacher is right."""
    training = figures["training"]
    unseen = figures["kept_out"].get(NEVER_SEEN, {})
    return TrainingCard(
        run=training.get("name", ""),
        teacher=training.get("teacher", ""),
        started_from=(training.get("started_from") or {}).get("name", ""),
        objective=tuple(columns[columns.index("loss") + 1 : columns.index("agreement")]),
        never_seen_top1=unseen.get("top1"),
        never_seen_photos=unseen.get("labelled", 0),
        teacher_top1=teacher_top1,
    )
