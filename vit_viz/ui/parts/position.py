"""The parts of the page CLS and position."""

import inspect
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from vit_viz.analysis.answer import IN_VIEW, top_k
from vit_viz.analysis.patches import rearranged
from vit_viz.analysis.positions import cosine_similarity, falloff, pair_correlation, sines_1d, sines_2d
from vit_viz.analysis.stream import cosine, length
from vit_viz.components.position_tiles import Panel, position_tiles
from vit_viz.components.row_sum import Row, row_sum
from vit_viz.errors import DeviceError
from vit_viz.experiments.answers import Answer
from vit_viz.experiments.arrangements import Shuffled, feature_distance, relative_change
from vit_viz.figures.position import shift_changes, shift_probabilities
from vit_viz.model_table import BUNDLED
from vit_viz.snippets.position import sines
from vit_viz.tracing import Trace
from vit_viz.ui.parts.answer_cards import Card, answer_cards
from vit_viz.ui.parts.downloads import File, table
from vit_viz.ui.results.arrangements import run_shifts, run_shuffle, shifts_of, shuffle_of
from vit_viz.ui.results.opening import choose_picked, patch_of, token_of
from vit_viz.ui.results.positions import find_similarity
from vit_viz.ui.view import View
from vit_viz.ui.words import position as words
from vit_viz.ui.words.markdown import plain
from vit_viz.ui.words.tokens import patch_name, sentence_start, token_name

SHIFTS = 17  # 0 … 16 pixels
SAME = 1e-3  # cosines of one pattern differ by less, also where it was stored in 16 bits
SHOWN = 5


def tiles(view: View) -> None:
    """The hero: how alike every two places are, by what this model has of positions."""
    kind, origin = view.model.info.pos_kind, _origin(view)
    st.markdown(words.about_positions(kind, origin, _resized(view)))
    if kind == "none":
        return
    trace, R = view.trace, view.trace.num_prefix_tokens
    panels = [Panel("learnt", words.TITLES[origin])] if trace.pos is not None else []
    if "rotary" in kind:
        layer, head = view.selection.layer, view.selection.head
        panels.append(
            Panel(
                _rotary_kind(view),
                words.rotary_title(patch_of(view), trace.grid),
                words.rotary_note(layer, head),
            )
        )
    position_tiles(
        view.trace_id,
        trace,
        panels,
        patch=patch_of(view),
        key="position_tiles",
        on_pick=lambda patch: choose_picked(view, token=R + patch),
    )


def _origin(view: View) -> str:
    """Where the rows of positions come from: learnt, imitated, drawn, or fixed sines."""
    if view.model.info.weights.startswith("random"):
        return "drawn"
    if view.model_key == BUNDLED:
        return "imitated"
    return "fixed" if _are_sines(view.trace) else "learnt"


def _resized(view: View) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The grids of the checkpoint's rows of positions and of the model's, where these were made from those."""
    info = view.model.info
    is_own = info.learnt_grid == info.grid or _origin(view) == "drawn" or view.trace.pos is None
    return None if is_own else (info.learnt_grid, info.grid)


def _are_sines(trace: Trace) -> bool:
    if trace.pos is None:
        return False
    positions = trace.pos[trace.num_prefix_tokens :]
    fixed = sines_2d(trace.grid, positions.shape[1])
    return bool(np.abs(cosine_similarity(positions) - cosine_similarity(fixed)).max() < SAME)


def _cosines(positions: np.ndarray, grid: tuple[int, int]) -> File:
    places = [patch_name(patch, grid) for patch in range(len(positions))]
    return table(
        "Cosines of all positions",
        "position_cosines.csv",
        ["place", *places],
        lambda: (
            (place, *map(float, row)) for place, row in zip(places, cosine_similarity(positions), strict=True)
        ),
    )._replace(of="model")


def _rotary_kind(view: View) -> str:
    """The address of the rotated copies of the picked patch's query."""
    chosen = view.selection
    return f"rotary-{chosen.layer}-{chosen.head}-{view.trace.num_prefix_tokens + patch_of(view)}"


def placed(trace: Trace) -> list[str]:
    """The prefix tokens that have a position of their own: the others get zeros."""
    if trace.pos is None:
        return []
    return [name for name, row in zip(trace.prefix_names, trace.pos, strict=False) if np.any(row)]


