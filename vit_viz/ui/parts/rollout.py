"""The parts of the page Rollout below its laboratory: maps side by side, the test of them, the gallery."""

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from vit_viz.analysis.answer import IN_VIEW, short, top_k
from vit_viz.analysis.curves import rank_correlation
from vit_viz.components.map_tiles import MapTile, map_tiles
from vit_viz.components.routes import BASE
from vit_viz.errors import ModelError
from vit_viz.experiments.faithfulness import REMOVALS, STEPS
from vit_viz.figures.faithfulness import Line, curves_figure
from vit_viz.samples import samples
from vit_viz.ui.parts.downloads import File, table
from vit_viz.ui.parts.rollout_table import COLORS, DASHED, Curves, areas_of, areas_table, curve_points
from vit_viz.ui.parts.running import start_or_progress
from vit_viz.ui.results import rollouts
from vit_viz.ui.results.rollouts import PAPER, Question, Settings
from vit_viz.ui.view import View
from vit_viz.ui.words.rollout import (
    TITLES,
    Areas,
    likeness,
    map_notes,
    settings_note,
    untrained_likeness,
    verdict,
    without_class,
)
from vit_viz.ui.words.tokens import patch_name

REMOVAL_TITLES = {
    "mean colour": "painting them over",
    "drop tokens": "dropping their tokens",
}
JOB, SETTINGS = "rollout_job", "rollout_settings"
# the charts take in what has been run so far
REFRESH_SECONDS = 2.0
BUTTON_PX = 40


def settings(view: View) -> Settings:
    """The laboratory's settings, which the reader settled on last; the paper's at first."""
    chosen: Settings = st.session_state.get(SETTINGS, PAPER)
    return replace(chosen, start=min(chosen.start, view.trace.depth - 1))


def keep_settings(chosen: Mapping[str, str | int]) -> None:
    """Take what the laboratory tells."""
    numbers = {name: int(chosen[name]) for name in ("residual", "discard", "start")}
    st.session_state[SETTINGS] = Settings(fusion=str(chosen["fusion"]), **numbers)


def choose_class(view: View) -> int | None:
    """One of the five most probable classes; None for a model without class names."""
    if not view.model.labels:
        st.caption(without_class(view.trace.logits is None))
        return None
    guesses = {
        guess.index: guess.short_label for guess in top_k(view.trace.probs, view.model.labels, IN_VIEW)
    }
    return st.segmented_control(
        "Class",
        list(guesses),
        default=next(iter(guesses)),
        required=True,
        format_func=lambda index: guesses[index],
        key=f"rollout_class_{view.trace_id}",
        persist_state="session",
    )


def side_by_side(view: View, target: int | None, settings: Settings) -> None:
    """All maps of this photo, the class-specific ones first."""
    name = None if target is None else short(view.model.labels[target])
    notes = map_notes(view.trace.depth, name) | {"own": settings_note(**asdict(settings))}
    map_tiles(
        [
            MapTile(
                title=TITLES[kind],
                note=notes[kind],
                photo=f"{BASE}/photo/{view.trace_id}",
                values=values,
            )
            for kind, values in rollouts.maps_of(view, target, settings).items()
        ],
        view.trace.grid,
        aspect=_aspect(view),
        share=True,
        alt=view.photo_alt,
        key="rollout_maps",
    )


def _aspect(view: View) -> float:
    """Width over height of what the model saw."""
    height, width, _channels = view.trace.image.shape
    return width / height


def choose_removal() -> str:
    """How the test takes patches away."""
    return st.segmented_control(
        "Take patches away by",
        REMOVALS,
        default=REMOVALS[0],
        required=True,
        format_func=lambda removal: REMOVAL_TITLES[removal],
        key="rollout_removal",
        persist_state="session",
        help="Painted over in the photo's mean colour; or their tokens are left out once positions are added.",
    )


class Test(NamedTuple):
    """The areas of the maps of which both curves are there, and the bar that `work` moves while the test runs."""

    areas: dict[str, Areas]
    bar: DeltaGenerator | None


def test(question: Question) -> Test:
    """What has been run of the test, and what begins it or stops it."""
    view, curves = question.view, rollouts.curves_there(question)
    bar = _button_or_bar(question, len(curves))
    if curves:
        _charts(question, curves)
    found = areas_of(curves, view.model.info.num_patches)
    if found:
        st.html(areas_table(found, _likenesses(view, question.target)))
        if not rollouts.has_twin(view):
            st.caption("Only the bundled model has an untrained twin to compare with.")
    return Test(found, bar)


def is_complete(question: Question) -> bool:
    """Whether every curve of the test is there."""
    return len(rollouts.curves_there(question)) == len(rollouts.curve_names(question))


