"""The pages, in the order of the pipeline. A page is listed once it is real."""

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "pages"
PAGES = {
    "patches": "Patches",
    "qkv": "Query, key, value",
    "attention": "Attention maps",
}


def page_file(name: str) -> Path:
    """The page's script."""
    return FOLDER / f"{name}.py"


def page_path(name: str) -> str:
    """Where the page lies on the server: Streamlit gives the first page the root."""
    return "/" if name == next(iter(PAGES)) else f"/{name}"
