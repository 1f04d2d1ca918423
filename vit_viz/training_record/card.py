"""What the bundled model's own evaluation says of its last training run (assets/model/evaluation.json)."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from vit_viz.training_record.log import FILE

EVALUATION = FILE.with_name("evaluation.json")
MODEL = "vit_viz"
NEVER_SEEN = "never seen"


@dataclass(frozen=True, kw_only=True)
class TrainingCard:
    """The run that the log belongs to, and how good the model is on photos it cannot have seen.

    run, teacher      its name, and the model it learnt from; empty where there was none
    started_from      the run before it; empty where it began from random weights
    never_seen_top1   share (0 to 1) of `never_seen_photos` labelled kept-out photos with the right first answer
    teacher_top1      the teacher's share over all labelled kept-out photos
    """

    run: str
    teacher: str
    started_from: str
    never_seen_top1: float | None
    never_seen_photos: int
    teacher_top1: float | None


@cache
def training_card() -> TrainingCard:
    """The card of the bundled model."""
    evaluation = json.loads(EVALUATION.read_text("utf-8"))
    return card_of(evaluation["models"][MODEL], evaluation["teacher"]["all"].get("top1"))


def card_of(figures: dict[str, Any], teacher_top1: float | None = None) -> TrainingCard:
    """The card out of one model's figures, and how often its teacher is right."""
    training = figures["training"]
    unseen = figures["kept_out"].get(NEVER_SEEN, {})
    return TrainingCard(
        run=training.get("name", ""),
        teacher=training.get("teacher", ""),
        started_from=(training.get("started_from") or {}).get("name", ""),
        never_seen_top1=unseen.get("top1"),
        never_seen_photos=unseen.get("labelled", 0),
        teacher_top1=teacher_top1,
    )
