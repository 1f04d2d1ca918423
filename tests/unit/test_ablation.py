"""Heads switched off, against a copy of the model whose output projection has their columns at zero."""

import copy

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model, relative

from vit_viz import ablate, families, trace
from vit_viz.experiments.ablation import ablated_layer, ablation_map
from vit_viz.families import Interventions, encoder, resume

DISTILLED, EVA, GAP = (
    "deit_tiny_distilled_patch16_224",
    "eva02_tiny_patch14_224",
    "vit_base_patch16_siglip_gap_224",
)


@pytest.fixture(scope="module")
def models():
    sizes = {DISTILLED: 64, EVA: 56, GAP: 64}
    return {name: redrawn_model(name, depth=3, img_size=size) for name, size in sizes.items()}


def without_heads(model, pixels: np.ndarray, heads) -> np.ndarray:
    """timm's own forward with the dropped heads' columns of the projection at zero."""
    module, K = copy.deepcopy(model.module), model.info.head_dim
    for layer, head in heads:
        module.blocks[layer].attn.proj.weight[:, head * K : (head + 1) * K] = 0
    with torch.inference_mode():
        return module(torch.from_numpy(pixels.copy())[None])[0].numpy()


def outcome(answer) -> np.ndarray:
    return answer.features if answer.logits is None else answer.logits


@pytest.mark.parametrize("name", [DISTILLED, GAP])
def test_ablated_answer_is_that_of_a_projection_without_its_columns(name, models):
    model, heads = models[name], {(0, 1), (2, 0), (2, 2)}
    found = trace(model, photo())
    effect = ablate(model, photo(), heads)
    assert relative(outcome(effect.after), without_heads(model, found.pixels, heads)) < 1e-5
    assert relative(outcome(effect.before), without_heads(model, found.pixels, ())) < 1e-5


def test_ablating_nothing_changes_nothing(models, bundled):
    for model in (bundled, *models.values()):
        effect = ablate(model, photo(), ())
        assert effect.turn == 0.0
        assert effect.delta is None or not effect.delta.any()


@pytest.mark.parametrize("name", [DISTILLED, EVA, GAP])
def test_one_layers_map_is_each_head_ablated_alone(name, models):
    model = models[name]
    found = trace(model, photo())
    for layer in range(found.depth):
        effects = ablated_layer(model, found, layer)
        assert len(effects) == model.info.num_heads
        for head, effect in enumerate(effects):
            alone = ablate(model, found.prepared, [(layer, head)])
            assert relative(outcome(effect.after), outcome(alone.after)) < 1e-5
            assert effect.turn == pytest.approx(alone.turn, abs=1e-5)


def test_heads_come_in_parts_where_all_at_once_would_not_fit(models, monkeypatch):
    found, layer = trace(models[EVA], photo()), 1
    whole = ablated_layer(models[EVA], found, layer)
    monkeypatch.setattr("vit_viz.experiments.ablation.MAX_ATTENTION", 3 * found.attn[layer].nbytes)
    parts = ablated_layer(models[EVA], found, layer)
    assert len(parts) == len(whole) > 2
    for one, other in zip(parts, whole, strict=True):
        assert relative(outcome(one.after), outcome(other.after)) < 1e-5


def test_baseline_in_the_batch_is_the_models_answer(bundled, bundled_trace):
    effect = ablated_layer(bundled, bundled_trace, 1)[0]
    assert relative(effect.before.logits, bundled_trace.logits) < 1e-5


def test_only_the_layers_from_the_ablated_one_run_again(bundled, bundled_trace, monkeypatch):
    ran = []
    whole = encoder.encoder_block

    def counted(z, block, **options):
        ran.append((options["index"], len(z)))
        return whole(z, block, **options)

    monkeypatch.setattr(families, "encoder_block", counted)
    L, H = bundled_trace.depth, bundled_trace.num_heads
    ablated_layer(bundled, bundled_trace, L - 2)
    assert ran == [(L - 2, 1), (L - 1, H + 1)]  # the ablated layer's own attention is computed once


def test_map_runs_over_every_layer_from_the_last(bundled, bundled_trace):
    layers = list(ablation_map(bundled, bundled_trace))
    assert [len(effects) for effects in layers] == [bundled_trace.num_heads] * bundled_trace.depth
    last = ablate(bundled, bundled_trace.prepared, [(bundled_trace.depth - 1, 0)])
    np.testing.assert_allclose(layers[0][0].delta, last.delta, atol=1e-6)


def test_each_item_of_a_batch_has_its_own_heads(models):
    model = models[DISTILLED]
    found = trace(model, photo())
    sets = (frozenset(), frozenset({(1, 0)}), frozenset({(1, 2), (2, 1)}))
    stream = torch.from_numpy(found.resid[0].copy())[None]
    with torch.inference_mode():
        *_, output = resume(
            model.module, stream, layer=0, grid=found.grid, interventions=Interventions(drop_heads=sets)
        )
    for item, heads in enumerate(sets):
        expected = without_heads(model, found.pixels, heads)
        assert relative(output.logits[item].numpy(), expected) < 1e-5


def test_turn_and_delta_by_hand():
    from vit_viz.experiments.answers import Answer, Effect

    before = Answer(features=np.float32([1, 0]), logits=np.float32([0, 0]))
    after = Answer(features=np.float32([0, 2]), logits=np.log(np.float32([3, 1])))
    effect = Effect(before=before, after=after)
    assert effect.turn == 1.0
    np.testing.assert_allclose(effect.delta, [0.25, -0.25], atol=1e-7)


@pytest.mark.parametrize("head", [(99, 0), (0, 99), (-1, 0)])
def test_a_head_that_is_not_there_is_refused(bundled, head):
    with pytest.raises(IndexError, match="layers are 0 to"):
        ablate(bundled, photo(), [head])


@pytest.mark.parametrize("heads", [[[1, 2]], np.array([[1, 2]]), torch.tensor([[1, 2]])])
def test_pairs_of_any_kind_name_a_head(bundled, heads):
    expected = ablate(bundled, photo(), [(1, 2)]).after.logits
    assert np.array_equal(ablate(bundled, photo(), heads).after.logits, expected)


def test_what_names_no_head_is_refused(bundled):
    with pytest.raises(IndexError, match=r"no head 0 in layer 1\.5; layers are 0 to 11"):
        ablate(bundled, photo(), [(1.5, 0)])
    for heads in ((1, 0), [(1, 0, 0)]):
        with pytest.raises(TypeError, match=r"names no head\. Give \(layer, head\) pairs"):
            ablate(bundled, photo(), heads)
