"""What the Patches page draws of Streamlit's own parts: the seven steps with their chapters, and files."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from vit_viz.analysis.patches import Cost
from vit_viz.tracing import Trace
from vit_viz.ui.navigation import PAGES, page_file
from vit_viz.ui.parts.downloads import File
from vit_viz.ui.parts.tables import csv_text
from vit_viz.ui.words.patches import Step

BESIDE = 4


def steps_with_chapters(steps: Sequence[Step], here: str) -> None:
    """Each step with a link to the first of its chapters that there is; none to the page we are on."""
    # four beside each other: among seven the chapters' names would be cut
    columns = [column for _ in range(0, len(steps), BESIDE) for column in st.columns(BESIDE, gap="medium")]
    for place, (column, step) in enumerate(zip(columns, steps, strict=False), 1):
        with column:
            st.markdown(f"**{place} {step.title}**  \n{step.text}")
            if (chapter := chapter_of(step)) and chapter != here:
                st.page_link(page_file(chapter), label=PAGES[chapter], icon=":material/arrow_forward:")


def chapter_of(step: Step) -> str | None:
    """The first of a step's chapters that is listed."""
    return next((name for name in step.pages if name in PAGES), None)


def files(trace: Trace, patch: int, costs: Sequence[Cost]) -> list[File]:
    """What this page gives to take away."""
    return [
        File("This patch's numbers", "patch.csv", lambda: patch_csv(trace, patch)),
        File("Cost by patch size", "cost.csv", lambda: costs_csv(costs), of="model"),
    ]


def patch_csv(trace: Trace, patch: int) -> str:
    """One patch's numbers in the order of its flattened row; places count from 1."""
    height, width = trace.patch_size
    row, col = divmod(patch, trace.grid[1])
    raw = trace.patches[patch].transpose(2, 0, 1)  # (3, P, P)
    normalised = trace.pixels[:, row * height : (row + 1) * height, col * width : (col + 1) * width]
    lines = (
        [number, "RGB"[c], y + 1, x + 1, int(raw[c, y, x]), float(normalised[c, y, x])]
        for number, (c, y, x) in enumerate(np.ndindex(raw.shape), 1)
    )
    return csv_text(["number", "channel", "row", "column", "value", "normalised"], lines)


def costs_csv(costs: Sequence[Cost]) -> str:
    """Tokens and entries of one attention matrix by patch size."""
    return csv_text(["patch size", "tokens", "attention entries"], costs)
