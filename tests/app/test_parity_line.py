"""The sidebar's line about timm: it states its bound, and says so where a trace does not match."""

import math
from dataclasses import replace

import pytest

from tests.app.test_pages import healthy, open_app
from vit_viz.tracing import parity
from vit_viz.ui.view import kept_parities


@pytest.fixture
def opened_with(monkeypatch):
    """Opens a page whose trace differs from timm's answer by so much."""

    def opened(value: float, **url: str):
        kept_parities.cache_clear()
        monkeypatch.setattr("vit_viz.ui.view.parity", lambda *_: value)
        return healthy(open_app("patches", **url))

    yield opened
    kept_parities.cache_clear()


def said(app) -> tuple[str, ...]:
    """Captions and warnings of the sidebar."""
    return tuple(" ".join(one.value for one in kind) for kind in (app.sidebar.caption, app.sidebar.warning))


@pytest.mark.parametrize("value", [0.0, 3e-7, 1e-4])
def test_a_match_names_the_bound(opened_with, value: float):
    captions, warnings = said(opened_with(value))
    assert f"Matches timm on this photo: relative difference {value:.0e}, within 1e-04" in captions
    assert warnings == ""


@pytest.mark.parametrize("value", [2e-4, 0.5, math.inf, math.nan])
def test_what_does_not_match_is_not_called_a_match(opened_with, value: float):
    captions, warnings = said(opened_with(value))
    assert f"Does not match timm on this photo: relative difference {value:.0e}" in warnings
    assert "Do not trust" in warnings
    assert "Matches timm" not in captions


def test_in_korean(opened_with):
    assert "timm과 일치: 상대 차이 3e-07" in said(opened_with(3e-7, lang="ko"))[0]
    captions, warnings = said(opened_with(0.5, lang="ko"))
    assert "timm과 다름: 상대 차이 5e-01" in warnings
    assert "일치" not in captions


def test_a_trace_that_is_off_by_a_hundredth_is_seen(monkeypatch):
    kept_parities.cache_clear()

    def of_another_answer(model, trace):
        return parity(model, replace(trace, logits=trace.logits * 1.01))

    monkeypatch.setattr("vit_viz.ui.view.parity", of_another_answer)
    assert "relative difference 1e-02" in said(healthy(open_app("patches")))[1]
    kept_parities.cache_clear()
