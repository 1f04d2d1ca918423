"""A head trained on a few photos: against plain torch training, and held-out photos are really held out."""

import numpy as np
import pytest
import torch
from helpers import photo

from vit_viz.experiments.finetune import MOMENTUM, features_of, folds, train_head
from vit_viz.shapes import KINDS, SIDE, drawn_shape

RANDOM = np.random.default_rng(0)
LABELS = np.array([0, 0, 0, 1, 1, 1, 1, 2])
FEATURES = (RANDOM.normal(size=(8, 5)) + np.eye(5)[LABELS] * 2).astype(np.float32)


def plain_training(features, labels, num_classes, rate, steps):
    """torch's own layer, loss and optimiser, starting at zero."""
    layer = torch.nn.Linear(features.shape[1], num_classes)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    optimiser = torch.optim.SGD(layer.parameters(), lr=rate, momentum=MOMENTUM)
    x, y, losses = torch.from_numpy(features), torch.from_numpy(labels), []
    for _ in range(steps + 1):
        loss = torch.nn.functional.cross_entropy(layer(x), y)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        if len(losses) <= steps:
            optimiser.step()
    return layer.weight.detach().numpy(), layer.bias.detach().numpy(), losses


def test_head_is_that_of_plain_torch_training():
    head = train_head(FEATURES, LABELS, 3, steps=30)
    weight, bias, losses = plain_training(FEATURES, LABELS, 3, head.learning_rate, 30)
    np.testing.assert_allclose(head.weight, weight, atol=1e-5)
    np.testing.assert_allclose(head.bias, bias, atol=1e-5)
    np.testing.assert_allclose(head.loss, losses, atol=1e-5)
    assert head.learning_rate == pytest.approx(1 / (FEATURES**2).sum(1).mean())


def test_photos_are_judged_by_heads_that_never_saw_them():
    fold = folds(LABELS)
    assert fold.tolist() == [0, 1, 2, 0, 1, 2, 3, -1]
    head = train_head(FEATURES, LABELS, 3, steps=30)
    held_out = []
    for judge in range(4):
        rest = fold != judge
        weight, bias, _losses = plain_training(FEATURES[rest], LABELS[rest], 3, head.learning_rate, 30)
        logits = FEATURES @ weight.T + bias
        assert head.guesses[~rest].tolist() == logits[~rest].argmax(1).tolist()
        log_probs = torch.from_numpy(logits).log_softmax(-1).numpy()
        held_out += [-log_probs[photo, LABELS[photo]] for photo in np.flatnonzero(~rest)]
    assert head.guesses[-1] == -1
    assert head.held_out_loss[-1] == pytest.approx(np.mean(held_out), abs=1e-5)
    assert head.held_out_loss[0] == pytest.approx(np.log(3))


def test_one_photo_per_class_leaves_nothing_to_judge():
    head = train_head(FEATURES[[0, 3]], LABELS[[0, 3]], 2)
    assert head.held_out_loss is None
    assert head.guesses.tolist() == [-1, -1]
    assert head.loss[-1] < 0.1


def test_probabilities_of_a_photo():
    head = train_head(FEATURES, LABELS, 3)
    probs = head.probs(FEATURES)
    np.testing.assert_allclose(probs.sum(-1), 1)
    assert probs.argmax(-1).tolist() == LABELS.tolist()


def test_features_are_the_traces(bundled, bundled_trace):
    (features,) = features_of(bundled, [photo()])
    np.testing.assert_allclose(features, bundled_trace.features, atol=1e-5)


def test_shapes_are_the_same_each_time_and_no_two_alike():
    pictures = {kind: [np.asarray(drawn_shape(kind, number)) for number in range(3)] for kind in KINDS}
    assert np.array_equal(pictures["star"][1], np.asarray(drawn_shape("star", 1)))
    every = [picture for drawn in pictures.values() for picture in drawn]
    assert all(picture.shape == (SIDE, SIDE, 3) for picture in every)
    assert len({picture.tobytes() for picture in every}) == 9
