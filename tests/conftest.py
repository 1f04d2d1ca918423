"""Fixtures for every test; `helpers` is imported from this folder."""

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))  # pytest's importlib of tests/unit would not find helpers

from helpers import photo

from vit_viz import Model, Trace, load_model, trace


@pytest.fixture(scope="session", autouse=True)
def _one_thread_per_worker():
    """Two pytest workers with a thread pool each would fight for the same cores."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def bundled() -> Model:
    return load_model(device="cpu")


@pytest.fixture(scope="session")
def sample():
    return photo()


@pytest.fixture(scope="session")
def bundled_trace(bundled: Model, sample) -> Trace:
    return trace(bundled, sample)
