"""`trace`: one photo through one model, with every intermediate kept."""

from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from vit_viz.arrays import batch_of, read_only, read_only_array
from vit_viz.devices import memory_errors
from vit_viz.families import Interventions, Step, forward
from vit_viz.models import Model
from vit_viz.photos import Prepared, as_prepared


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """Every intermediate of one photo's forward pass, as read-only float32 numpy arrays.

    Axes: L depth, H num_heads, T tokens = R prefix tokens + N patches, D embed_dim, K head_dim, C classes.
    Token t < R is `prefix_names[t]`; token R + n is patch n in reading order. Where an intervention leaves
    patches out, `tokens` and `pos` have them still, and all that follows does not.

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
    layers: "Layers"
    features: np.ndarray
    logits: np.ndarray | None

    @property
    def resid(self) -> np.ndarray:
        """(L + 1, T, D) the residual stream: the encoder's input, then after each block."""
        return self.layers.resid.whole()

    @property
    def q(self) -> np.ndarray:
        """(L, H, T, K) queries."""
        return self._projected(self.layers.q)

    @property
    def k(self) -> np.ndarray:
        """(L, H, T, K) keys."""
        return self._projected(self.layers.k)

    @property
    def v(self) -> np.ndarray:
        """(L, H, T, K) values."""
        return self._projected(self.layers.v)

    @property
    def attn(self) -> np.ndarray:
        """(L, H, T, T) softmax weights [query, key]."""
        return self.layers.attn.whole()

    @property
    def attn_out(self) -> np.ndarray:
        """(L, T, D) what attention adds to the stream."""
        return self.layers.attn_out.whole()

    @property
    def mlp_out(self) -> np.ndarray:
        """(L, T, D) what the MLP adds to the stream."""
        return self.layers.mlp_out.whole()

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
        return self.layers.attn.shape[0]

    @property
    def num_heads(self) -> int:
        """H."""
        return self.layers.attn.shape[1]

    @property
    def head_dim(self) -> int:
        """K."""
        return self.layers.q.shape[-1]

    @property
    def num_tokens(self) -> int:
        """T, fewer than the model's where patches were left out."""
        return self.layers.attn.shape[2]

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
        """(N, height, width, 3) uint8, of a patch: the picture cut into patches, in reading order."""
        (rows, cols), (height, width) = self.grid, self.patch_size
        cells = self.image.reshape(rows, height, cols, width, 3)
        return read_only(cells.transpose(0, 2, 1, 3, 4).reshape(rows * cols, height, width, 3))

    @property
    def probs(self) -> np.ndarray | None:
        """(C,) softmax of the logits; None where the model has no classifier."""
        if self.logits is None:
            return None
        weights = np.exp(self.logits.astype(np.float64) - self.logits.max())
        return weights / weights.sum()

    def _projected(self, wanted: "Stack") -> np.ndarray:
        """q, k or v: all three are laid side by side at once, because one tensor lies behind all their parts."""
        for stack in (self.layers.q, self.layers.k, self.layers.v):
            stack.whole()
        return wanted.whole()

    def scores(self, layer: int, head: int) -> np.ndarray:
        """(T, T) attention scores before the softmax: q kᵀ / √K."""
        q, k = self.q[layer, head], self.k[layer, head]
        return q @ k.T / np.float32(q.shape[-1] ** 0.5)

    def head_out(self, layer: int, head: int) -> np.ndarray:
        """(T, K) what one head gives before the output projection: attn v."""
        return self.attn[layer, head] @ self.v[layer, head]

    @property
    def nbytes(self) -> int:
        """Memory of all arrays and of the photo, in bytes."""
        single = (self.tokens, self.pos, self.features, self.logits, self.image, self.pixels)
        pictures = (self.prepared.photo, self.prepared.resized)
        return sum(array.nbytes for array in (*single, *self.layers) if array is not None) + sum(
            PILLOW_BYTES * picture.width * picture.height for picture in pictures
        )


class Stack:
    """One kind of step, a part per layer, laid side by side when it is first asked for.

    The forward pass leaves each layer's step somewhere in memory. Copying them all into (L, …) arrays
    takes a small model a third of its whole forward, and few readers look at every kind of step.
    """

    def __init__(self, parts: list[np.ndarray]) -> None:
        self.shape = (len(parts), *parts[0].shape)
        self.nbytes = sum(part.nbytes for part in parts)
        self._parts, self._whole = parts, None
        self._lock = Lock()

    def whole(self) -> np.ndarray:
        """(L, …) read-only; the parts are let go."""
        with self._lock:  # several sessions may read one trace
            if self._whole is None:
                self._whole = read_only(np.stack(self._parts))
                self._parts = []
            return self._whole


class Layers(NamedTuple):
    """The steps that every layer has; see Trace for their shapes."""

    resid: Stack
    q: Stack
    k: Stack
    v: Stack
    attn: Stack
    attn_out: Stack
    mlp_out: Stack


def trace(
    model: Model, photo: Image.Image | Prepared, *, interventions: Interventions | None = None
) -> Trace:
    """Run one photo through the model and keep every intermediate.

    Raises PhotoError for a picture that cannot be used, DeviceError when the device's memory is full.
    """
    prepared = as_prepared(photo, model.info.data_config)
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        pixels = batch_of(prepared.pixels, model.info.device)
        embedding, *blocks, output = map(_on_cpu, forward(model.module, pixels, interventions))
        return Trace(
            prepared=prepared,
            prefix_names=model.info.prefix_names,
            grid=model.info.grid,
            tokens=read_only_array(embedding.tokens[0]),
            pos=None if embedding.pos is None else read_only_array(embedding.pos),
            layers=Layers(
                resid=Stack([read_only_array(step.resid[0]) for step in (embedding, *blocks)]),
                q=Stack([read_only_array(block.q[0]) for block in blocks]),
                k=Stack([read_only_array(block.k[0]) for block in blocks]),
                v=Stack([read_only_array(block.v[0]) for block in blocks]),
                attn=Stack([read_only_array(block.attn[0]) for block in blocks]),
                attn_out=Stack([read_only_array(block.attn_out[0]) for block in blocks]),
                mlp_out=Stack([read_only_array(block.mlp_out[0]) for block in blocks]),
            ),
            features=read_only_array(output.features[0]),
            logits=None if output.logits is None else read_only_array(output.logits[0]),
        )


def _on_cpu(step: Step) -> Step:
    """The step brought back as soon as it is made: a graphics card holds one layer's attention, not all."""
    tensors = {name: value for name, value in vars(step).items() if isinstance(value, torch.Tensor)}
    return replace(step, **{name: tensor.cpu() for name, tensor in tensors.items()})


# between rounding (below 1e-5 over all families) and any step of a forward left out (above 1e-3): test_families.py
PARITY_BOUND = 1e-4
PILLOW_BYTES = 4  # Pillow keeps an RGB pixel in as many


def parity(model: Model, trace: Trace) -> float:
    """Largest difference between the trace's answer and `model.module(x)`, relative to its largest value.

    Infinite where they are not even as long. Raises PhotoError for a trace of a model that takes photos otherwise.
    """
    as_prepared(trace.prepared, model.info.data_config)
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        expected = model.module(batch_of(trace.pixels, model.info.device))[0].float().cpu().numpy()
    found = trace.features if trace.logits is None else trace.logits
    if found.shape != expected.shape:
        return float("inf")
    return float(np.abs(found - expected).max() / np.abs(expected).max())
