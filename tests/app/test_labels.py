"""What a page says of a photo's own label: above the answer, and on Training."""

import html

import pytest

from tests.app.test_pages import healthy, jpeg, open_app, upload
from vit_viz.ui.words.training import NO_LABEL


def heading(app) -> str:
    (bars,) = [one.proto.body for one in app.get("html") if 'aria-label="The answer"' in one.proto.body]
    return html.unescape(bars.partition("</div>")[0])


@pytest.mark.parametrize(
    ("photo", "said"), [("cat", "the photo's own label is “tabby”"), ("flower", "this is")]
)
def test_the_answer_says_the_label_where_it_is_known(photo: str, said: str):
    assert heading(healthy(open_app("patches", photo=photo))).endswith(said)


def test_training_takes_the_samples_class_for_true():
    app = healthy(open_app("training", photo="cat"))
    assert app.selectbox(key=true_label(app)).label == "The photo's true class"
    assert not any(one.value == NO_LABEL for one in app.caption)


def test_training_does_not_take_the_models_answer_for_the_truth():
    app = open_app("training", photo="flower")
    for seen in (app, upload(app, "own.jpg", jpeg())):
        healthy(seen)
        assert seen.selectbox(key=true_label(seen)).label == "If the photo's true class were"
        assert any(one.value == NO_LABEL for one in seen.caption)


def true_label(app) -> str:
    return f"true_label_{app.session_state['view'].trace_id}"
