"""The parts of the page CLS and position."""

import inspect
from typing import NamedTuple

import numpy as np
import streamlit as st

from vit_viz.analysis.answer import top_k
from vit_viz.analysis.patches import rearranged
from vit_viz.analysis.positions import cosine_similarity, falloff, pair_correlation, sines_1d, sines_2d
from vit_viz.analysis.stream import cosine, length
from vit_viz.components.position_tiles import Panel, position_tiles
from vit_viz.components.row_sum import Row, row_sum
from vit_viz.errors import DeviceError
from vit_viz.experiments.answers import Answer
from vit_viz.experiments.arrangements import Shuffled, feature_distance, relative_change
from vit_viz.figures.position import shift_distances, shift_probabilities
from vit_viz.snippets.position import sines
from vit_viz.tracing import Trace
from vit_viz.ui.parts.answer_cards import Card, answer_cards
from vit_viz.ui.parts.downloads import download_csv
from vit_viz.ui.results.arrangements import run_shifts, run_shuffle, shifts_of, shuffle_of
from vit_viz.ui.results.positions import find_similarity
from vit_viz.ui.state import choose
from vit_viz.ui.view import View
from vit_viz.ui.words import position as words
from vit_viz.ui.words.tokens import patch_name, sentence_start, token_name

SHIFTS = 17  # 0 … 16 pixels


def tiles(view: View) -> None:
    """The hero: how alike every two places are, by what this model has of positions."""
    kind = view.model.info.pos_kind
    st.markdown(words.KINDS[kind])
    if kind == "none":
        return
    trace, R = view.trace, view.trace.num_prefix_tokens
    panels = [Panel("learnt", "Learnt positions")] if trace.pos is not None else []
    if "rotary" in kind:
        layer, head = view.selection.layer, view.selection.head
        panels.append(
            Panel(
                _rotary_kind(view),
                words.rotary_title(_patch(view), trace.grid),
                words.rotary_note(layer, head),
            )
        )
    position_tiles(
        view.trace_id,
        trace,
        panels,
        patch=_patch(view),
        key="position_tiles",
        on_pick=lambda patch: choose(token=R + patch),
    )
    if trace.pos is not None:
        _cosines_csv(trace.pos[R:], trace.grid)


def _cosines_csv(positions: np.ndarray, grid: tuple[int, int]) -> None:
    places = [patch_name(patch, grid) for patch in range(len(positions))]
    download_csv(
        ["place", *places],
        lambda: (
            (place, *map(float, row)) for place, row in zip(places, cosine_similarity(positions), strict=True)
        ),
        "position_cosines.csv",
        key="cosines_csv",
    )


def _rotary_kind(view: View) -> str:
    """The address of the rotated copies of the picked patch's query."""
    chosen = view.selection
    return f"rotary-{chosen.layer}-{chosen.head}-{view.trace.num_prefix_tokens + _patch(view)}"


def _patch(view: View) -> int:
    """The picked patch; the middle one while a prefix token is picked."""
    (rows, cols), R = view.trace.grid, view.trace.num_prefix_tokens
    return view.selection.token - R if view.selection.token >= R else rows // 2 * cols + cols // 2


def sum_of_one_token(view: View) -> None:
    """z₀ of the picked token, row by row."""
    token = view.selection.token
    st.markdown(f"### z₀ of {token_name(token, view.trace.prefix_names, view.trace.grid)}")
    rows, difference = _sum(view.trace, token)
    summary = words.sum_summary(view.trace.pos is not None, difference, len(rows[0].values))
    row_sum(rows, summary=summary, key="position_sum")


def _sum(trace: Trace, token: int) -> tuple[list[Row], float]:
    """The rows that add up to z₀, and how far their sum is from what the first layer is given."""
    tone = "cls" if token < trace.num_prefix_tokens else "stream"
    name = sentence_start(token_name(token, trace.prefix_names, trace.grid))
    rows, summed = [Row("", name, tone, trace.tokens[token])], trace.tokens[token]
    if trace.pos is not None:
        summed = summed + trace.pos[token]
        rows += [Row("+", "its position", "position", trace.pos[token]), Row("=", "z₀", "stream", summed)]
    difference = float(np.abs(summed - trace.resid[0][token]).max())
    if difference > 0:  # a norm stands before the first block
        rows.append(Row("→", "z₀ after a norm", "stream", trace.resid[0][token]))
    return rows, difference


