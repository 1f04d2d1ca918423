"""Every language says the same things: same keys, same placeholders, nothing left in English by mistake."""

import json
import re
import string
from typing import Any

import pytest

from vit_viz.locale import DEFAULT, FOLDER, language_of, languages, strings, text
from vit_viz.ui.navigation import PAGES

CONCEPT = re.compile(r"\[[^\]]+\]\((\w+)\)")
CONCEPTS = {"cls", "position", "query", "key", "value", "attention"}


def leaves(tree: Any, path: str = "") -> dict[str, str]:
    """Every text of a language by its path."""
    if isinstance(tree, str):
        return {path: tree}
    items = enumerate(tree) if isinstance(tree, list) else tree.items()
    return {
        name: leaf for key, value in items for name, leaf in leaves(value, f"{path}.{key}".strip(".")).items()
    }


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


ENGLISH = leaves(strings(DEFAULT))
OTHERS = [lang for lang in languages() if lang != DEFAULT]


def test_there_are_english_and_korean():
    assert list(languages().items())[:2] == [("en", "English"), ("ko", "한국어")]


@pytest.mark.parametrize("lang", OTHERS)
def test_same_keys(lang):
    theirs = leaves(strings(lang))
    # a page without a title in English has the one of vit_viz/ui/navigation.py
    pages = {key for key in theirs if key.startswith("app.pages.")}
    assert set(theirs) - pages == {key for key in ENGLISH if not key.startswith("app.pages.")}
    assert {key for key in ENGLISH if key.startswith("app.pages.")} <= pages


@pytest.mark.parametrize("lang", OTHERS)
def test_every_page_has_a_title(lang):
    assert set(PAGES) <= set(strings(lang)["app"]["pages"])


@pytest.mark.parametrize("lang", OTHERS)
def test_same_placeholders_and_concepts(lang):
    theirs = leaves(strings(lang))
    for key, sentence in ENGLISH.items():
        if key in theirs:
            assert placeholders(theirs[key]) == placeholders(sentence), key
            assert set(CONCEPT.findall(theirs[key])) == set(CONCEPT.findall(sentence)), key


def test_concepts_are_those_with_a_colour():
    for lang in languages():
        for key, sentence in leaves(strings(lang)).items():
            assert set(CONCEPT.findall(sentence)) <= CONCEPTS, key


def test_korean_captions_are_korean():
    for key, sentence in leaves(strings("ko")).items():
        if key.endswith(".caption") or ".different." in key:
            assert re.search("[가-힣]", sentence), key


def test_captions_are_two_or_three_sentences():
    """A caption is read while the picture moves; the Korean ones may split a sentence."""
    for lang, most in (("en", 3), ("ko", 4)):
        for name, scene in strings(lang)["journey"]["scenes"].items():
            count = len(re.findall(r"[.?!](?=\s|$)", scene["caption"]))
            assert 2 <= count <= most, (lang, name, count)


@pytest.mark.parametrize(
    ("locale", "lang"),
    [("ko-KR", "ko"), ("ko", "ko"), ("KO", "ko"), ("en-GB", "en"), ("fr-FR", "en"), ("", "en"), (None, "en")],
)
def test_language_of_a_browser(locale, lang):
    assert language_of(locale) == lang


def test_text_fills_its_placeholders():
    assert text("en", "app.journey.end_classes", C=7) == "7 classes"
    with pytest.raises(KeyError):
        text("en", "app.journey.end_classes")


def test_files_hold_no_key_twice():
    def once(pairs: list) -> dict:
        assert len({key for key, _ in pairs}) == len(pairs), pairs
        return dict(pairs)

    for file in FOLDER.glob("*.json"):
        json.loads(file.read_text("utf-8"), object_pairs_hook=once)
