"""What a page shows as code for a model runs on it as shown and gives the trace's numbers, in every family."""

import inspect

import numpy as np
import pytest
import torch
from helpers import answer, redrawn_model

from vit_viz import Model, Trace, trace
from vit_viz.experiments.embedding import patch_projection
from vit_viz.families import eva, family_of
from vit_viz.snippets import distance, embedding, encoder, fitting, journey, patches, position, prediction

# small kin of every kind in the table, and of some beyond it
MODELS = {
    "vit_tiny_patch16_224": "the paper's",
    "vit_base_patch32_clip_quickgelu_224": "no bias in the projection, a norm before the blocks",
    "deit_tiny_distilled_patch16_224": "two prefix tokens, two heads",
    "deit3_small_patch16_224": "LayerScale, CLS without a position",
    "vit_small_patch14_reg4_dinov2": "registers, LayerScale, no classifier",
    "vit_base_patch16_siglip_224": "no CLS, attention pooling, no classifier",
    "vit_medium_patch16_gap_240": "no CLS, averages its patches",
    "vit_tiny_r_s16_p8_224": "a CNN before the projection",
    "vit_base_patch16_rpn_224": "norms after attention and MLP",
    "vit_small_patch16_dinov3": "rotary in halves, registers, no classifier",
    "vit_small_patch16_rope_mixed_224": "rotation per layer and head",
    "eva02_tiny_patch14_336": "rotary and absolute, gated MLP, biases kept apart",
}


@pytest.fixture(scope="module", params=MODELS)
def made(request, sample) -> tuple[Model, Trace]:
    size = (
        {"img_size": 112}
        if request.param in ("vit_small_patch14_reg4_dinov2", "eva02_tiny_patch14_336")
        else {}
    )
    model = redrawn_model(request.param, depth=2, **size)
    return model, trace(model, sample)


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.copy())


def same(found: torch.Tensor, expected: np.ndarray) -> None:
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found.detach().numpy() / scale, expected / scale, atol=2e-5)


def test_attention(made):
    model, found = made
    block, z, H = model.module.blocks[1], tensor(found.resid[1]), model.info.num_heads
    q, k, v = (tensor(array[1]) for array in (found.q, found.k, found.v))
    layer, head = fitting.attention_layer(model), fitting.attention_head(model)
    takes_block = "block" in inspect.signature(layer).parameters
    assert takes_block == ("block" in inspect.signature(head).parameters)
    same(layer(block, z, H) if takes_block else layer(q, k), found.attn[1])
    same(head(block, z, H, 1) if takes_block else head(q[1], k[1], v[1]), found.head_out(1, 1))


def test_encoder_block(made):
    model, found = made
    block, z = model.module.blocks[1], tensor(found.resid[1])
    snippet = fitting.block(model)
    if snippet is encoder.encoder_block_with_turns:
        rope = family_of(model.module).rope(model.module, found.grid)
        z = snippet(block, z, rope[1] if rope is not None and rope.ndim == 4 else rope)
    else:
        z = snippet(block, z)
    same(z, found.resid[2])


def test_mlp(made):
    model, _found = made
    snippet, block = fitting.mlp(model, 1), model.module.blocks[1]
    assert (snippet is None) == ("gated" in MODELS[model.info.name])
    if snippet is not None:
        x = torch.randn(3, model.info.embed_dim, generator=torch.Generator().manual_seed(0))
        same(snippet(block, x), block.mlp(x).numpy())


def test_projection(made):
    model, found = made
    projected = patch_projection(model, found)
    pixels, embed = tensor(found.pixels), model.module.patch_embed
    rows = fitting.patch_rows(from_pixels=projected.from_pixels)
    snippet = fitting.projection(from_pixels=projected.from_pixels, projects=projected.weight is not None)
    P = model.info.patch_size[0]
    if rows is patches.cut_into_patches:
        same(rows(pixels, P), projected.inputs)
    else:
        rows(embed, pixels)
    given = (embed, pixels, P) if snippet is embedding.embed_both_ways else (embed, pixels)
    for way in snippet(*given):
        same(way, projected.outputs)


def test_positions(made):
    model, found = made
    snippet, R = fitting.positions(model), found.num_prefix_tokens
    prefix, rows = tensor(found.tokens[:R]), tensor(found.tokens[R:])
    if snippet is position.encoder_input:
        same(snippet(model.module, rows), found.resid[0])
    elif snippet is position.encoder_input_of_rows:
        same(snippet(model.module, prefix, rows, tensor(found.pos)), found.resid[0])
    else:
        same(*turned_both_ways(model, found, snippet))


def turned_both_ways(model: Model, found: Trace, snippet) -> tuple[torch.Tensor, np.ndarray]:
    """Numbers of one head, turned by the snippet and by timm."""
    attn, rope = model.module.blocks[1].attn, eva.rope(model.module, found.grid)
    assert rope is not None
    sines, cosines = (rope[1, 1] if rope.ndim == 4 else rope).chunk(2, dim=-1)
    angles = torch.atan2(sines, cosines)
    half = snippet is position.turned_in_halves
    angles = angles[:, : angles.shape[1] // 2] if half else angles[:, 0::2]
    x = torch.randn(1, model.info.num_heads, found.num_tokens, found.q.shape[-1])
    timms = eva.rotate(attn, x, rope[1] if rope.ndim == 4 else rope)[0, 1, found.num_prefix_tokens :]
    return snippet(x[0, 1, found.num_prefix_tokens :], angles), timms.numpy()


def test_the_whole_way(made):
    model, found = made
    snippet = fitting.whole_way(model)
    if snippet is journey.from_pixels_to_probabilities:
        same(snippet(model.module, tensor(found.pixels), model.info.patch_size[0]), found.probs)
    else:
        same(snippet(model.module, tensor(found.pixels)), answer(found))


def test_numbers_without_class_names_are_made_no_probabilities():
    """CLIP's page shows which patches are alike, and so does its code."""
    clip = redrawn_model("vit_base_patch32_clip_quickgelu_224", depth=1)
    assert clip.info.num_classes == 512
    assert fitting.answer(clip) is prediction.likeness_to_a_patch
    assert fitting.answers(clip, clip) is distance.mean_attention_distance


def test_the_answer(made):
    model, found = made
    snippet, z = fitting.answer(model), tensor(found.resid[-1])
    if snippet is prediction.likeness_to_a_patch:
        R = found.num_prefix_tokens
        rows = model.module.norm(z)[R:]
        rows = rows / rows.norm(dim=-1, keepdim=True)
        same(snippet(model.module, z, R, 3), (rows @ rows[3]).numpy())
        assert not model.labels
    else:
        same(snippet(model.module, z), found.probs)


def test_answers_side_by_side(made):
    model, found = made
    snippet = fitting.answers(model, model)
    assert (snippet is distance.mean_attention_distance) == (not model.labels)
    if model.labels:
        ((probs, classes), _second) = snippet([model.module] * 2, [tensor(found.pixels)] * 2, 5)
        same(probs, np.sort(found.probs)[::-1][:5].copy())
        assert classes[0] == found.probs.argmax()


def test_a_step_on_the_head(made):
    model, found = made
    snippet = fitting.head_step(model)
    if "two heads" in MODELS[model.info.name]:
        assert snippet is None
        return
    with torch.inference_mode(False), torch.enable_grad():
        head = torch.nn.Linear(len(found.features), 7)
        before, after = snippet(head, tensor(found.features), 2, 1e-4)
    assert after < before
