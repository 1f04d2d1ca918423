"""The page Encoder block: its sentences, figures, code and payload."""

import base64
from dataclasses import replace

import numpy as np
import pytest
import torch

from vit_viz.analysis.stream import Contributions, NormSteps, contributions, histogram, sinks
from vit_viz.components.payload import unpack
from vit_viz.components.stream_payload import stream_payload
from vit_viz.experiments.blocks import BlockKind
from vit_viz.experiments.mlp import MlpKind
from vit_viz.experiments.projections import AttentionKind
from vit_viz.figures.encoder import activation_histogram, depth_similarity, norm_scatter, unit_bars
from vit_viz.snippets.encoder import encoder_block, mlp
from vit_viz.ui.words import encoder as words

ATTENTION = AttentionKind(
    norm="LayerNorm",
    qk_norm=False,
    rotary=False,
    norm_inside=False,
    gated=False,
    layer_scale=False,
    norm_after=False,
)
MLP = MlpKind(activation="GELU", width=768, gated=False, biased=True, norm_first=False, norm_inside=False)
GATED = replace(MLP, gated=True)
PLAIN = BlockKind(attention=ATTENTION, mlp=MLP, norm="LayerNorm", mlp_scale=False, dropout=0.0)
POST = replace(PLAIN, attention=replace(ATTENTION, norm_after=True))


def with_mlp(**changes) -> BlockKind:
    return replace(PLAIN, mlp=replace(MLP, **changes))


def parts(**changes) -> Contributions:
    table = {
        "resid": np.array([[10.0], [8], [12]]),
        "middle": np.array([[5.0], [16]]),
        "attn": np.array([[5.0], [2]]),
        "mlp": np.array([[1.0], [6]]),
        "attn_cos": np.array([[-0.25], [0.5]]),
        "mlp_cos": np.array([[0.1], [-0.75]]),
    }
    return Contributions(**table | changes)


def test_formula_of_each_kind_of_block():
    assert words.block_formula(PLAIN, 0, 197, 192, 6) == (
        "z′₁ = MSA(LN(z₀)) + z₀\nz₁ = GELU(h W₁ + b₁) W₂ + b₂ + z′₁, h = LN(z′₁)\n"
        "z₀: 197 × 192, hidden: 197 × 768; layer 1 of 6"
    )
    rms = replace(with_mlp(gated=True, biased=False, activation="SiLU"), norm="RMSNorm")
    gated = words.block_formula(rms, 9, 5, 8, 12)
    assert "( SiLU(h W₁) ⊙ h W₁′ ) W₂ + z′₁₀, h = RMS(z′₁₀)" in gated
    assert "norm(GELU(h W₁ + b₁)) W₂ + b₂ + z′₂, h = LN(z′₂)" in words.block_formula(
        with_mlp(norm_inside=True), 1, 197, 192, 12
    )
    vitamin = words.block_formula(with_mlp(gated=True, norm_first=True), 0, 197, 192, 12)
    assert "( GELU(h W₁ + b₁) ⊙ (h W₁′ + b₁′) ) W₂ + b₂ + z′₁, h = norm(LN(z′₁))" in vitamin
    assert "z′₁ = LN(MSA(z₀)) + z₀\nz₁ = LN(GELU(h W₁ + b₁) W₂ + b₂) + z′₁, h = z′₁" in words.block_formula(
        POST, 0, 5, 8, 1
    )
    scales = replace(PLAIN, attention=replace(ATTENTION, layer_scale=True), mlp_scale=True)
    scaled = words.block_formula(scales, 0, 5, 8, 1)
    assert "z′₁ = γ₁ ⊙ MSA(LN(z₀)) + z₀\nz₁ = γ₂ ⊙ (GELU(h W₁ + b₁) W₂ + b₂) + z′₁, h" in scaled
    assert "; γ: 8 learnt factors; layer 1 of 1" in scaled


