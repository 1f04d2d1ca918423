"""The code at the end of the Training page computes what the page shows."""

import copy

import numpy as np
import pytest
import torch
from oracles import logits_after_step

from vit_viz.analysis.training import cross_entropy
from vit_viz.experiments.head_step import head_gain
from vit_viz.snippets.training import one_step_on_the_head


def test_step_is_the_pages(bundled, bundled_trace):
    head = copy.deepcopy(bundled.module.head).requires_grad_()
    before, after = one_step_on_the_head(head, torch.from_numpy(bundled_trace.features.copy()), 281, 0.001)
    logits, gain = bundled_trace.logits, head_gain(bundled, bundled_trace)
    assert before.item() == pytest.approx(cross_entropy(logits, 281), abs=1e-5)
    stepped = logits_after_step(logits, 281, 0.001, gain)
    assert after.item() == pytest.approx(cross_entropy(stepped, 281), abs=1e-5)
    assert np.isfinite(after.item())
    assert after < before
