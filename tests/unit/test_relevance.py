"""Relevance, input gradients and value norms, each beside a computation of another kind."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import timm
import torch
from helpers import photo, redrawn_model, relative

from vit_viz import load_model, prepare, trace
from vit_viz.analysis.relevance import accumulated_relevance, input_saliency, patch_relevance
from vit_viz.analysis.rollout import read_weights
from vit_viz.errors import UnsupportedModelError
from vit_viz.experiments.relevance import class_gradients, relevance
from vit_viz.experiments.value_norms import weighted_value_norms


@pytest.fixture(scope="module")
def small():
    return redrawn_model("vit_tiny_patch16_224", depth=3, num_classes=5)


def hooked_gradients(module, pixels, class_index):
    """The same from timm's own forward on a private model: its attention dropout sees the weights."""
    seen = []
    for block in module.blocks:
        block.attn.fused_attn = False

        def keep(_module, _args, weights):
            weights.retain_grad()
            seen.append(weights)

        block.attn.attn_drop.register_forward_hook(keep)
    pixels = pixels.clone().requires_grad_()
    module(pixels)[0, class_index].backward()
    attn = torch.stack([weights[0].detach() for weights in seen]).numpy()
    return attn, torch.stack([weights.grad[0] for weights in seen]).numpy(), pixels.grad[0].numpy()


def naive_relevance(attn, gradients):
    """Layer by layer, earliest first, one query at a time."""
    total = np.eye(attn.shape[-1])
    for weights, gradient in zip(attn, gradients, strict=True):
        step = np.zeros_like(total)
        for head in range(len(weights)):
            step += np.where(weights[head] * gradient[head] > 0, weights[head] * gradient[head], 0)
        step /= len(weights)
        rows = [
            total[query] + sum(step[query, k] * total[k] for k in range(len(total)))
            for query in range(len(total))
        ]
        total = np.array(rows)
    return total


def test_gradients_are_those_of_timms_own_forward(small):
    prepared = prepare(photo(), small.info.data_config)
    pixels = torch.from_numpy(prepared.pixels.copy())[None]
    private = timm.create_model("vit_tiny_patch16_224", depth=3, num_classes=5).eval()
    private.load_state_dict(small.module.state_dict())
    attn, attn_grad, pixels_grad = hooked_gradients(private, pixels, 3)
    found = class_gradients(small, prepared, 3)
    assert relative(found.attn, attn) < 1e-4
    assert relative(found.attn_grad, attn_grad) < 1e-3
    assert relative(found.pixels_grad, pixels_grad) < 1e-3
    assert relative(relevance(small, prepared, 3), naive_relevance(attn, attn_grad)) < 1e-3


def test_a_gradient_is_a_finite_difference(small):
    """One pixel a little brighter changes the logit as the gradient says."""
    prepared = prepare(photo(), small.info.data_config)
    found = class_gradients(small, prepared, 1)
    double = redrawn_model("vit_tiny_patch16_224", depth=3, num_classes=5).module.double()
    place = np.unravel_index(np.abs(found.pixels_grad).argmax(), found.pixels_grad.shape)
    pixels = torch.from_numpy(prepared.pixels.astype(np.float64))[None]
    with torch.no_grad():
        pixels[(0, *place)] += 1e-4
        more = double(pixels)[0, 1]
        pixels[(0, *place)] -= 2e-4
        less = double(pixels)[0, 1]
    assert float(more - less) / 2e-4 == pytest.approx(float(found.pixels_grad[place]), rel=1e-3)


def test_relevance_pairs_each_layer_with_its_own_gradient():
    """Known from others: gradients gathered in backward order, so that the first layer gets the last one's."""
    random = np.random.default_rng(0)
    attn, gradient = random.random((2, 3, 2, 4, 4))[0], random.standard_normal((3, 2, 4, 4))
    np.testing.assert_allclose(accumulated_relevance(attn, gradient), naive_relevance(attn, gradient))
    assert relative(accumulated_relevance(attn, gradient[::-1]), naive_relevance(attn, gradient)) > 0.1


def test_relevance_by_hand():
    """One layer, one head, from token 0: attention ½ with gradient 4 and −4, of which the second counts as 0."""
    attn = np.array([[[[0.0, 0.5, 0.5], [0, 1, 0], [0, 0, 1]]]])
    gradient = np.zeros_like(attn)
    gradient[0, 0, 0] = (1, 4, -4)
    found = accumulated_relevance(attn, gradient)
    assert found[0].tolist() == [1, 2, 0]
    assert patch_relevance(found, [0], 1).tolist() == [2, 0]