def shuffle(view: View) -> list[str]:
    """Shuffled patches, with and without their positions; returns what there is to notice."""
    st.markdown("### Shuffle the patches")
    st.markdown(words.SHUFFLE)
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    seed = int(left.number_input("Order number", 1, 9999, 1, key="shuffle_seed"))
    if right.button("Shuffle, and ask the model five times", key="shuffle_run"):
        try:
            run_shuffle(view, seed)
        except DeviceError as error:
            st.warning(str(error))
    found = shuffle_of(view, seed)
    if found is None:
        return []
    cases = _cases(view, found)
    answer_cards([_card(view, case) for case in cases], label="Five answers")
    download_csv(
        ["case", "compared with", "largest relative change", "features' distance"],
        lambda: (
            (case.title, case.against.title, case.change, case.distance) for case in cases if case.against
        ),
        "shuffle.csv",
        key="shuffle_csv",
    )
    return words.shuffle_sentences(
        relative_change(found.moved_along, found.in_order),
        relative_change(found.left_behind, found.in_order),
        relative_change(found.without_shuffled, found.without),
        feature_distance(found.left_behind, found.in_order),
        has_positions=view.model.info.pos_kind != "none",
    )


class Case(NamedTuple):
    """One of the five answers, the picture (height, width, 3) it is about, and the case it is compared with."""

    title: str
    picture: np.ndarray
    answer: Answer
    against: "Case | None" = None

    @property
    def change(self) -> float:
        """Largest change of the outcome, relative to its largest value; 0 where there is nothing to compare."""
        return relative_change(self.answer, self.against.answer) if self.against else 0.0

    @property
    def distance(self) -> float:
        """How far the features moved, relative to their length; likewise."""
        return feature_distance(self.answer, self.against.answer) if self.against else 0.0


def _cases(view: View, found: Shuffled) -> list[Case]:
    ordered, mixed = view.trace.image, rearranged(view.trace.patches, view.trace.grid, found.order)
    usual = Case("In order", ordered, found.in_order)
    bare = Case("No positions, in order", ordered, found.without)
    return [
        usual,
        Case("Shuffled, positions move along", mixed, found.moved_along, usual),
        Case("Shuffled, positions left behind", mixed, found.left_behind, usual),
        bare,
        Case("No positions, shuffled", mixed, found.without_shuffled, bare),
    ]


def _card(view: View, case: Case) -> Card:
    labels, probs = view.model.labels, case.answer.probs
    guesses = top_k(probs, labels, 5) if labels and probs is not None else []
    lines = words.differences(case.change, case.distance, case.against.title) if case.against else []
    return Card(case.title, case.picture, guesses, lines)


def prefix(view: View) -> None:
    """CLS (and registers) on their own."""
    trace, R = view.trace, view.trace.num_prefix_tokens
    st.markdown(words.cls_story(trace.prefix_names, view.model.info.pool))
    start, end = trace.resid[0], trace.resid[-1]
    facts = words.prefix_facts(
        trace.prefix_names,
        length(trace.tokens[:R]),
        cosine(start[:R], start[R:].mean(axis=0)),
        cosine(end[:R], start[:R]),
    )
    st.markdown("\n".join(f"- {fact}" for fact in facts))
    for token in range(R):
        summary = words.prefix_summary(trace.pos is not None and bool(np.any(trace.pos[token])))
        row_sum(_sum(trace, token)[0], summary=summary, key=f"prefix_sum_{token}")


def fixed_sines(view: View) -> None:
    """Learnt positions beside those that nobody has to learn."""
    trace = view.trace
    st.markdown(words.SINES)
    panels = [Panel("sines-1d", "Sines, 1-D"), Panel("sines-2d", "Sines, 2-D")]
    if trace.pos is not None:
        learnt = cosine_similarity(trace.pos[trace.num_prefix_tokens :])
        panels.insert(0, Panel("learnt", "Learnt"))
        st.markdown(
            words.sines_sentence(
                *(
                    pair_correlation(learnt, cosine_similarity(fixed(trace.grid, trace.pos.shape[1])))
                    for fixed in (sines_1d, sines_2d)
                )
            )
        )
    position_tiles(view.trace_id, trace, panels, patch=_patch(view), key="sine_tiles")
    st.code(inspect.getsource(sines), language="python")


