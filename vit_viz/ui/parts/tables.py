"""Tables to take away, as comma-separated text."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any


def csv_text(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A line of column names, then a line per row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue()
