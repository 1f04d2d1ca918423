"""The parts of the page Encoder block."""

import inspect
from collections.abc import Iterator

import numpy as np
import streamlit as st

from vit_viz.analysis.stream import (
    Contributions,
    NormSteps,
    histogram,
    length,
    most_active,
    norm_steps,
    self_similarity,
    sinks,
)
from vit_viz.components.block_drawing import Block, Part, block_drawing
from vit_viz.components.stream_explorer import stream_explorer
from vit_viz.experiments.blocks import BlockKind, block_kind
from vit_viz.experiments.mlp import MlpKind
from vit_viz.figures.encoder import activation_histogram, depth_similarity, norm_scatter, unit_bars
from vit_viz.snippets import fitting
from vit_viz.ui.parts.downloads import File, table
from vit_viz.ui.results.blocks import steps_of
from vit_viz.ui.results.opening import choose_picked, token_of
from vit_viz.ui.view import View
from vit_viz.ui.words import encoder as words
from vit_viz.ui.words.tokens import token_name

UNITS = 12


def name_of(view: View) -> str:
    """The picked token."""
    return token_name(token_of(view), view.trace.prefix_names, view.trace.grid)


def stream(view: View, found: Contributions) -> None:
    """The hero: the stream's lengths, and what is added to the picked token."""
    chosen, R = view.selection, view.trace.num_prefix_tokens
    ringed = sinks(found.resid, R)
    stream_explorer(
        view.trace_id,
        view.trace,
        found,
        ringed,
        {"token": token_of(view), "layer": chosen.layer, "head": chosen.head},
        sinks_note=words.sinks_note(found.resid, ringed, R),
        key="stream_explorer",
        on_select=lambda selection: choose_picked(view, **selection),
    )


def hidden_units(view: View) -> None:
    """Hidden numbers of the picked token in the chosen layer."""
    layer, token = view.selection.layer, token_of(view)
    kind, steps = block_kind(view.model, layer), steps_of(view, layer).mlp
    before, after = steps.hidden_pre[token], steps.hidden[token]
    st.markdown(f"### Inside the MLP of layer {layer + 1}, for {name_of(view)}")
    st.markdown(words.mlp_intro(kind.mlp, layer, view.model.info.embed_dim))
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart = activation_histogram(histogram(before, after), words.activation_names(kind.mlp))
        st.altair_chart(chart, width="stretch", key="activation_histogram")
    best = _by_activation(view)[:UNITS]
    with right:
        chart = unit_bars(best, before, after, words.activation_names(kind.mlp)[0])
        st.altair_chart(chart, width="stretch", key="unit_bars")


def _by_activation(view: View) -> np.ndarray:
    """All hidden units of the picked token in the chosen layer, the most active first."""
    layer, token = view.selection.layer, token_of(view)
    hidden = steps_of(view, layer).mlp.hidden[token]
    return most_active(hidden, len(hidden), gated=block_kind(view.model, layer).mlp.gated)


def drawing(view: View) -> None:
    """The pre-norm block beside the original, with the picked token's lengths on this model's own."""
    layer, info = view.selection.layer, view.model.info
    kind = block_kind(view.model, layer)
    st.markdown("### Before or after: where the norm stands")
    st.markdown(words.DRAWING)
    size = f"{info.num_tokens} × {info.embed_dim}"
    blocks = [
        _drawn("Pre-norm (ViT)", words.PRE, _pre(kind), layer, size),
        _drawn("Post-norm (2017)", words.POST, _POST, layer, size),
    ]
    if kind.attention.norm_after:
        title = "Norm after each part: this model"
        blocks.insert(0, _drawn(title, words.RES_POST, _res_post(kind), layer, size))
    else:
        blocks[0] = blocks[0]._replace(title="Pre-norm: this model")
    blocks[0] = _with_lengths(view, blocks[0])
    block_drawing(blocks, key="block_drawing")
    st.caption(f"Numbers: lengths of {name_of(view)}'s row in layer {layer + 1}.")


_NORM, _ADD = Part("norm", "Norm"), Part("add")
_ATTN, _MLP = Part("attention", "Multi-head attention"), Part("mlp", "MLP")
_POST = ((_ATTN, _ADD, _NORM), (_MLP, _ADD, _NORM))


def _pre(kind: BlockKind) -> tuple[tuple[Part, ...], ...]:
    norm, scale = Part("norm", kind.norm), Part("scale", "LayerScale")
    attn = (norm, _ATTN, scale, _ADD) if kind.attention.layer_scale else (norm, _ATTN, _ADD)
    return attn, (norm, _mlp(kind.mlp), scale, _ADD) if kind.mlp_scale else (norm, _mlp(kind.mlp), _ADD)


def _res_post(kind: BlockKind) -> tuple[tuple[Part, ...], ...]:
    norm = Part("norm", kind.norm)
    return (_ATTN, norm, _ADD), (_mlp(kind.mlp), norm, _ADD)


def _mlp(kind: MlpKind) -> Part:
    return Part("mlp", f"MLP, {kind.width} hidden" + (", gated" if kind.gated else ""))


def _drawn(
    title: str, formulas: tuple[str, str], halves: tuple[tuple[Part, ...], ...], layer: int, size: str
) -> Block:
    names = words.stream_names(layer)
    enters, leaves = Part("size", f"{names.z}, {size}"), Part("size", f"{names.after}, {size}")
    return Block(title, words.halves_of(formulas, layer), enters, halves, leaves)


