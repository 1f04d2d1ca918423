"""The words that pages explain: all of them have a meaning, and each is needed somewhere."""

import ast
from pathlib import Path

from vit_viz.ui.words.glossary import WORDS, meanings

PAGES = Path(__file__).parents[2] / "pages"


def words_of(page: Path) -> list[str]:
    found = [
        ast.literal_eval(keyword.value)
        for node in ast.walk(ast.parse(page.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "frame.head"
        for keyword in node.keywords
        if keyword.arg == "words"
    ]
    return [word for words in found for word in words]


def test_every_page_explains_known_words_and_no_word_is_left():
    explained = {page.stem: words_of(page) for page in PAGES.glob("*.py") if page.stem != "journey"}
    assert all(explained.values()), "a page without words"
    assert {word for words in explained.values() for word in words} == set(WORDS)


def test_cls_is_what_it_is_in_the_model_in_view():
    assert meanings(("CLS",)).endswith("It has no pixels; the answer is read from it.")
    assert meanings(("CLS",), reads_cls=False).endswith("this model reads its answer elsewhere.")
    assert meanings(("CLS", "Logit"), has_cls=False) == meanings(("Logit",))


def test_meanings_are_paragraphs():
    assert meanings(("Logit", "Softmax")).split("\n\n") == [
        f"**Logit.** {WORDS['Logit']}",
        f"**Softmax.** {WORDS['Softmax']}",
    ]
