"""What tests read off a page that AppTest has run."""

import json

from streamlit.testing.v1 import AppTest


def text(app: AppTest) -> str:
    """All of a page's sentences and captions."""
    return "\n".join(element.value for element in [*app.markdown, *app.caption])


def components(app: AppTest) -> list[dict]:
    """What each of the page's components was sent."""
    return [json.loads(element.proto.json) for element in app.get("bidi_component")]