def _with_lengths(view: View, block: Block) -> Block:
    """The picked token's row as it leaves each step; a part's own length is known where it is added."""
    layer, token, trace = view.selection.layer, token_of(view), view.trace
    norms = steps_of(view, layer).norms
    z, added_attn, added_mlp = trace.resid[layer], trace.attn_out[layer], trace.mlp_out[layer]
    sums = (z + added_attn, trace.resid[layer + 1])
    halves = []
    for half, normed, added, total in zip(
        block.halves, (norms.attn_out, norms.mlp_out), (added_attn, added_mlp), sums, strict=True
    ):
        last = len(half) - 2  # the step right before the addition gives what is added
        rows = {step: normed for step, part in enumerate(half) if part.kind == "norm"} | {last: added}
        rows[len(half) - 1] = total
        halves.append(
            [
                part._replace(value=f"{length(rows[step][token]):.2f}" if step in rows else "")
                for step, part in enumerate(half)
            ]
        )
    return block._replace(halves=halves, input=block.input._replace(value=f"{length(z[token]):.2f}"))


def norms(view: View) -> None:
    """What both norms of the layer do to every token."""
    layer, token = view.selection.layer, token_of(view)
    kind = block_kind(view.model, layer)
    names, halves = _names(view), _norm_halves(view)
    for column, (half, steps) in zip(st.columns(2, gap="large"), halves.items(), strict=True):
        with column:
            st.markdown(f"**{words.which_norm(kind, half)}**, layer {layer + 1}")
            st.altair_chart(norm_scatter(steps, names, token), width="stretch", key=f"norm_{half}")
            st.markdown(words.norm_sentence(steps, kind))


def depth(view: View) -> None:
    """The picked token beside itself at every depth."""
    st.markdown(words.DEPTHS)
    st.altair_chart(
        depth_similarity(view.trace.resid[:, token_of(view)]), width="stretch", key="depth_similarity"
    )


def files(view: View, found: Contributions) -> list[File]:
    """What this page gives to take away."""
    columns = ["token", "norm of", "mean before", "deviation before", "mean after", "deviation after"]
    return [
        _stream_file(view, found),
        _units_file(view),
        table("Norms of this layer", "norms.csv", columns, lambda: _norm_rows(view)),
    ]


def _stream_file(view: View, found: Contributions) -> File:
    names, depth = _names(view), view.trace.depth
    before, after = found.resid[:-1], found.resid[1:]
    tables = (before, found.attn, found.attn_cos, found.middle, found.mlp, found.mlp_cos, after)
    columns = [
        "length before",
        "attention",
        "its cosine",
        "length between",
        "MLP",
        "its cosine",
        "length after",
    ]
    return table(
        "All rows through the layers",
        "residual_stream.csv",
        ["layer", "token", *columns],
        lambda: (
            (layer + 1, name, *(float(column[layer, token]) for column in tables))
            for layer in range(depth)
            for token, name in enumerate(names)
        ),
    )


def _units_file(view: View) -> File:
    layer, token = view.selection.layer, token_of(view)
    steps = steps_of(view, layer).mlp
    before, after = steps.hidden_pre[token], steps.hidden[token]
    return table(
        "Hidden numbers of this token",
        "hidden_units.csv",
        ["hidden unit", *words.activation_names(block_kind(view.model, layer).mlp)],
        lambda: ((unit + 1, float(before[unit]), float(after[unit])) for unit in _by_activation(view)),
    )


def _norm_halves(view: View) -> dict[str, NormSteps]:
    pairs = steps_of(view, view.selection.layer).norms
    return {
        "attention": norm_steps(pairs.attn_in, pairs.attn_out),
        "the MLP": norm_steps(pairs.mlp_in, pairs.mlp_out),
    }


def _norm_rows(view: View) -> Iterator[tuple[str | float, ...]]:
    for half, steps in _norm_halves(view).items():
        for index, name in enumerate(_names(view)):
            yield (name, half, *(float(values[index]) for values in steps))


def _names(view: View) -> list[str]:
    trace = view.trace
    return [token_name(index, trace.prefix_names, trace.grid) for index in range(trace.num_tokens)]


def crowd(view: View) -> None:
    """Attention as listening."""
    chosen, trace, token = view.selection, view.trace, token_of(view)
    row = trace.attn[chosen.layer, chosen.head, token]
    st.markdown(words.crowd(trace.num_tokens, trace.num_heads))
    st.markdown(words.heard(row, token, chosen.layer, chosen.head, trace.prefix_names, trace.grid))


def mlp_code(view: View) -> None:
    """The MLP as code, and why its dropout is off."""
    kind = block_kind(view.model, view.selection.layer)
    st.markdown(words.CODE + words.gated_code(kind.mlp))
    if (snippet := fitting.mlp(view.model, view.selection.layer)) is not None:
        st.code(inspect.getsource(snippet), language="python")
    st.markdown(words.dropout_sentence(kind))


def active_share(view: View) -> float:
    """The share of hidden units of the MLP in view that the picked token pushes above zero."""
    return float((steps_of(view, view.selection.layer).mlp.hidden_pre[token_of(view)] > 0).mean())


def active_units(view: View) -> str:
    """Which hidden units of the MLP in view speak for the picked token."""
    after = steps_of(view, view.selection.layer).mlp.hidden[token_of(view)]
    return words.active_units(active_share(view), after, _by_activation(view)[:UNITS], name_of(view))


def notices(view: View, found: Contributions) -> list[str]:
    """What to notice about the stream, this token and this layer."""
    token, name = token_of(view), name_of(view)
    return [
        words.strongest_parts(found, token, name),
        words.against(found, token, name),
        words.overall(found),
        words.self_similarity(self_similarity(view.trace.resid[:, token]), name),
    ]
