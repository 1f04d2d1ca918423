"""A seed gives the same weights, also while another thread builds a model of its own."""

from collections.abc import Iterator
from threading import Event, Thread

import pytest
import timm
import torch
from torch import nn

from vit_viz.checkpoints import bundled_module, untrained_module
from vit_viz.experiments.untrained import untrained_twin
from vit_viz.models import Model, load_model, numbered_classes

OTHERS = {
    "of timm": lambda: load_model("vit_tiny_patch16_224", pretrained=False, device="cpu"),
    "bundled": bundled_module,
}


@pytest.fixture(params=OTHERS)
def between(monkeypatch, request) -> Iterator[None]:
    """Between each seed and the weights, another thread tries to build a model, and is given a second for it."""
    seeded, built, seed = Event(), Event(), torch.manual_seed

    def other() -> None:
        seeded.wait()
        OTHERS[request.param]()
        built.set()

    def seed_and_wait(number: int) -> torch.Generator:
        generator = seed(number)
        seeded.set()
        built.wait(1)
        return generator

    thread = Thread(target=other)
    thread.start()
    with monkeypatch.context() as patched:
        patched.setattr(torch, "manual_seed", seed_and_wait)
        yield
    seeded.set()
    thread.join()


def last_weights(module: nn.Module) -> torch.Tensor:
    return module.get_parameter("blocks.5.mlp.fc2.weight")


@pytest.fixture(scope="module")
def untrained() -> torch.Tensor:
    return last_weights(untrained_module())


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("deit_tiny_patch16_224", pretrained=False, device="cpu")


@pytest.fixture(scope="module")
def twin(model) -> torch.Tensor:
    return last_weights(untrained_twin(model).module)


def test_untrained_is_always_the_same(untrained, between):
    torch.testing.assert_close(last_weights(untrained_module()), untrained)


def test_a_twin_is_called_untrained_and_has_the_classes_of_the_weight_file(tmp_path):
    file = tmp_path / "seven.pth"
    torch.save(timm.create_model("deit_tiny_patch16_224", num_classes=7).state_dict(), file)
    trained = load_model("deit_tiny_patch16_224", checkpoint=file, device="cpu")
    twin = untrained_twin(trained)
    assert (twin.info.title, twin.info.note) == ("deit_tiny_patch16_224 untrained", "")
    assert twin.module(torch.zeros(1, 3, 224, 224)).shape == (1, 7)
    assert (twin.info.num_classes, twin.labels) == (7, trained.labels) == (7, numbered_classes(7))


def test_a_twin_is_always_the_same(model, twin, between):
    torch.testing.assert_close(last_weights(untrained_twin(model).module), twin)