def sum_of_one_token(view: View) -> None:
    """z₀ of the picked token, row by row; until one is picked, of the patch whose tile is large."""
    chosen = view.selection
    token = chosen.token if chosen.token_chosen else view.trace.num_prefix_tokens + patch_of(view)
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
    difference = float(np.abs(summed - trace.resid[0][token]).max())
    if trace.pos is not None:
        name = "sum" if difference > 0 else "z₀"
        rows += [Row("+", "its position", "position", trace.pos[token]), Row("=", name, "stream", summed)]
    if difference > 0:  # a norm stands before the first block
        rows.append(Row("→", "z₀, after the norm", "stream", trace.resid[0][token]))
    return rows, difference


def shuffle(view: View) -> list[str]:
    """Shuffled patches, with and without their positions; returns what there is to notice."""
    st.markdown("### Shuffle the patches")
    st.markdown(f"{words.SHUFFLE} {words.about_changes(_outcome(view))}")
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    seed = left.number_input("Shuffle number", 1, 9999, key="shuffle_seed", persist_state="session")
    if right.button("Shuffle, and ask the model five times", key="shuffle_run"):
        try:
            run_shuffle(view, seed)
        except DeviceError as error:
            st.warning(plain(error))
    found = shuffle_of(view, seed)
    if found is None:
        return []
    cases = _cases(view, found)
    answer_cards([_card(view, case) for case in cases], label="Five answers")
    _, along, behind, _, without = (words.Moved(case.change, case.distance) for case in cases)
    outcome = _outcome(view)
    if view.model.info.pos_kind == "none":
        return [words.without_positions(without, outcome)]
    after = found.left_behind.probs
    first = top_k(found.in_order.probs, view.model.labels, 1)
    best = [] if after is None else [(one.short_label, one.prob, float(after[one.index])) for one in first]
    return words.shuffle_sentences(along, behind, without, best, outcome)


def _outcome(view: View) -> str:
    """What of an answer is compared."""
    return "feature" if view.trace.logits is None else "logit"


def _shuffle_file(view: View, seed: int) -> list[File]:
    found = shuffle_of(view, seed)
    cases = [] if found is None else _cases(view, found)
    rows = [(case.title, case.against.title, case.change, case.distance) for case in cases if case.against]
    columns = ["case", "compared with", "largest relative change", "features' distance"]
    return [table("The shuffled answers", "shuffle.csv", columns, lambda: rows)] if rows else []


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
    guesses = top_k(case.answer.probs, view.model.labels, IN_VIEW)
    lines = (
        words.differences(case.change, case.distance, case.against.title, _outcome(view))
        if case.against
        else []
    )
    return Card(case.title, case.picture, guesses, lines)


def prefix(view: View) -> None:
    """CLS (and registers) on their own."""
    trace, R, origin = view.trace, view.trace.num_prefix_tokens, _origin(view)
    st.markdown(words.cls_story(trace.prefix_names, view.model.info.pool))
    start, end = trace.resid[0], trace.resid[-1]
    facts = words.prefix_facts(
        trace.prefix_names,
        length(trace.tokens[:R]),
        cosine(start[:R], start[R:].mean(axis=0)),
        cosine(end[:R], start[:R]),
        origin,
    )
    st.markdown("\n".join(f"- {fact}" for fact in facts))
    for token in range(R):
        has_position = trace.pos is not None and bool(np.any(trace.pos[token]))
        summary = words.prefix_summary(has_position, adds_positions=trace.pos is not None, origin=origin)
        row_sum(_sum(trace, token)[0], summary=summary, key=f"prefix_sum_{token}")


def fixed_sines(view: View) -> None:
    """Learnt positions beside those that nobody has to learn."""
    trace = view.trace
    st.markdown(words.SINES)
    panels = [Panel("sines-1d", "Sines, 1-D"), Panel("sines-2d", "Sines, 2-D")]
    if trace.pos is not None:
        learnt = cosine_similarity(trace.pos[trace.num_prefix_tokens :])
        panels.insert(0, Panel("learnt", words.TITLES[_origin(view)]))
        st.markdown(
            words.sines_sentence(
                *(
                    pair_correlation(learnt, cosine_similarity(fixed(trace.grid, trace.pos.shape[1])))
                    for fixed in (sines_1d, sines_2d)
                )
            )
        )
    position_tiles(view.trace_id, trace, panels, patch=patch_of(view), key="sine_tiles", scales=True)
    st.code(inspect.getsource(sines), language="python")


