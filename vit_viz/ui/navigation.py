"""The pages, in the order of the pipeline. A page is listed once it is real."""

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "pages"
PAGES = {
    "patches": "Patches",
    "attention": "Attention maps",
}


def page_file(name: str) -> Path:
    return FOLDER / f"{name}.py"
