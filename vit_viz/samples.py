"""The photos and drawings that come with the project (credits in assets/samples/LICENSES.md)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from vit_viz.photos import open_photo

FOLDER = Path(__file__).parents[1] / "assets" / "samples"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One shipped picture; `name` is its file's stem and its name in the URL.

    `synset` is the WordNet id of its ImageNet class, None where it shows none of them.
    """

    name: str
    file: Path
    title: str
    alt: str
    credit: str
    synset: str | None


@cache
def samples() -> dict[str, Sample]:
    """All samples by name, in the order they are offered."""
    entries = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
    return {
        Path(entry["file"]).stem: Sample(
            name=Path(entry["file"]).stem,
            file=FOLDER / entry["file"],
            title=entry["title"],
            alt=entry["alt"],
            credit=entry["credit"],
            synset=entry["imagenet"],
        )
        for entry in entries
    }


@cache
def sample_photo(name: str) -> Image.Image:
    """The decoded picture of one sample."""
    return open_photo(samples()[name].file)
