"""Every page with the model on a second device that computes, as it is on a machine with a graphics card."""

from collections.abc import Iterator

import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from tests.second_device import DEVICE, second_device
from vit_viz.experiments.variants import variants
from vit_viz.ui import stores
from vit_viz.ui.navigation import FOLDER, PAGES, page_file

run_script = script_runner.exec_func_with_error_handling


def run_elsewhere(script, context):
    """The device is there in the thread that runs the script only."""

    def within():
        with second_device():
            return script()

    return run_script(within, context)


@pytest.fixture
def app(monkeypatch) -> Iterator[AppTest]:
    """The app before its first run, with no model or trace of another test."""
    monkeypatch.setattr(script_runner, "exec_func_with_error_handling", run_elsewhere)
    kinds = [DEVICE.type, "cpu"]
    monkeypatch.setattr("vit_viz.devices.available", lambda: kinds)
    monkeypatch.setattr("vit_viz.devices._computes", kinds.__contains__)
    variants()  # sizes of ViT-g and others: on the real "meta" device they take no memory
    _forget()
    yield AppTest.from_file(str(FOLDER.parent / "vit_viz" / "ui" / "router.py"), default_timeout=60)
    _forget()


def _forget() -> None:
    stores.models.cache_clear()
    stores.traces.cache_clear()


@pytest.mark.parametrize("page", PAGES)
def test_page_draws_and_matches_timm(app, page):
    app.run()
    app.switch_page(str(page_file(page))).run()
    assert not app.exception
    assert not app.error
    assert app.session_state["view"].model.info.device == DEVICE
    assert any("Matches timm" in caption.value for caption in app.sidebar.caption)
