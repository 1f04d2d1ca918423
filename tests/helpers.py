"""What several test files share: redrawn weights, models cut short, and a photo that is no solid colour."""

import numpy as np
import timm
import torch
from PIL import Image
from torch import nn
from torch.overrides import TorchFunctionMode

from vit_viz import Model, Trace
from vit_viz.checkpoints import bundled_header
from vit_viz.models import as_model

# of the bundled model, for what must be known before a fixture is: addresses and settings of a parametrised test
DEPTH, HEADS = (bundled_header()["args"][size] for size in ("depth", "num_heads"))


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest difference, relative to the largest expected value."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def painted_rows(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """(..., T) weights as the browser reads them out of `QuantisedRows`."""
    patches = (arrays["codes"] / 255.0) ** 2 * arrays["scale"][..., None]
    return np.concatenate([arrays["prefix"], patches], axis=-1)


def number(text: str) -> float:
    """A number as the browser prints it: the true minus and raised exponents are read back."""
    raised = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(text.replace("−", "-").replace("·10", "e").translate(raised))


class NoInitialisation(TorchFunctionMode):
    """Skips the random initialisation of a model that is redrawn anyway: most of the time of a test of it."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if getattr(func, "__name__", "") in ("normal_", "uniform_", "trunc_normal_", "erfinv_", "clamp_"):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


@torch.no_grad()
def redraw(module: nn.Module, seed: int = 0) -> nn.Module:
    """Weights under which every part counts: matrices, biases, tokens of std 0.05; norms, LayerScale near 1.

    On a fresh model parity is blind: LayerScale starts at 1e-5, biases at 0, norms at exactly 1.
    """
    noise = torch.Generator().manual_seed(seed)
    for name, value in module.named_parameters():
        if name.startswith("rope."):  # learnt frequencies: smaller ones would hardly rotate anything
            continue
        owner = module.get_submodule(name.rpartition(".")[0])
        is_gain = "gamma" in name or ("Norm" in type(owner).__name__ and name.endswith("weight"))
        value.normal_(1.0 if is_gain else 0.0, 0.2 if is_gain else 0.05, generator=noise)
    for name, value in module.named_buffers():
        if name.endswith("running_mean"):
            value.normal_(0.0, 0.05, generator=noise)
        if name.endswith("running_var"):
            value.uniform_(0.5, 1.5, generator=noise)
    return module


def redrawn_model(name: str, *, seed: int = 0, **options) -> Model:
    """A timm architecture with redrawn weights; `depth=3` and the like make it small."""
    with NoInitialisation():
        module = timm.create_model(name, **options).eval()
    redraw(module, seed)
    return as_model(module, name=name, weights="redrawn", device="cpu")


def photo(seed: int = 0, size: tuple[int, int] = (320, 260)) -> Image.Image:
    """Soft coloured blobs with some noise: no two patches alike."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (6, 5, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC), np.int16)
    noisy = smooth + random.integers(-20, 21, smooth.shape, dtype=np.int16)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def answer(trace: Trace) -> np.ndarray:
    """Logits, or the features of a model without classifier."""
    return trace.features if trace.logits is None else trace.logits


@torch.inference_mode()
def timm_answer(module: nn.Module, trace: Trace) -> np.ndarray:
    """What timm's own forward gives for the pixels of a trace."""
    return module(torch.from_numpy(trace.pixels.copy())[None])[0].numpy()