def test_relevance_names_the_class(bundled, sample):
    prepared = prepare(sample, bundled.info.data_config)
    first, second = (relevance(bundled, prepared, index) for index in (0, 400))
    assert relative(first, second) > 0.01


def test_nothing_is_left_on_the_shared_model(bundled, sample):
    relevance(bundled, sample, 7)
    assert all(p.grad is None and not p.requires_grad for p in bundled.module.parameters())


def test_threads_do_not_meet(small):
    photos = [prepare(photo(seed), small.info.data_config) for seed in range(4)]
    alone = [relevance(small, one, index) for index, one in enumerate(photos)]
    with ThreadPoolExecutor(4) as pool:
        together = list(
            pool.map(lambda job: relevance(small, *job), [(one, i) for i, one in enumerate(photos)] * 3)
        )
    for found, index in zip(together, [0, 1, 2, 3] * 3, strict=True):
        np.testing.assert_array_equal(found, alone[index])


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("deit_tiny_distilled_patch16_224", {"depth": 2}),
        ("vit_base_patch16_siglip_gap_224", {"depth": 2, "embed_dim": 96, "num_heads": 3, "num_classes": 4}),
        ("eva02_tiny_patch14_336", {"depth": 2, "img_size": 112}),
    ],
)
def test_other_families_have_relevance(name, options):
    model = redrawn_model(name, **options)
    found = relevance(model, photo(), 2)
    read = model.info.read_tokens
    assert found.shape == (model.info.num_tokens,) * 2
    patches = patch_relevance(found, read, len(model.info.prefix_names))
    assert patches.shape == (model.info.num_patches,)
    assert patches.max() > 0


def test_model_without_classifier_is_refused():
    model = redrawn_model("vit_tiny_patch16_224", depth=1, num_classes=0)
    with pytest.raises(UnsupportedModelError, match="no classifier"):
        relevance(model, photo(), 0)


def test_class_that_is_not_there_is_refused(small):
    for wanted in (5, -1, 1.5, "cat", True):
        with pytest.raises(IndexError, match=f"There is no class {wanted}; .* has 0 to 4"):
            relevance(small, photo(), wanted)


@pytest.mark.parametrize(
    ("pool", "prefix_names", "pools_prefix", "read"),
    [
        ("token", ("CLS",), False, [0]),
        ("token", ("CLS", "DIST"), False, [0, 1]),
        ("token", ("CLS", "REG 1", "REG 2"), False, [0]),
        ("avg", ("CLS",), False, [1, 2, 3, 4]),
        ("map", (), False, [0, 1, 2, 3]),
        ("map", ("CLS",), False, [1, 2, 3, 4]),
        ("map", ("CLS",), True, [0, 1, 2, 3, 4]),
    ],
)
def test_which_tokens_are_read(small, pool, prefix_names, pools_prefix, read):
    changes = {"pool": pool, "prefix_names": prefix_names, "pools_prefix": pools_prefix}
    assert replace(small.info, grid=(2, 2), **changes).read_tokens == read


def test_tokens_that_are_read_have_equal_shares():
    assert read_weights([1, 3], 4).tolist() == [0, 0.5, 0, 0.5]


def test_saliency_by_hand():
    gradient = np.zeros((3, 4, 6))
    gradient[0, 0, 0], gradient[2, 3, 5] = -12.0, 24.0
    # grid 2 × 3, so patches of 2 × 2 pixels in 3 channels: 12 values each
    assert input_saliency(gradient, (2, 3)).tolist() == [1, 0, 0, 0, 0, 2]


def test_value_norms_are_lengths_of_what_the_keys_bring(small):
    traced = trace(small, photo())
    norms = weighted_value_norms(small, traced, 1, [0, 50])
    projection = small.module.blocks[1].attn.proj
    W, bias = projection.weight.detach().numpy(), projection.bias.detach().numpy()
    H = len(traced.v[1])
    for row, query in enumerate((0, 50)):
        vectors = np.array(
            [
                W @ np.concatenate([traced.attn[1, h, query, key] * traced.v[1, h, key] for h in range(H)])
                for key in range(traced.num_tokens)
            ]
        )
        np.testing.assert_allclose(norms[row], np.linalg.norm(vectors, axis=1), rtol=1e-4)
        np.testing.assert_allclose(vectors.sum(0) + bias, traced.attn_out[1, query], atol=1e-4)


def test_value_norms_of_untrained_attention_are_there(sample):
    traced = trace(load_model("untrained", device="cpu"), sample)
    assert weighted_value_norms(load_model("untrained", device="cpu"), traced, 5, [0]).shape == (1, 197)
