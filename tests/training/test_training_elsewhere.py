"""The recipe on a second device that computes, as it would run on a graphics card."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from tests.second_device import DEVICE, second_device, without_waiting
from vit_viz.training.loop import Session, train
from vit_viz.training.run import Run


@pytest.fixture
def config(config, monkeypatch):
    """Both phases, both sizes, mixup; AdamW unfused, because no kernel is fused for that device."""
    monkeypatch.setattr("torch.optim.AdamW", partial(unfused, torch.optim.AdamW))
    return replace(config, passes=2, small_size=16, small_share=0.5, mixup=0.5, mixup_from=0.0)


def unfused(optimizer, groups, **options):
    return optimizer(groups, **options | {"fused": False})


def assert_same(found: Run, expected: Run) -> None:
    assert found.step == expected.step == 14
    found, expected = found.tensors(), expected.tensors()
    assert found.keys() == expected.keys()
    assert found["model.student.cls_token"].device == DEVICE
    for name in expected:
        torch.testing.assert_close(found[name].cpu(), expected[name], rtol=1e-4, atol=1e-4)


def test_nothing_mixes_devices_and_the_weights_are_those_of_the_cpu(config, tmp_path):
    expected = train(config, tmp_path / "cpu")
    there = replace(config, device=str(DEVICE))
    with second_device():
        assert_same(train(there, tmp_path / "whole"), expected)
        train(there, tmp_path / "parts", steps=5)
        assert_same(train(there, tmp_path / "parts"), expected)


def test_no_step_waits_for_the_device(config, tmp_path, monkeypatch):
    """Python stays ahead of a card: of a step it reads nothing back, and sends nothing that waits."""
    for name in ("make_batch", "train_step"):
        monkeypatch.setattr(Session, name, without_waiting()(getattr(Session, name)))
    with second_device():
        assert train(replace(config, device=str(DEVICE)), tmp_path).step == 14
