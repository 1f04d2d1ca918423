"""A small app around the attention explorer alone: odd grids and prefixes, large models, missing answers."""

from tests.serving import READY

SCRIPT = "tests/browser/explorer_demo/app.py"


def settle(page) -> None:
    """Wait until the demo's script has run; it has none of the real app's sidebar to wait for."""
    page.wait_for_selector(READY)
    page.wait_for_timeout(150)
    page.wait_for_selector(READY)
