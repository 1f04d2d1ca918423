"""The payload both ways: what Python packs, Python reads; the browser's side is in test_javascript.py."""

import gzip

import numpy as np
import pytest
from helpers import DEPTH, painted_rows
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vit_viz.components.attention_payloads import attention_payload, goes_whole
from vit_viz.components.attention_routes import attention_routes
from vit_viz.components.payload import pack, unpack


def test_arrays_and_meta_come_back():
    arrays = {
        "odd": np.arange(5, dtype=np.uint8),
        "matrix": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
        "empty": np.zeros((0, 4), np.float64),
        "column": np.arange(6, dtype=np.int32).reshape(2, 3)[:, 1],
    }
    found, meta = unpack(pack(arrays, {"title": "tête", "sizes": [1, 2]}))
    assert meta == {"title": "tête", "sizes": [1, 2]}
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_every_array_is_aligned():
    blob = pack({name: np.ones(size, np.uint8) for name, size in (("a", 1), ("b", 9), ("c", 8))}, {"x": "é"})
    start = 8 + int.from_bytes(blob[4:8], "little")
    assert start % 8 == 0
    assert len(blob) == start + 8 + 16 + 8


def test_what_cannot_be_packed_is_named():
    with pytest.raises(TypeError, match="weights is float16"):
        pack({"weights": np.ones(3, np.float16)})
    with pytest.raises(ValueError, match="JSON"):
        pack({}, {"entropy": float("nan")})
    with pytest.raises(ValueError, match="VVZ1"):
        unpack(b"PK\3\4")


@pytest.fixture
def client(bundled_trace) -> TestClient:
    routes = attention_routes({"known": bundled_trace}.get)
    return TestClient(Starlette(routes=routes))


def test_attention_route_carries_the_trace(client, bundled_trace):
    response = client.get("/vit_viz/attention/known")
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-encoding"] == "gzip"
    arrays, meta = unpack(response.content)
    attn = bundled_trace.attn
    assert meta == {"first": 0}
    assert (np.abs(painted_rows(arrays) - attn) <= attn[..., 1:].max(-1, keepdims=True) * 0.004).all()
    np.testing.assert_array_equal(arrays["scale"], attn[..., 1:].max(-1))
    np.testing.assert_array_equal(arrays["column_top"], attn[..., 1:, :].max(-2))


def test_one_layer_is_that_layer(client, bundled_trace):
    arrays, meta = unpack(client.get("/vit_viz/attention/known?layer=4").content)
    assert meta == {"first": 4}
    np.testing.assert_array_equal(arrays["scale"][0], bundled_trace.attn[4, ..., 1:].max(-1))


@pytest.mark.parametrize(("axis", "pick"), [("query", np.s_[:, :, 7]), ("key", np.s_[:, :, :, 7])])
def test_one_token_in_all_layers(client, bundled_trace, axis, pick):
    arrays, _ = unpack(client.get(f"/vit_viz/attention/known?{axis}=7").content)
    lines = bundled_trace.attn[pick]
    np.testing.assert_array_equal(arrays["scale"], lines[..., 1:].max(-1))
    assert (np.abs(painted_rows(arrays) - lines) <= arrays["scale"][..., None] * 0.004).all()


def test_head_route_is_float32_and_exact(client, bundled_trace):
    arrays, _ = unpack(client.get("/vit_viz/head/known/3/2").content)
    for name in ("q", "k", "v", "attn"):
        np.testing.assert_array_equal(arrays[name], getattr(bundled_trace, name)[3, 2])
    np.testing.assert_array_equal(arrays["scores"], bundled_trace.scores(3, 2))
    mean, _ = unpack(client.get("/vit_viz/head/known/3/mean").content)
    np.testing.assert_allclose(mean["attn"], bundled_trace.attn[3].mean(0))


def test_photo_route_is_lossless(client, bundled_trace):
    import io

    from PIL import Image

    response = client.get("/vit_viz/photo/known")
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(response.content))), bundled_trace.image)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("attention/other", 404, "no longer in memory"),
        ("photo/other", 404, "no longer in memory"),
        (f"attention/known?layer={DEPTH}", 422, f"count from 0 to {DEPTH - 1}"),
        ("attention/known?query=-1", 422, "There is no query"),
        ("head/known/0/six", 422, "There is no head"),
    ],
)
def test_errors_are_sentences(client, path, status, words):
    response = client.get(f"/vit_viz/{path}")
    assert response.status_code == status
    assert words in response.text
    assert "immutable" not in response.headers.get("cache-control", "")


def test_a_browser_without_gzip_gets_it_plain(client, bundled_trace):
    response = client.get("/vit_viz/attention/known?layer=0", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in response.headers
    assert response.content == attention_payload(bundled_trace, 0)


def test_the_bundled_model_goes_whole_and_small(bundled_trace):
    assert goes_whole(bundled_trace)
    assert len(gzip.compress(attention_payload(bundled_trace), 1)) < 1.2 * bundled_trace.attn.size  # bytes
