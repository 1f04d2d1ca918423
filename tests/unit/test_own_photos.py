"""A browser keeps no picture of the reader's own, and what else comes by address for ever."""

import gzip

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vit_viz import Trace
from vit_viz.components.attention_routes import attention_routes
from vit_viz.components.embedding_routes import embedding_routes
from vit_viz.components.journey_routes import journey_routes
from vit_viz.components.position_routes import position_routes
from vit_viz.components.qkv_routes import qkv_routes
from vit_viz.components.rollout_routes import rollout_routes
from vit_viz.components.routes import OWN_PHOTO, is_own
from vit_viz.experiments.embedding import patch_projection
from vit_viz.experiments.projections import projections
from vit_viz.ui.results.positions import find_similarity
from vit_viz.ui.view import trace_id_of

ADDRESSES = (
    "photo/{}",
    "attention/{}",
    "attention/{}?layer=1",
    "head/{}/0/0",
    "head/{}/0/mean",
    "journey/{}/base",
    "journey/{}/layer/0/head/0",
    "projections/{}/0",
    "embedding/{}",
    "positions/{}/learnt",
    "rollout/{}/0-0",
)
DIGITS = "1" * 5000


@pytest.fixture
def client(bundled, bundled_trace: Trace, monkeypatch) -> TestClient:
    monkeypatch.setattr("vit_viz.ui.results.positions.find_trace", lambda trace_id: bundled_trace)

    def find(trace_id: str) -> Trace:
        return bundled_trace

    return TestClient(
        Starlette(
            routes=[
                *attention_routes(find),
                *journey_routes(find, lambda trace_id, part: gzip.compress(b"a part")),
                *embedding_routes(lambda trace_id: patch_projection(bundled, bundled_trace)),
                *qkv_routes(find, lambda trace_id, layer: projections(bundled, bundled_trace, layer)),
                *position_routes(find, find_similarity),
                *rollout_routes(find),
            ]
        )
    )


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_samples_are_kept_by_the_browser(client, address: str):
    sample = client.get("/vit_viz/" + address.format("abc"))
    own = client.get("/vit_viz/" + address.format(f"{OWN_PHOTO}abc"))
    assert (sample.status_code, own.status_code) == (200, 200)
    assert sample.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert own.headers["cache-control"] == "private, no-store"
    assert own.content == sample.content


def test_ids_tell_whose_photo_it_is():
    own, sample = trace_id_of("photo", "model", own=True), trace_id_of("photo", "model", own=False)
    assert (is_own(own), is_own(sample)) == (True, False)
    assert own != trace_id_of("photo", "other model", own=True)


def test_another_run_of_the_server_has_other_addresses(monkeypatch):
    before = trace_id_of("cat", "bundled", own=False)
    assert trace_id_of("cat", "bundled", own=False) == before
    monkeypatch.setattr("vit_viz.ui.view.RUN", "another, with another bundled model")
    assert trace_id_of("cat", "bundled", own=False) != before


@pytest.mark.parametrize(
    "address",
    [f"attention/abc?layer={DIGITS}", f"head/abc/{DIGITS}/0", f"rollout/abc/0-{DIGITS}"],
)
def test_an_index_of_any_length_is_refused_in_a_short_sentence(client, address: str):
    response = client.get(f"/vit_viz/{address}")
    assert response.status_code == 422
    assert len(response.text) < 100


@pytest.mark.parametrize("kind", [f"rotary-{DIGITS}-0-1", f"{DIGITS}x1", "٣x٣"])
def test_positions_of_a_number_of_any_length_are_not_there(client, kind: str):
    assert client.get(f"/vit_viz/positions/abc/{kind}").status_code == 404