def test_sinks_note():
    lengths = np.array([[9.0, 2, 2, 3], [9, 2, 2, 8]])
    assert words.sinks_note(lengths, sinks(lengths, 1), 1) == (
        "Ringed: 1 attention sink after layer 1, patches longer than 3 times the median; the longest "
        "patch is 4.0 times the median patch, after layer 1. Large models keep notes about the whole "
        "picture in such places."
    )
    said = words.sinks_note(lengths[:1], sinks(lengths[:1], 1), 1)
    assert said.startswith("No attention sinks")
    assert said.endswith("1.5 times the median patch, in the input.")


def test_strongest_parts():
    assert words.strongest_parts(parts(), 0, "CLS") == (
        "Measured by the row it is added to, attention adds most to CLS in layer 1 (50% of the row's length), "
        "the MLP in layer 2 (38%)."
    )


def test_against():
    assert words.against(parts(), 0, "CLS") == (  # −0.75 · 6 of 16
        "In layer 2 the MLP takes most away from CLS's row: it points against it, and leaves 72% of it in its own "
        "direction."
    )
    kind_parts = parts(attn_cos=np.array([[0.3], [0.5]]), mlp_cos=np.array([[0.4], [0.2]]))
    assert words.against(kind_parts, 0, "CLS") == "No part takes clearly away from CLS's row."


def test_overall_names_the_larger_first():
    assert words.overall(parts(mlp=np.full((2, 1), 4.0))).endswith(
        "the MLP adds rows of mean length 4.00, attention 3.50."
    )
    assert words.overall(parts(mlp=np.full((2, 1), 3.0))).endswith(
        "attention adds rows of mean length 3.50, the MLP 3.00."
    )


def test_self_similarity():
    table = np.array([[1, 0.5, -0.1], [0.5, 1, 0.2], [-0.1, 0.2, 1]])
    assert words.self_similarity(table, "CLS") == (
        "From the input to the last layer the cosine of CLS with itself is −0.10; it turns most in layer "
        "2 (0.20)."
    )


def test_active_units():
    said = words.active_units(0.5, np.array([-0.1, 2, 0.4, 0]), np.array([1, 2]), "CLS")
    assert "50% of the 4 hidden units are pushed above zero; unit 2 is the most active (2.00)" in said
    assert f"the first 2 hold {4.16 / 4.17:.0%}, and all those that end below zero {0.01 / 4.17:.0%}." in said


def test_gated_mlps_are_told_apart():
    assert "three matrices" in words.mlp_intro(GATED, 0, 192)
    assert "the token's 192 numbers into 768" in words.mlp_intro(MLP, 0, 192)
    assert words.activation_names(MLP) == ("before GELU", "after GELU")
    assert words.activation_names(GATED) == ("gate before GELU", "GELU(gate) × value")
    assert words.gated_code(MLP) == ""
    assert "second linear layer" in words.gated_code(GATED)


def test_norm_sentence():
    steps = NormSteps(*(np.array(values) for values in ([0.0, 0], [1, 4], [0, 0], [0.9, 1.1])))
    said = words.norm_sentence(steps, PLAIN)
    assert "from 1.00 to 4.00, a factor of 4.0; after it from 0.90 to 1.10" in said
    assert "root mean square" in words.norm_sentence(steps, replace(PLAIN, norm="RMSNorm"))
    assert words.which_norm(POST, "attention") == "LayerNorm after attention"


def test_heard_counts_voices():
    row = np.array([0.1, 0.4, 0.3, 0.2])
    assert words.heard(row, 0, 2, 1, ("CLS",), (1, 3)) == (
        "Here and now, in layer 3 with ear 2, CLS listens most to patch (1, 1) (40.0%); 2 voices make "
        "half of what it hears."
    )
    assert "listens most to itself (60.0%); 1 voice makes half" in words.heard(
        np.array([0.6, 0.4]), 0, 0, 0, ("CLS",), (1, 1)
    )


