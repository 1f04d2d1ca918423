"""A part of the journey is packed outside the queue for the device, and is there again when it is asked for."""

import gzip

import pytest

from vit_viz.components.journey_payloads import Part, Setting, part_payload
from vit_viz.ui import stores
from vit_viz.ui.results import journey, remembered

PART = Part("layer", 0, 0)
SETTING = Setting(photo_title="one", photo_alt="", sample=None)


@pytest.fixture
def trace_id(bundled, bundled_trace) -> str:
    for store, value in (
        (stores.traces(), bundled_trace),
        (stores.models(), bundled),
        (remembered.models_of_traces(), "part test"),
        (journey.settings_of_traces(), SETTING),
    ):
        store.put("part test", value)
    return "part test"


def test_others_have_the_device_while_a_part_is_packed(monkeypatch, trace_id, bundled, bundled_trace):
    whole, held = gzip.compress, []

    def compress(*args):
        held.append(stores.device_lock().locked())
        return whole(*args)

    monkeypatch.setattr(gzip, "compress", compress)
    packed = journey.find_part(trace_id, PART)
    assert held == [False]
    assert gzip.decompress(packed) == part_payload(bundled, bundled_trace, SETTING, PART)
    assert journey.find_part(trace_id, PART) is packed
    assert journey.find_part("gone", PART) is None
