"""Fixtures of the tests that run pages in Streamlit's AppTest."""

import pytest


@pytest.fixture
def without_downloads(monkeypatch):
    """Models of the table are built, and left at their random initialisation."""
    monkeypatch.setattr("vit_viz.models._weights", lambda *args: (None, "random initialisation"))
