"""`trace`: one photo through one model, with every intermediate kept."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from PIL import Image

from vit_viz.devices import memory_errors
from vit_viz.families import Embedding, Interventions, Layer, Output, forward
from vit_viz.models import Model
from vit_viz.photos import Prepared, open_photo, prepare


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """Every intermediate of one photo's forward pass, as read-only float32 numpy arrays.

    Axes: L depth, H num_heads, T tokens = R prefix tokens + N patches, D embed_dim, K head_dim,
    P patch_size, C classes. Token t < R is `prefix_names[t]`; token R + n is patch n in reading order.

    | field    | shape               | what it is                                                   |
    |----------|---------------------|--------------------------------------------------------------|
    | image    | (height, width, 3)  | uint8, what the model saw, before normalisation              |
    | pixels   | (3, height, width)  | normalised                                                   |
    | tokens   | (T, D)              | prefix rows and embedded patches, before positions           |
    | pos      | (T, D) or None      | positions added to them (zero rows where a token has none)   |
    | resid    | (L + 1, T, D)       | residual stream: the encoder's input, then after each block  |
    | q, k, v  | (L, H, T, K)        | as they enter the dot product (after q/k norm and rotation)  |
    | attn     | (L, H, T, T)        | softmax weights [query, key]; every row sums to 1            |
    | attn_out | (L, T, D)           | what attention adds to the stream, LayerScale included       |
    | mlp_out  | (L, T, D)           | what the MLP adds, likewise                                  |
    | features | (D,)                | pooled and normalised, what the classifier reads             |
    | logits   | (C,) or None        | None where the model has no classifier                       |

    resid[l + 1] = resid[l] + attn_out[l] + mlp_out[l], and resid[0] = tokens + pos where the model
    has no norm before its blocks (CLIP has one).
    """

    prepared: Prepared
    prefix_names: tuple[str, ...]
    grid: tuple[int, int]
    tokens: np.ndarray
    pos: np.ndarray | None
    resid: np.ndarray
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    attn: np.ndarray
    attn_out: np.ndarray
    mlp_out: np.ndarray
    features: np.ndarray
    logits: np.ndarray | None

    @property
    def image(self) -> np.ndarray:
        """(height, width, 3) uint8, what the model saw."""
        return self.prepared.image

    @property
    def pixels(self) -> np.ndarray:
        """(3, height, width), normalised."""
        return self.prepared.pixels

    @property
    def depth(self) -> int:
        """L, the number of blocks."""
        return self.attn.shape[0]

    @property
    def num_heads(self) -> int:
        """H."""
        return self.attn.shape[1]

    @property
    def num_tokens(self) -> int:
        """T, fewer than the model's where patches were left out."""
        return self.attn.shape[2]

    @property
    def num_prefix_tokens(self) -> int:
        """R."""
        return len(self.prefix_names)

    @property
    def patch_size(self) -> tuple[int, int]:
        """(height, width) in pixels of the picture behind one patch token."""
        height, width = self.image.shape[:2]
        return height // self.grid[0], width // self.grid[1]

    @cached_property
    def patches(self) -> np.ndarray:
        """(N, P, P, 3) uint8: the picture cut into patches, in reading order."""
        (rows, cols), (height, width) = self.grid, self.patch_size
        cells = self.image.reshape(rows, height, cols, width, 3)
        patches = cells.transpose(0, 2, 1, 3, 4).reshape(rows * cols, height, width, 3)
        patches.flags.writeable = False
        return patches

    @property
    def probs(self) -> np.ndarray | None:
        """(C,) softmax of the logits; None where the model has no classifier."""
        if self.logits is None:
            return None
        weights = np.exp(self.logits - self.logits.max(), dtype=np.float64)
        return weights / weights.sum()

    def scores(self, layer: int, head: int) -> np.ndarray:
        """(T, T) attention scores before the softmax: q kᵀ / √K."""
        q, k = self.q[layer, head], self.k[layer, head]
        return q @ k.T / np.float32(q.shape[-1] ** 0.5)

    def head_out(self, layer: int, head: int) -> np.ndarray:
        """(T, K) what one head gives before the output projection: attn v."""
        return self.attn[layer, head] @ self.v[layer, head]

    @property
    def nbytes(self) -> int:
        """Memory of all arrays, in bytes."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))


def trace(
    model: Model, photo: Image.Image | Prepared, *, interventions: Interventions | None = None
) -> Trace:
    """Run one photo through the model and keep every intermediate.

    Raises PhotoError for a picture that cannot be used, DeviceError when the device's memory is full.
    """
    prepared = photo if isinstance(photo, Prepared) else prepare(open_photo(photo), model.info.data_config)
    with memory_errors(model.info.device, model.info.title):
        arrays = _run(model, prepared, interventions)
    return Trace(prepared=prepared, prefix_names=model.info.prefix_names, grid=model.info.grid, **arrays)


def _run(
    model: Model, prepared: Prepared, interventions: Interventions | None
) -> dict[str, np.ndarray | None]:
    arrays: dict[str, np.ndarray | None] = {}
    pixels = torch.from_numpy(prepared.pixels.copy())[None].to(model.info.device)
    with torch.inference_mode():
        for step in forward(model.module, pixels, interventions):
            match step:
                case Embedding():
                    arrays |= {"tokens": _own(step.tokens[0]), "pos": _own(step.pos)}
                    layers = _room_for_layers(model, num_tokens=step.resid.shape[1])
                    layers["resid"][0].copy_(step.resid[0])
                case Layer():
                    for name in ("q", "k", "v", "attn", "attn_out", "mlp_out"):
                        layers[name][step.index].copy_(getattr(step, name)[0])
                    layers["resid"][step.index + 1].copy_(step.resid[0])
                case Output():
                    logits = None if step.logits is None else step.logits[0]
                    arrays |= {"features": _own(step.features[0]), "logits": _own(logits)}
    arrays |= {name: tensor.numpy() for name, tensor in layers.items()}
    for array in arrays.values():
        if array is not None:
            array.flags.writeable = False
    return arrays


def _room_for_layers(model: Model, num_tokens: int) -> dict[str, torch.Tensor]:
    """Where each layer's steps are copied to: (L, …) tensors side by side in one block of memory.

    One block, because numpy asks for huge pages for large ones; page faults would cost more than the copies.
    """
    L, H, T, K, D = (
        model.info.depth,
        model.info.num_heads,
        num_tokens,
        model.info.head_dim,
        model.info.embed_dim,
    )
    shapes = dict.fromkeys(("q", "k", "v"), (L, H, T, K)) | dict.fromkeys(("attn_out", "mlp_out"), (L, T, D))
    shapes |= {"attn": (L, H, T, T), "resid": (L + 1, T, D)}
    sizes = [math.prod(shape) for shape in shapes.values()]
    block = torch.from_numpy(np.empty(sum(sizes), np.float32))
    parts = block.split(sizes)
    return {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def _own(value: torch.Tensor | None) -> np.ndarray | None:
    return None if value is None else value.float().cpu().numpy().copy()


def parity(model: Model, trace: Trace) -> float:
    """Largest difference between the trace's answer and `model.module(x)`, relative to its largest value."""
    pixels = torch.from_numpy(trace.pixels.copy())[None].to(model.info.device)
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        expected = model.module(pixels)[0].float().cpu().numpy()
    found = trace.features if trace.logits is None else trace.logits
    return float(np.abs(found - expected).max() / np.abs(expected).max())
