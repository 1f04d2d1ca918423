"""Fixtures of the tests that run pages in Streamlit's AppTest."""

from collections.abc import Iterator

import pytest

from vit_viz.models import OWN
from vit_viz.ui import stores


@pytest.fixture
def without_downloads(monkeypatch):
    """Models of the table are built, and left at their random initialisation."""
    monkeypatch.setattr("vit_viz.models._weights", lambda *args: (None, "random initialisation"))


@pytest.fixture(autouse=True)
def changed_models_are_forgotten() -> Iterator[None]:
    """A test's own model under a real name must not be found by the next, as long as a session holds it."""
    yield
    models = stores.models()
    if {*models._values, *models._held} - {*OWN}:
        stores.models.cache_clear()
        stores.traces.cache_clear()
