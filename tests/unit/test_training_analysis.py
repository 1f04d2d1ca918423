"""Loss and gradient step: by hand, and against torch's own on a copy of the head."""

import copy

import numpy as np
import pytest
import torch
from helpers import photo, redrawn_model
from oracles import logit_gradient, logits_after_step

from vit_viz import trace
from vit_viz.analysis.training import confusion, cross_entropy
from vit_viz.experiments.finetune import features_of
from vit_viz.experiments.head_step import has_one_linear_head, head_gain, other_photos


def test_cross_entropy_by_hand():
    assert cross_entropy(np.log([1.0, 3.0]), 0) == pytest.approx(np.log(4))
    assert cross_entropy(np.zeros(8), 5) == pytest.approx(np.log(8))
    assert cross_entropy(np.array([1000.0, 0.0]), 1) == pytest.approx(1000)


def test_gradient_by_hand():
    np.testing.assert_allclose(logit_gradient(np.log([1.0, 3.0]), 0), [-0.75, 0.75])


@pytest.mark.parametrize(
    "name", ["vit_tiny_patch16_224", "deit_tiny_distilled_patch16_224", "eva02_tiny_patch14_224"]
)
@pytest.mark.parametrize("rate", [1e-4, 0.01])
def test_step_is_that_of_torch_on_the_real_head(name, rate):
    model = redrawn_model(name, depth=2, img_size=56 if "14" in name else 64, num_classes=10)
    found, label = trace(model, photo()), 3
    module = copy.deepcopy(model.module).requires_grad_(False)
    heads = [module.head, getattr(module, "head_dist", None)]
    weights = [p.requires_grad_() for head in heads if head is not None for p in head.parameters()]
    pixels = torch.from_numpy(found.pixels.copy())[None]
    torch.nn.functional.cross_entropy(module(pixels), torch.tensor([label])).backward()
    torch.optim.SGD(weights, lr=rate).step()
    with torch.inference_mode():
        expected = module(pixels)[0].numpy()
    stepped = logits_after_step(found.logits, label, rate, head_gain(model, found))
    np.testing.assert_allclose(stepped, expected, atol=2e-4)
    assert cross_entropy(stepped, label) < cross_entropy(found.logits, label)
    assert np.abs(stepped - found.logits).max() > 0.005


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "eva02_tiny_patch14_224"])
def test_step_moves_another_photo_as_torch_does(name):
    model = redrawn_model(name, depth=2, img_size=56 if "14" in name else 64, num_classes=10)
    found, other, label, rate = trace(model, photo(1)), trace(model, photo(2)), 3, 0.01
    assert has_one_linear_head(model)
    others = other_photos(model, found, np.stack(list(features_of(model, [photo(2)]))), np.array([5]))
    np.testing.assert_allclose(others.logits[0], other.logits, atol=1e-5)
    module = copy.deepcopy(model.module).requires_grad_(False)
    weights = [p.requires_grad_() for p in module.head.parameters()]
    pixels = [torch.from_numpy(one.pixels.copy())[None] for one in (found, other)]
    torch.nn.functional.cross_entropy(module(pixels[0]), torch.tensor([label])).backward()
    torch.optim.SGD(weights, lr=rate).step()
    with torch.inference_mode():
        expected = module(pixels[1])[0].numpy()
    stepped = logits_after_step(found.logits, label, rate, others.gains[0], of=others.logits[0])
    np.testing.assert_allclose(stepped, expected, atol=2e-4)
    assert np.abs(stepped - other.logits).max() > 0.005


def test_two_heads_are_not_one():
    model = redrawn_model("deit_tiny_distilled_patch16_224", depth=2, img_size=64, num_classes=10)
    assert not has_one_linear_head(model)


def test_confusion_counts_true_by_guessed():
    labels, guesses = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, -1, 0])
    assert confusion(labels, guesses, 2).tolist() == [[1, 1], [1, 1]]
