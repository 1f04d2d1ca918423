"""Sentences of the page The journey, in the reader's language."""

from collections.abc import Sequence

import numpy as np

from vit_viz.analysis.answer import short
from vit_viz.locale import text
from vit_viz.models import ModelInfo
from vit_viz.tracing import Trace
from vit_viz.ui.words.numbers import share
from vit_viz.ui.words.tokens import patch_name


def say(lang: str, name: str, **values: object) -> str:
    """One of the page's sentences."""
    return text(lang, f"app.journey.{name}", **values)


def sizes(lang: str, trace: Trace, info: ModelInfo, labels: Sequence[str]) -> str:
    """From pixels to the answer, in this model's own sizes; `labels` are its classes' names, if they are known."""
    height, width = trace.image.shape[:2]
    C = 0 if trace.logits is None else len(trace.logits)
    kind = "end_classes" if labels else "end_numbers" if C else "end_features"
    return say(
        lang,
        "formula",
        height=height,
        width=width,
        N=info.num_patches,
        T=trace.num_tokens,
        D=info.embed_dim,
        L=trace.depth,
        H=trace.num_heads,
        end=say(lang, kind, C=C, D=info.embed_dim),
    )


def numbers_read(trace: Trace, read: Sequence[int]) -> int:
    """How many numbers of the last layer's stream the answer comes from: those of the tokens `read`."""
    return len(read) * trace.resid.shape[-1]


def shrinking(lang: str, trace: Trace) -> str:
    """How many numbers come in, and how many run through the layers."""
    T, D = trace.resid.shape[1:]
    return say(lang, "shrinks", pixels=f"{trace.pixels.size:,}", stream=f"{T * D:,}", T=T, D=D)


def growing(lang: str, trace: Trace, token: int) -> str:
    """How one token's row of the stream changes from first to last layer."""
    row = trace.resid[:, token].astype(np.float64)
    lengths, steps = np.linalg.norm(row, axis=-1), np.linalg.norm(np.diff(row, axis=0), axis=-1)
    return say(
        lang,
        "grows",
        token=_token(lang, token, trace),
        first=f"{lengths[0]:.1f}",
        last=f"{lengths[-1]:.1f}",
        layer=int(steps.argmax()) + 1,
    )


def verdict(lang: str, probs: np.ndarray | None, labels: tuple[str, ...], label: int | None) -> list[str]:
    """Whether the model is right, and its loss; nothing where the true class is not known."""
    if label is None or probs is None:
        return []
    best = int(probs.argmax())
    return [
        say(
            lang,
            "right" if best == label else "wrong",
            label=short(labels[label]),
            guess=short(labels[best]),
            prob=share(float(probs[label])),
            loss=f"{-np.log(probs[label]):.2f}",
        )
    ]


def reading(lang: str, trace: Trace, read: Sequence[int]) -> str:
    """From which numbers the answer is read: of tokens one by one, or of all patches or tokens, pooled."""
    R = trace.num_prefix_tokens
    pooled = "reveal_pool_all" if read[0] < R else "reveal_pool"
    return say(
        lang,
        "reveal_token" if read[-1] < R else pooled,
        read=f"{numbers_read(trace, read):,}",
        token=", ".join(trace.prefix_names[token] for token in read if token < R),
        share=f"{len(read) / trace.num_tokens:.1%}",
        N=trace.num_tokens - R,
        T=trace.num_tokens,
        D=trace.resid.shape[-1],
    )


def _token(lang: str, token: int, trace: Trace) -> str:
    R = trace.num_prefix_tokens
    return (
        trace.prefix_names[token]
        if token < R
        else say(lang, "patch", place=patch_name(token - R, trace.grid))
    )