def _button_or_bar(question: Question, done: int) -> DeltaGenerator | None:
    """One place, of one height, for the button that begins, the bar beside it, and the end."""
    count = len(rollouts.curve_names(question))
    if done == count:
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.caption(f"{count} curves of {STEPS + 1} points: at each of them the model ran again.")
            with st.container(width=1):
                st.space(BUTTON_PX)
        return None
    is_running = st.session_state.get(JOB) == question.job
    bar = start_or_progress(
        f"Run the test: {count} curves"
        if done == 0 or is_running
        else f"Go on: {done} of {count} curves are there",
        key="rollout_run",
        stop_key="rollout_stop",
        is_running=is_running,
        on_start=lambda: _set_job(question.job),
        on_stop=lambda: _set_job(None),
    )
    if bar:
        _show(bar, done, count)
    return bar


def _show(bar: DeltaGenerator, done: int, count: int) -> None:
    bar.progress(done / count, text=f"{done} of {count} curves")


def _set_job(job: str | None) -> None:
    st.session_state[JOB] = job


def _charts(question: Question, curves: Curves) -> None:
    target, labels = question.target, question.view.model.labels
    top = 1.0 if target is None else _round_up(max(values.max() for values in curves.values()))
    y = "likeness to the whole photo" if target is None else f"p({labels[target].split(',')[0]})"
    for place, insertion, title, x in zip(
        st.columns(2, gap="large"),
        (False, True),
        ("Deletion: a true map falls early", "Insertion: a true map rises early"),
        ("patches taken away", "patches put back"),
        strict=True,
    ):
        one_way = {name: values for (name, way), values in curves.items() if way == insertion}
        if not one_way:  # stopped before its first curve
            continue
        with place:
            st.markdown(f"**{title}**")
            st.vega_lite_chart(
                spec=curves_figure(
                    [_line(name, values) for name, values in one_way.items() if name in COLORS],
                    [values for name, values in one_way.items() if name.startswith("random")],
                    num_patches=question.view.model.info.num_patches,
                    x=[x, "the map's strongest first"],
                    y=y,
                    top=top,
                ),
                width="stretch",
            )


def _line(name: str, values: np.ndarray) -> Line:
    return Line(title=TITLES[name], color=COLORS[name], values=values, dashed=name in DASHED)


def files(question: Question) -> list[File]:
    """The maps, and what has been run of the test."""
    view, curves = question.view, rollouts.curves_there(question)
    maps = rollouts.maps_of(view, question.target, question.settings)
    grid, N = view.trace.grid, view.model.info.num_patches
    found = [
        table(
            "Maps of this photo",
            "rollout_maps.csv",
            ["patch", *(TITLES[kind] for kind in maps)],
            lambda: zip((patch_name(patch, grid) for patch in range(N)), *maps.values(), strict=True),
        )
    ]
    if curves:
        points = partial(curve_points, curves, N)
        columns = ["map", "curve", "patches", "value"]
        found.append(table("Curves of the test", "rollout_curves.csv", columns, points))
    return found


def _round_up(value: float) -> float:
    """The next tenth, so that charts of one photo share their scale."""
    return float(np.ceil(value * 10) / 10)


def _likenesses(view: View, target: int | None) -> dict[str, float]:
    """Rank correlation of each map with the same map of the untrained twin; empty without a twin."""
    own, twin = rollouts.maps_of(view, target), rollouts.twin_maps(view, target)
    return {name: rank_correlation(own[name], values) for name, values in twin.items()}


def work(question: Question, bar: DeltaGenerator | None) -> None:
    """Run what is missing of the test, if it was asked for; a click in between stops it and loses nothing."""
    if bar is None:
        return
    done, count = len(rollouts.curves_there(question)), len(rollouts.curve_names(question))
    begun = time.monotonic()
    try:
        for _ in rollouts.run_curves(question):
            done += 1
            _show(bar, done, count)
            if time.monotonic() - begun > REFRESH_SECONDS:
                st.rerun()
    except ModelError as error:
        st.session_state["notice"] = f"{error} The curves that were run before are kept."
    _set_job(None)
    st.rerun()


def gallery(view: View) -> None:
    """The samples beside themselves times their rollout, as in Fig. 6 of the paper."""
    items = rollouts.gallery_there(view)
    if items:
        map_tiles(
            [MapTile(title=item.title, note="", photo=item.photo, values=item.rollout) for item in items],
            view.trace.grid,
            aspect=_aspect(view),
            look="paper",
            alt="the photo times its rollout.",
            key="rollout_gallery",
        )
    missing = len(samples()) - len(items)
    if missing and st.button(f"Roll out {missing} samples", key="rollout_gallery_run"):
        bar, done = st.progress(0.0), 0
        for count in rollouts.run_gallery(view):
            done += count
            bar.progress(done / missing, text=f"{done} of {missing} samples")
        st.rerun()


def notices(question: Question, areas: Mapping[str, Areas]) -> list[str]:
    """What the maps and the test say of this photo."""
    maps = rollouts.maps_of(question.view, question.target)
    said = [likeness(rank_correlation(maps["rollout"], maps["attention"]))]
    if is_complete(question):
        said += verdict(areas, question.removal)
        twin = _likenesses(question.view, question.target)
        said += [untrained_likeness(twin["rollout"])] if twin else []
    return said
