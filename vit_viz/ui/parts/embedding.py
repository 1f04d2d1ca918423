"""What the Embedding page gives as files."""

from collections.abc import Sequence
from functools import partial

from vit_viz.analysis.embedding import FilterSet, cosine_to
from vit_viz.experiments.embedding import Projection
from vit_viz.figures.embedding import filter_sheet, png
from vit_viz.tracing import Trace
from vit_viz.ui.parts.downloads import File
from vit_viz.ui.parts.tables import csv_text


def files(projection: Projection, filters: Sequence[FilterSet], trace: Trace, patch: int) -> list[File]:
    """The matrix, the patches alike to the picked one, and a sheet of components per model."""
    sheets = [
        File(f"Components, {one.title}", f"components_{place}.png", partial(_sheet, one), of="neither")
        for place, one in enumerate(filters, 1)
    ]
    return [
        File("All patches embedded", "embedding.csv", lambda: matrix_csv(projection, trace)),
        File("Alike patches", "alike.csv", lambda: alike_csv(projection, trace, patch)),
        *sheets,
    ]


def _sheet(filters: FilterSet) -> bytes:
    return png(filter_sheet(filters.components))


def matrix_csv(projection: Projection, trace: Trace) -> str:
    """The N × D matrix, a line per patch; rows, columns and dimensions count from 1."""
    dimensions = [f"dimension {index + 1}" for index in range(projection.outputs.shape[1])]
    lines = ([*_place(patch, trace), *map(float, values)] for patch, values in enumerate(projection.outputs))
    return csv_text(["row", "column", *dimensions], lines)


def alike_csv(projection: Projection, trace: Trace, patch: int) -> str:
    """Cosine of every patch with the picked one, before and after the projection."""
    before, after = cosine_to(projection.inputs, patch), cosine_to(projection.outputs, patch)
    lines = ([*_place(n, trace), float(before[n]), float(after[n])] for n in range(len(before)))
    return csv_text(["row", "column", "cosine before", "cosine after"], lines)


def _place(patch: int, trace: Trace) -> tuple[int, int]:
    row, col = divmod(patch, trace.grid[1])
    return row + 1, col + 1
