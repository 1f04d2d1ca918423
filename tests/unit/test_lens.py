"""The logit lens: the stream of each layer through final norm and head, by an independent computation."""

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model

from vit_viz import trace
from vit_viz.experiments.lens import logit_lens

CLASSES = [3, 0, 7]


def softmax(logits: torch.Tensor) -> np.ndarray:
    return torch.softmax(logits, dim=-1).numpy()


def lens_of(name: str, **options):
    model = redrawn_model(name, depth=2, num_classes=10, **options)
    found = trace(model, photo())
    return model.module, found, logit_lens(model, found, CLASSES)


@torch.inference_mode()
def test_tokens_of_a_cls_pooled_model():
    module, found, lens = lens_of("vit_tiny_patch16_224", img_size=64)
    expected = softmax(module.head(module.norm(torch.from_numpy(found.resid.copy()))))  # (L + 1, T, C)
    np.testing.assert_allclose(lens.tokens, expected[..., CLASSES], atol=1e-6)
    np.testing.assert_allclose(lens.pooled, expected[:, 0][:, CLASSES], atol=1e-6)
    assert lens.best.tolist() == expected[:, 0].argmax(-1).tolist()
    np.testing.assert_allclose(lens.best_prob, expected[:, 0].max(-1), atol=1e-6)


@torch.inference_mode()
def test_an_averaging_model_is_read_by_its_own_pooling():
    module, found, lens = lens_of("eva02_tiny_patch14_224", img_size=56)
    stream = module.norm(torch.from_numpy(found.resid.copy()))
    assert module.global_pool == "avg"
    pooled = softmax(module.head(module.fc_norm(stream[:, found.num_prefix_tokens :].mean(1))))
    np.testing.assert_allclose(lens.pooled, pooled[:, CLASSES], atol=1e-6)
    alone = softmax(module.head(module.fc_norm(stream)))
    np.testing.assert_allclose(lens.tokens, alone[..., CLASSES], atol=1e-6)


@torch.inference_mode()
def test_a_distilled_model_asks_both_heads():
    module, found, lens = lens_of("deit_tiny_distilled_patch16_224", img_size=64)
    stream = module.norm(torch.from_numpy(found.resid.copy()))
    alone = softmax((module.head(stream) + module.head_dist(stream)) / 2)
    np.testing.assert_allclose(lens.tokens, alone[..., CLASSES], atol=1e-6)
    pooled = softmax((module.head(stream[:, 0]) + module.head_dist(stream[:, 1])) / 2)
    np.testing.assert_allclose(lens.pooled, pooled[:, CLASSES], atol=1e-6)


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "vit_base_patch16_siglip_224"])
def test_after_the_last_layer_it_is_the_models_answer(name):
    _module, found, lens = lens_of(name, img_size=64)
    np.testing.assert_allclose(lens.pooled[-1], found.probs[CLASSES], atol=1e-6)
    assert lens.best[-1] == found.probs.argmax()
    assert lens.tokens.shape == (3, found.num_tokens, 3)
