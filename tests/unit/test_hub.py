"""Weights from a hub that runs in the test: a small server of the library's protocol that breaks at will."""

import contextlib
import io
import socket
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from huggingface_hub import file_download

from vit_viz import hub, load_model
from vit_viz.errors import HubError
from vit_viz.hub import download_weights, preflight

REPO = "timm/tiny"
BODY = np.random.default_rng(0).bytes(3_000_000)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Answers for REPO; `refusal` is (status, error code) for every request, `breaks_at` ends each body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.requests: list[str] = []
        self.refusal: tuple[int, str] | None = None
        self.breaks_at: int | None = None
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.answer(send_body=False)

    def do_GET(self) -> None:
        self.answer(send_body=True)

    def answer(self, send_body: bool) -> None:
        self.server.requests.append(self.command)
        refusal = self.server.refusal
        if refusal is None and self.path != f"/{REPO}/resolve/main/model.safetensors":
            refusal = 404, "EntryNotFound" if self.path.startswith(f"/{REPO}/") else "RepoNotFound"
        if refusal is not None:
            self.send_response(refusal[0])
            self.send_header("X-Error-Code", refusal[1])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
        self.send_response(206 if "Range" in self.headers else 200)
        if "Range" in self.headers:
            self.send_header("Content-Range", f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")
        self.send_header("ETag", '"abc123"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(BODY) - start))
        self.end_headers()
        if send_body:
            self.wfile.write(BODY[start : self.server.breaks_at])

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Hub]:
    with Hub() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def download(server, tmp_path):
    return partial(download_weights, endpoint=server.url, cache_dir=tmp_path)


def test_bytes_and_progress_arrive(download, server, monkeypatch):
    monkeypatch.setattr(file_download.constants, "DOWNLOAD_CHUNK_SIZE", 400_000)
    reports: list[tuple[int, int]] = []
    path = download(REPO, progress=lambda done, total: reports.append((done, total)))
    assert Path(path).read_bytes() == BODY
    assert reports == sorted(reports)
    assert len(reports) > 3
    assert {total for _, total in reports} == {len(BODY)}
    assert reports[-1][0] == len(BODY)
    assert "GET" in server.requests


def test_second_call_asks_nobody(download, server):
    first = download(REPO)
    server.requests.clear()
    assert download(REPO) == first
    assert server.requests == []


def test_nothing_is_printed(download):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        download(REPO, progress=lambda done, total: None)
    assert printed.getvalue() == ""


def test_download_goes_on_after_a_break(download, server, monkeypatch):
    monkeypatch.setattr(file_download.time, "sleep", lambda seconds: setattr(server, "breaks_at", None))
    server.breaks_at = 1_000_000
    reports: list[int] = []
    assert download(REPO, progress=lambda done, total: reports.append(done)).read_bytes() == BODY
    assert reports == sorted(reports)
    assert reports[-1] == len(BODY)


def test_download_that_breaks_off(download, server, tmp_path, monkeypatch):
    monkeypatch.setattr(file_download.time, "sleep", lambda seconds: None)
    server.breaks_at = len(BODY) // 2
    with pytest.raises(HubError, match=r"download of timm/tiny broke off.*bundled model"):
        download(REPO)
    assert not list(tmp_path.rglob("model.safetensors"))


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        ((401, "GatedRepo"), r"timm/tiny asks for an account"),
        ((403, "GatedRepo"), r"timm/tiny asks for an account"),
        ((404, "RepoNotFound"), r"no file model\.safetensors in timm/tiny"),
        ((404, "EntryNotFound"), r"no file model\.safetensors in timm/tiny"),
        ((401, ""), r"no file model\.safetensors in timm/tiny|cannot be reached"),
        ((500, ""), r"cannot be reached"),
        ((429, ""), r"cannot be reached"),
    ],
    ids=str,
)
def test_refusals_are_sentences(refusal, sentence, download, server):
    server.refusal = refusal
    with pytest.raises(HubError, match=rf"{sentence}.*bundled model, or give a weight file"):
        download(REPO)


@pytest.mark.parametrize(("repo", "filename"), [("timm/none", None), (REPO, "other.bin")])
def test_what_is_not_there(repo, filename, download):
    with pytest.raises(HubError, match=r"The model hub has no file"):
        download(repo, filename=filename)


def test_refused_connection(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(HubError, match=r"cannot be reached from here.*bundled model"):
        download_weights(REPO, endpoint=url, cache_dir=tmp_path)


@pytest.fixture
def silent_url() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_silence_has_an_end(silent_url, monkeypatch):
    monkeypatch.setattr(hub, "PREFLIGHT_SECONDS", 1.0)
    with pytest.raises(HubError, match=r"cannot be reached.*bundled model"):
        preflight(REPO, endpoint=silent_url)


def test_preflight_is_done_within_ten_seconds():
    assert 0 < hub.PREFLIGHT_SECONDS <= 10


def test_load_model_goes_through_the_hub(monkeypatch):
    """The repository's name is timm's for that checkpoint, also where the tag is left out."""
    asked: list[tuple] = []

    def refuse(repo, filename, *, progress):
        asked.append((repo, filename))
        raise HubError("not now")

    monkeypatch.setattr("vit_viz.models.download_weights", refuse)
    for name in ("deit_tiny_patch16_224", "deit_tiny_patch16_224.fb_in1k"):
        with pytest.raises(HubError, match="not now"):
            load_model(name, device="cpu")
    assert asked == [("timm/deit_tiny_patch16_224.fb_in1k", None)] * 2
