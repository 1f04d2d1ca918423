"""What a saved picture says of itself: page, model and photo, told to every component by the router."""

import json

from tests.app.test_pages import healthy, open_app


def citations(app) -> list[dict]:
    protos = [block.proto for block in healthy(app).get("bidi_component")]
    return [
        json.loads(one.json)["citation"] for one in protos if not one.component_name.endswith(".sample_strip")
    ]


def test_every_component_of_a_page_knows_page_model_and_photo():
    dog = {"page": "Embedding", "model": "ViT Viz/16", "photo": "Dog"}
    assert citations(open_app("embedding", photo="dog")) == [dog, dog]


def test_another_page_and_photo_are_cited_anew():
    app = open_app("qkv", photo="bee")
    assert [cited["page"] for cited in citations(app)] == ["Query, key, value"]
    assert [cited["photo"] for cited in citations(app)] == ["Bee"]