def other_sizes(view: View) -> None:
    """Before and after interpolation to other resolutions."""
    trace = view.trace
    if trace.pos is None:
        st.markdown(words.NO_SIZES)
        return
    st.markdown(words.sizes_story(placed(trace)))
    panels = [Panel("learnt", words.size_title(trace.grid, trace.patch_size), "as they are")]
    panels += [
        Panel(f"{rows}x{cols}", words.size_title((rows, cols), trace.patch_size), "interpolated")
        for rows, cols in words.other_grids(trace.grid)
    ]
    position_tiles(view.trace_id, trace, panels, patch=patch_of(view), key="size_tiles")


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
    patch, outcome = view.trace.patch_size[1], _outcome(view)
    distances, changes = _shift_changes(found)
    names, probs = _classes(view, found)
    left, right = st.columns(2, gap="large") if names else (None, st.container())
    with right:
        moved = {"features, distance": distances, f"{outcome}s, largest change": changes}
        st.altair_chart(shift_changes(moved, patch), width="stretch", key="shift_changes")
    if left is not None:
        chart = shift_probabilities(np.stack(list(probs.values()), axis=1), list(probs), patch)
        left.altair_chart(chart, width="stretch", key="shift_probabilities")
    best = probs[names[0]] if names else np.array([])
    said = words.shift_sentences(names, best, distances, changes, outcome, patch)
    st.markdown("\n".join(f"- {text}" for text in said))


def _shift_changes(found: Sequence[Answer]) -> tuple[np.ndarray, np.ndarray]:
    """(S,) the features' distance and the largest change of the outcome by shift, both relative."""
    distances = np.array([feature_distance(answer, found[0]) for answer in found])
    return distances, np.array([relative_change(answer, found[0]) for answer in found])


def _shift_file(view: View) -> list[File]:
    found = shifts_of(view)
    if len(found) < 2:
        return []
    names, _ = _classes(view, found)
    rows = zip(range(len(found)), *_shift_changes(found), names or [""] * len(found), strict=True)
    columns = ["shift in pixels", "features' distance", "largest relative change", "best class"]
    lines = [(pixels, float(distance), float(change), name) for pixels, distance, change, name in rows]
    return [table("The shifted answers", "shift.csv", columns, lambda: lines)]


def files(view: View) -> list[File]:
    """What this page gives to take away: what has been run so far."""
    trace = view.trace
    cosines = [] if trace.pos is None else [_cosines(trace.pos[trace.num_prefix_tokens :], trace.grid)]
    return [*cosines, *_shuffle_file(view, st.session_state["shuffle_seed"]), *_shift_file(view)]


def _run_shifts(view: View) -> None:
    bar = st.progress(0.0)

    def report(done: int, count: int) -> None:
        bar.progress(done / count, f"{done} of {count} answers")

    try:
        run_shifts(view, SHIFTS, report)
    except DeviceError as error:
        st.session_state["notice"] = str(error)
    bar.empty()


def _classes(view: View, found: Sequence[Answer]) -> tuple[list[str], dict[str, np.ndarray]]:
    """The best class by shift; and by name the probabilities (S,) of these, then of the first ones without a shift.

    At most SHOWN; both are empty without classes.
    """
    probs = [answer.probs for answer in found if answer.probs is not None]
    if not view.model.labels or not probs:
        return [], {}
    best = [top_k(row, view.model.labels, 1)[0] for row in probs]
    shown = {guess.short_label: guess.index for guess in [*best, *top_k(probs[0], view.model.labels, SHOWN)]}
    table = np.stack(probs)
    lines = {name: table[:, index] for name, index in list(shown.items())[:SHOWN]}
    return [guess.short_label for guess in best], lines


def notices(view: View) -> list[str]:
    """What to notice about positions and this token."""
    trace, token = view.trace, token_of(view)
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
