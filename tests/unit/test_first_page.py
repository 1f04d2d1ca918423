"""The styles stand in the first page itself, whatever the browser can unpack; nothing else is touched."""

import gzip

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.testclient import TestClient

from vit_viz.ui.first_page import PAGE_CSS, WithStyles

PAGE = "<html><head></head><body><div id=root></div></body></html>"
VALIDATOR = {"etag": '"as it was"', "last-modified": "yesterday"}


def answer_to(response, **headers: str):
    """What a browser gets of `response(request)`: headers and body."""

    async def app(scope, receive, send):
        await response(Request(scope))(scope, receive, send)

    raw = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = TestClient(WithStyles(app)).get("/", headers=raw)
    return answer.headers, answer.content  # unpacked, as a browser does


def page(request: Request) -> Response:
    """As Streamlit answers: packed, if the browser says that it can unpack."""
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            gzip.compress(PAGE.encode()), media_type="text/html", headers={"content-encoding": "gzip"}
        )
    return HTMLResponse(PAGE, headers=VALIDATOR)


def page_in_parts(_request: Request) -> Response:
    return StreamingResponse(iter([PAGE[:30], PAGE[30:]]), media_type="text/html")


def test_a_question_about_the_page_gets_its_length():
    async def app(scope, receive, send):
        await HTMLResponse(PAGE)(scope, receive, send)

    answer = TestClient(WithStyles(app)).head("/", headers={"accept": "text/html"})
    assert answer.headers["content-length"] == str(len(PAGE))


@pytest.mark.parametrize("served", [page, page_in_parts])
def test_a_page_ends_with_our_styles(served):
    headers, body = answer_to(served, accept="text/html,*/*", accept_encoding="gzip, br")
    style = f"<style>\n{PAGE_CSS.read_text('utf-8')}</style>"
    assert body.decode() == PAGE.replace("</body>", f"{style}\n</body>")
    assert headers["content-length"] == str(len(body))
    assert not VALIDATOR.keys() & headers.keys()  # those of the page without styles


def test_a_download_stays_as_it_was():
    """An exported journey is a page, but not one of ours to style."""
    told = {"content-disposition": 'attachment; filename="journey.html"'}
    _, body = answer_to(lambda _: HTMLResponse(PAGE, headers=told), accept="text/html,*/*")
    assert body.decode() == PAGE


def test_what_is_no_page_stays_as_it_was():
    headers, body = answer_to(lambda _: PlainTextResponse("</body>", headers=VALIDATOR), accept="text/html")
    assert (body, headers["etag"]) == (b"</body>", VALIDATOR["etag"])


def test_who_asks_for_no_page_gets_what_the_app_sends():
    headers, body = answer_to(page, accept="*/*", accept_encoding="gzip")
    assert body.decode() == PAGE
    assert headers["content-encoding"] == "gzip"
