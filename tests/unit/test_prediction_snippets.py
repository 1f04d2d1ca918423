"""The code at the end of the Prediction page computes what the trace holds."""

import numpy as np
import torch

from vit_viz.analysis.stream import cosine
from vit_viz.experiments.lens import normed_tokens
from vit_viz.snippets.prediction import answer_of_the_stream, likeness_to_a_patch


@torch.inference_mode()
def test_answer_is_the_traces(bundled, bundled_trace):
    z = torch.from_numpy(bundled_trace.resid[-1].copy())
    np.testing.assert_allclose(
        answer_of_the_stream(bundled.module, z).numpy(), bundled_trace.probs, atol=1e-6
    )


@torch.inference_mode()
def test_temperature_divides_the_logits(bundled, bundled_trace):
    z = torch.from_numpy(bundled_trace.resid[-1].copy())
    cool = answer_of_the_stream(bundled.module, z, temperature=0.5).numpy()
    squared = bundled_trace.probs**2
    np.testing.assert_allclose(cool, squared / squared.sum(), atol=1e-5)


@torch.inference_mode()
def test_likeness_is_the_pages(bundled, bundled_trace):
    z = torch.from_numpy(bundled_trace.resid[-1].copy())
    found = likeness_to_a_patch(bundled.module, z, 1, 20).numpy()
    patches = normed_tokens(bundled, bundled_trace)[1:]
    np.testing.assert_allclose(found, cosine(patches, patches[20][None]), atol=1e-5)
