"""The pages: the journey, chapters in the order of the pipeline, probes. A page is listed once it is real."""

from pathlib import Path

from vit_viz.components.base_path import below_base
from vit_viz.locale import strings

FOLDER = Path(__file__).parents[2] / "pages"
JOURNEY = {"journey": "The journey"}
CHAPTERS = {
    "patches": "Patches",
    "embedding": "Embedding",
    "position": "CLS and position",
    "qkv": "Query, key, value",
    "attention": "Attention maps",
    "encoder": "Encoder block",
    "prediction": "Prediction",
    "training": "Training",
}
PROBES = {
    "distance": "Attention distance",
    "rollout": "Rollout",
    "compare": "Compare",
}
SECTIONS = {"": JOURNEY, "chapters": CHAPTERS, "probes": PROBES}
PAGES = {name: title for pages in SECTIONS.values() for name, title in pages.items()}


def page_file(name: str) -> Path:
    """The page's script."""
    return FOLDER / f"{name}.py"


def page_path(name: str) -> str:
    """Where the page lies on the server: Streamlit gives the first page the root."""
    return below_base("/" if name == next(iter(PAGES)) else f"/{name}")


def page_title(name: str, lang: str) -> str:
    """The page's title in the reader's language; English where it is not translated."""
    return strings(lang)["app"]["pages"].get(name, PAGES[name])


def section_title(section: str, lang: str) -> str:
    """The heading above some pages of the navigation; the journey stands without one."""
    return section and strings(lang)["app"]["sections"][section]