def other_sizes(view: View) -> None:
    """Before and after interpolation to other resolutions."""
    trace = view.trace
    if trace.pos is None:
        st.markdown(words.NO_SIZES)
        return
    st.markdown(words.SIZES)
    panels = [Panel("learnt", words.size_title(trace.grid, trace.patch_size), "as they are")]
    panels += [
        Panel(f"{rows}x{cols}", words.size_title((rows, cols), trace.patch_size), "interpolated")
        for rows, cols in words.other_grids(trace.grid)
    ]
    position_tiles(view.trace_id, trace, panels, patch=_patch(view), key="size_tiles")


def shift(view: View) -> None:
    """The photo moved by 1 to 16 pixels."""
    st.markdown(words.SHIFT)
    found = shifts_of(view)
    label = "Run the rest" if found else "Run the 16 shifts"
    if len(found) < SHIFTS and st.button(label, key="shift_run"):
        _run_shifts(view)
        st.rerun()  # the button has done its work
    if len(found) < 2:
        return
    patch = view.trace.patch_size[1]
    distances = np.array([feature_distance(answer, found[0]) for answer in found])
    names, probs = _best_classes(view, found)
    places = st.columns(2 if names else 1, gap="large")
    with places[-1]:
        st.altair_chart(shift_distances(distances, patch), width="stretch", key="shift_distances")
    if names:
        shown = list(dict.fromkeys(names))[:5]
        with places[0]:
            chart = shift_probabilities(np.stack([probs[name] for name in shown], axis=1), shown, patch)
            st.altair_chart(chart, width="stretch", key="shift_probabilities")
    st.markdown("\n".join(f"- {text}" for text in words.shift_sentences(names, distances, patch)))
    download_csv(
        ["shift in pixels", "features' distance", "largest relative change", "best class"],
        lambda: (
            (
                pixels,
                float(distances[pixels]),
                relative_change(answer, found[0]),
                names[pixels] if names else "",
            )
            for pixels, answer in enumerate(found)
        ),
        "shift.csv",
        key="shift_csv",
    )


def _run_shifts(view: View) -> None:
    bar = st.progress(0.0)

    def report(done: int, count: int) -> None:
        bar.progress(done / count, f"{done} of {count} answers")

    try:
        run_shifts(view, SHIFTS, report)
    except DeviceError as error:
        st.session_state["notice"] = str(error)
    bar.empty()


def _best_classes(view: View, found: tuple[Answer, ...]) -> tuple[list[str], dict[str, np.ndarray]]:
    """The best class of each answer, and each such class's probability in all answers; empty without classes."""
    probs = [answer.probs for answer in found if answer.probs is not None]
    if not view.model.labels or not probs:
        return [], {}
    best = [top_k(row, view.model.labels, 1)[0] for row in probs]
    table = np.stack(probs)
    return [guess.short_label for guess in best], {guess.short_label: table[:, guess.index] for guess in best}


def notices(view: View) -> list[str]:
    """What to notice about positions and this token."""
    trace, token = view.trace, view.selection.token
    if trace.pos is None:
        told = [words.without_rows(view.model.info.pos_kind)]
        turned = find_similarity(view.trace_id, _rotary_kind(view))
        return told if turned is None else [*told, words.rotary_falloff(falloff(turned.cosine, turned.grid))]
    found = falloff(cosine_similarity(trace.pos[trace.num_prefix_tokens :]), trace.grid)
    position, content = trace.pos[token], trace.tokens[token]
    name = token_name(token, trace.prefix_names, trace.grid)
    return [
        words.falloff_sentence(found),
        *words.row_or_column(found),
        words.sum_sentence(
            name, float(length(position)), float(length(content)), float(cosine(position, content))
        ),
    ]
