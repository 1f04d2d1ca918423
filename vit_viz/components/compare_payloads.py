"""What Compare is sent of each side: facts, answers, distances."""

from collections.abc import Sequence
from typing import Any

from vit_viz.analysis.answer import Guess
from vit_viz.analysis.distance import AttentionDistance
from vit_viz.components.attention_payloads import facts
from vit_viz.tracing import Trace


def side_data(
    trace_id: str,
    trace: Trace,
    figures: AttentionDistance,
    guesses: Sequence[Guess],
    *,
    title: str,
    subtitle: str,
    alt: str,
    no_answer: str,
) -> dict[str, Any]:
    """One side; `figures` are its attention distances on this photo, `no_answer` says why there are no guesses."""
    return facts(trace) | {
        "trace_id": trace_id,
        "title": title,
        "subtitle": subtitle,
        "alt": alt,
        "answers": [{"label": guess.short_label, "prob": guess.prob} for guess in guesses],
        "no_answer": no_answer,
        "distance": figures.distance.tolist(),
        "prefix_mass": figures.prefix_mass.tolist(),
        "uniform": figures.uniform(),
    }
