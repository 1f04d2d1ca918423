"""Requests that wait for the model hold up no others, and say why where it cannot answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from starlette.applications import Starlette
from starlette.testclient import TestClient

from vit_viz.components.attention_routes import attention_routes
from vit_viz.components.qkv_routes import qkv_routes
from vit_viz.errors import DeviceError

MANY = 60  # more than Starlette has threads
PHOTO, PROJECTIONS = "/vit_viz/photo/abc", "/vit_viz/projections/abc/0"


def test_a_photo_is_sent_while_many_wait_for_the_model(bundled_trace):
    free = Event()
    find = [lambda trace_id: bundled_trace, lambda trace_id, layer: free.wait(60) and None]
    app = Starlette(routes=[*attention_routes(find[0]), *qkv_routes(*find)])
    with TestClient(app) as client, ThreadPoolExecutor(MANY + 1) as pool:
        waiting = [pool.submit(client.get, PROJECTIONS) for _ in range(MANY)]
        try:
            photo = pool.submit(client.get, PHOTO).result(timeout=20)
            assert photo.status_code == 200
            assert not any(answer.done() for answer in waiting)
        finally:
            free.set()
        assert {answer.result(timeout=20).status_code for answer in waiting} == {404}


def test_a_full_device_is_answered_with_its_sentence(bundled_trace):
    def full(trace_id: str, layer: int) -> None:
        raise DeviceError("The memory of cuda is full.")

    client = TestClient(Starlette(routes=qkv_routes(lambda trace_id: bundled_trace, full)))
    answer = client.get(PROJECTIONS)
    assert (answer.status_code, answer.text) == (503, "The memory of cuda is full.")
