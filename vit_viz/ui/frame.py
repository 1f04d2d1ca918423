"""The parts a page is made of: head, answer, what to notice, practice, code."""

import html
import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import streamlit as st

from vit_viz.analysis.answer import IN_VIEW, Guess, short, top_k
from vit_viz.errors import VitVizError
from vit_viz.locale import text
from vit_viz.models import Model
from vit_viz.ui.results.labels import true_class
from vit_viz.ui.state import selection
from vit_viz.ui.view import View
from vit_viz.ui.words.glossary import meanings
from vit_viz.ui.words.markdown import plain
from vit_viz.ui.words.tokens import without_classes


def head(title: str, question: str, formula: str, words: tuple[str, ...]) -> None:
    """Title, the one question the page answers, its formula with this model's own sizes.

    `words` are the ones of the glossary that a reader needs here.
    """
    st.title(title, anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", key="question"):
        st.markdown(f":gray[{question}]")
        with st.popover("Words on this page", type="tertiary", width="content"):
            st.markdown(_meanings(words))
    with st.container(key=f"formula_{1 + formula.count(chr(10))}"):  # page.css keeps room for its lines
        st.code(formula, language=None, wrap_lines=True)


def _meanings(words: tuple[str, ...]) -> str:
    """What they mean for the model in view."""
    view: View = st.session_state["view"]
    info = view.model.info
    return meanings(words, has_cls="CLS" in info.prefix_names, reads_cls=info.pool == "token")


def opening(title: str, question: str) -> None:
    """Title and question on one line, where a tall picture shall follow at once."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="opening"):
        st.title(title, anchor=False, width="content")
        st.markdown(f":gray[{question}]", width="content")


def answer(view: View) -> None:
    """The model's five most probable classes for this photo, or why it names none."""
    lang, info = selection().lang, view.model.info
    if not view.model.labels:
        st.caption(without_classes(lang, info.title, info.num_classes))
        return
    guesses = top_k(view.trace.probs, view.model.labels, IN_VIEW)
    st.html(
        f'<div style="{_ABOVE}">{html.escape(_answer_title(view, lang))}</div>'
        f'<div role="list" aria-label="The answer" style="{_ROW}">{"".join(map(bar, guesses))}</div>'
    )
    names_of(view.model)


def names_of(model: Model) -> None:
    """Where the classes' names come from, unless the weights themselves say it."""
    if model.has_numbered_classes:
        st.caption(text(selection().lang, "app.answer.numbered"))
    if model.has_assumed_names:
        st.caption(text(selection().lang, "app.answer.assumed", count=f"{len(model.labels):,}"))


def _answer_title(view: View, lang: str) -> str:
    """What the bars are, and the photo's label where the model knows a class for it."""
    known = true_class(view)
    if known is None:
        return text(lang, "app.answer.title")
    return text(lang, "app.answer.labelled", label=short(view.model.labels[known]))


_ABOVE = "font-size:.8rem;opacity:.7"
_ROW = "display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.4rem 1.5rem;font-size:.875rem"


def bar(guess: Guess) -> str:
    """One guess as HTML: name, probability, and a line as long as it."""
    return (
        '<div role="listitem">'
        '<div style="display:flex;justify-content:space-between;gap:.5rem">'
        f"<span>{html.escape(guess.short_label)}</span>"
        f'<span style="font-family:monospace">{guess.prob:.1%}</span></div>'
        '<div style="height:3px;background:rgba(128,128,128,.2);forced-color-adjust:none">'
        f'<div style="height:3px;width:{guess.prob:.1%};background:#E69F00"></div></div></div>'
    )


@contextmanager
def sentences_for_errors() -> Iterator[None]:
    """What cannot be drawn within is a sentence in its place; also for fragments, which run without the router."""
    try:
        yield
    except VitVizError as error:
        st.error(plain(error))
    except MemoryError:
        st.error("The memory of this machine is full. Choose a smaller model, or a smaller picture.")


def _section(title: str) -> None:
    st.markdown(f"### {title}")


def notice(sentences: Sequence[str], title: str = "What to notice") -> None:
    """What to notice: sentences computed from this very trace."""
    _section(title)
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


class Asking(NamedTuple):
    """What stands around a question, in the reader's language."""

    try_it: str = "Try it"
    check: str = "Check yourself"
    right: str = "Right."
    wrong: str = "Not quite."


ASKING = Asking()


def practice(
    try_it: str,
    question: str,
    options: Sequence[str],
    reveal: str,
    *,
    right: str,
    key: str,
    asking: Asking = ASKING,
) -> None:
    """Something to try, and a question to check oneself by; the answer appears with the choice, one of `options`.

    A choice counts for what was asked then: where the question or its answer is another one, none is made yet.
    """
    left, other = st.columns(2, gap="large")
    with left:
        _section(asking.try_it)
        st.markdown(try_it)
    with other:
        _section(asking.check)
        asked = question, reveal
        if st.session_state.get(f"{key}_asked") != asked:
            st.session_state[f"{key}_asked"], st.session_state[key] = asked, None
        if (choice := st.radio(question, options, index=None, key=key, persist_state="session")) is not None:
            st.markdown(f"{asking.right if choice == right else asking.wrong} {reveal}")


def code(snippet: Callable | None, title: str = "Code") -> None:
    """The few lines of PyTorch that compute what the page shows; a test runs them against the trace."""
    _section(title)
    if snippet is None:
        st.caption("No few lines of code compute this for the model in view, so none stand here.")
        return
    st.code(inspect.getsource(snippet), language="python")