def test_crowd_has_as_many_guests_and_ears_as_the_model():
    assert "197 guests" in words.crowd(197, 6)
    assert "6 ears" in words.crowd(197, 6)
    assert "one ear" in words.crowd(197, 1)


@pytest.mark.parametrize(("rate", "says"), [(0.0, "rate is 0 anyway"), (0.1, "a rate of 0.1 here")])
def test_dropout_sentence(rate: float, says: str):
    assert says in words.dropout_sentence(replace(PLAIN, dropout=rate))


def test_payload_is_the_contributions(bundled_trace):
    found = contributions(bundled_trace.resid, bundled_trace.attn_out, bundled_trace.mlp_out)
    arrays, _ = unpack(base64.b64decode(stream_payload(found)))
    assert list(arrays) == ["resid", "middle", "attn", "mlp", "attn_cos", "mlp_cos"]
    np.testing.assert_allclose(arrays["mlp"], found.mlp, rtol=1e-6)
    assert arrays["resid"].shape == (bundled_trace.depth + 1, 197)


def test_histogram_figure_holds_both_kinds():
    found = histogram(np.array([0.0, 1, 2, 4]), np.array([4.0, 4]), bins=4)
    chart = activation_histogram(found, ("before GELU", "after GELU")).to_dict()
    rows = chart["data"]["values"]
    assert {"from": 3.0, "to": 4.0, "share": 1.0, "what": "after GELU"} in rows
    assert len(rows) == 8


def test_unit_bars_count_from_1():
    chart = unit_bars(np.array([4, 0]), np.arange(5.0), np.arange(5.0) * 2, "before GELU").to_dict()
    assert chart["data"]["values"] == [
        {"unit": "unit 5", "before": 4.0, "after": 8.0},
        {"unit": "unit 1", "before": 0.0, "after": 0.0},
    ]


def test_norm_scatter_rings_the_picked_token():
    steps = NormSteps(*(np.array(values) for values in ([0.0, 1], [2, 3], [0, 0], [1, 1])))
    chart = norm_scatter(steps, ["CLS", "patch (1, 1)"], 1).to_dict()
    rows = chart["data"]["values"]
    assert chart["layer"][1]["encoding"]["stroke"]["scale"]["domain"] == ["patch (1, 1)"]  # in the legend
    assert [row["picked"] for row in rows] == [False, True, False, True]
    assert rows[1] == {
        "token": "patch (1, 1)",
        "mean": 1.0,
        "std": 3.0,
        "what": "before",
        "picked": True,
    }


def test_depth_similarity_is_fixed_to_its_range():
    chart = depth_similarity(np.array([[3, 4], [0, 2]], np.float32)).to_dict()
    opened = {"a": 0, "b": 1, "cosine": 0.8, "product": 8.0, "lengths": "5 · 2"}
    assert opened in chart["data"]["values"]
    assert {tip["field"] for tip in chart["encoding"]["tooltip"]} == set(opened)
    assert chart["encoding"]["color"]["scale"]["domain"] == [-1, 0, 1]


def test_code_is_the_traces_block(bundled, bundled_trace):
    for layer in (0, bundled_trace.depth - 1):
        z = torch.from_numpy(bundled_trace.resid[layer].copy())
        with torch.inference_mode():
            block = bundled.module.blocks[layer]
            found = encoder_block(block, z)
            middle = z + torch.from_numpy(bundled_trace.attn_out[layer].copy())
            added = mlp(block, block.norm2(middle))
        np.testing.assert_allclose(found.numpy(), bundled_trace.resid[layer + 1], atol=1e-4)
        np.testing.assert_allclose(added.numpy(), bundled_trace.mlp_out[layer], atol=1e-4)


def test_try_it_follows_tokens_that_are_there():
    assert words.try_it(("CLS", "REG 1")).startswith(
        "Follow CLS, then a patch on the ground and one on the thing"
    )
    assert words.try_it(("REG",)).startswith("Follow REG, then a patch on the ground and one")
    assert words.try_it(()).startswith("Follow a patch on the ground, then one on the thing itself: whose")
