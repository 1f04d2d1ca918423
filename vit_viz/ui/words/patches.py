"""Sentences of the page Patches."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vit_viz.analysis.patches import Cost
from vit_viz.photos import Prepared
from vit_viz.ui.words.tokens import patch_name


def preprocessing(prepared: Prepared, data_config: dict[str, Any]) -> str:
    """What resize, crop and normalisation did to the photo, in pixels."""
    photo, resized, (height, width) = prepared.photo, prepared.resized, prepared.image.shape[:2]
    return (
        f"{photo.width} × {photo.height} pixels were resized to {resized.width} × {resized.height} "
        f"({data_config['interpolation']}); of that the model sees the middle {width} × {height}. "
        f"Then each value becomes (value / 255 − mean) / std."
    )


def patch_notices(
    contrast: np.ndarray, grid: tuple[int, int], kept: float, costs: Sequence[Cost], patch_size: int
) -> list[str]:
    """What to notice about the patches of this very photo."""
    busiest, flattest = int(contrast.argmax()), int(contrast.argmin())
    pixels = next(cost for cost in costs if cost.patch_size == 1)
    own = next((cost for cost in costs if cost.patch_size == patch_size), None)
    sentences = [
        f"Patch {patch_name(busiest, grid)} varies most (standard deviation {contrast[busiest]:.0f} of 255), "
        f"patch {patch_name(flattest, grid)} least ({contrast[flattest]:.1f}). "
        "Both become the same number of values: to the model every patch is one word.",
        f"The crop keeps {kept:.0%} of the resized photo; what lies outside the frame the model never sees.",
    ]
    if own is not None:
        sentences.append(
            f"With one token per pixel, a single attention matrix would have {pixels.attn_entries:,} "
            f"entries, {pixels.attn_entries / own.attn_entries:,.0f} times as many as with these patches."
        )
    return sentences
