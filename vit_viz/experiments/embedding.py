"""The patch projection of a model: what goes in, its weights, what comes out.

Axes: N patches, D embed_dim, C channels and h × w pixels of one filter; F = C·h·w numbers go in for one patch.
Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", equation 1.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from vit_viz.arrays import batch_of, read_only_array
from vit_viz.devices import memory_errors
from vit_viz.families.encoder import acts
from vit_viz.models import Model
from vit_viz.tracing import Trace


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """One photo's patches before and after the projection, float32 and read-only.

    | field   | shape                | what it is                                                       |
    |---------|----------------------|------------------------------------------------------------------|
    | inputs  | (N, F)               | a patch's normalised pixels, plane by plane; or a CNN's features |
    | weight  | (D, C, h, w) or None | the filters; None where a CNN's features go on as they are       |
    | bias    | (D,)                 | zeros where the projection has none                              |
    | outputs | (N, D)               | what the model's own strided convolution makes of the inputs     |

    `from_pixels` is False where a CNN stands before the projection, `normed` True where a norm follows it.
    """

    inputs: np.ndarray
    weight: np.ndarray | None
    bias: np.ndarray
    outputs: np.ndarray
    from_pixels: bool
    normed: bool

    @property
    def filters(self) -> np.ndarray:
        """(D, F) the filters as rows, in the order of the inputs."""
        if self.weight is None:
            raise ValueError("A CNN's features go on as they are in this model: it has no filters.")
        return self.weight.reshape(len(self.weight), -1)

    @property
    def has_bias(self) -> bool:
        """Whether a bias is added to the products; one of nothing but zeros adds nothing."""
        return bool(self.bias.any())

    @property
    def nbytes(self) -> int:
        """Memory of all arrays, in bytes."""
        arrays = (self.inputs, self.weight, self.bias, self.outputs)
        return sum(array.nbytes for array in arrays if array is not None)


class EmbeddingKind(NamedTuple):
    """Whether a matrix makes the rows, a bias is added to them, and a norm follows."""

    projects: bool
    biased: bool
    normed: bool


def patch_projection(model: Model, trace: Trace) -> Projection:
    """The projection of this trace's photo, by the model's own modules."""
    embed = model.module.patch_embed
    proj = embed.proj
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        pixels = batch_of(trace.pixels, model.info.device)
        maps = pixels if reads_pixels(model) else _last(embed.backbone(pixels))
        projects = isinstance(proj, nn.Conv2d)
        kernel = proj.kernel_size if projects else (1, 1)
        # unfold puts the rows of each plane one after another, then the planes: the order of the weights
        inputs = nn.functional.unfold(maps, kernel, stride=kernel)[0].T
        outputs = proj(maps)[0].flatten(1).T
        return Projection(
            inputs=_array(inputs),
            weight=_array(proj.weight) if projects else None,
            bias=_array(proj.bias) if projects and proj.bias is not None else _array(outputs[0] * 0),
            outputs=_array(outputs),
            from_pixels=reads_pixels(model),
            normed=acts(getattr(embed, "norm", None)),
        )


def reads_pixels(model: Model) -> bool:
    """Whether patches of pixels are projected; False where a CNN stands before the projection."""
    return not hasattr(model.module.patch_embed, "backbone")


def embedding_kind(model: Model) -> EmbeddingKind:
    """How this model makes rows of its patches."""
    embed = model.module.patch_embed
    return EmbeddingKind(
        projects=isinstance(embed.proj, nn.Conv2d),
        biased=getattr(embed.proj, "bias", None) is not None,
        normed=acts(getattr(embed, "norm", None)),
    )


def has_norm_pre(model: Model) -> bool:
    """Whether a norm stands between the sum of tokens and positions and the first block (CLIP)."""
    return acts(model.module.norm_pre)


def rgb_filters(model: Model) -> np.ndarray | None:
    """(n, 3, h, w) filters of the first convolution that sees the picture; None where there is none."""
    for module in model.module.patch_embed.modules():
        if isinstance(module, nn.Conv2d) and module.in_channels == 3 and min(module.kernel_size) > 1:
            return _array(module.weight)
    return None


def _last(maps: Tensor | list[Tensor]) -> Tensor:
    """A CNN may give its maps of several scales; timm projects the last."""
    return maps[-1] if isinstance(maps, (list, tuple)) else maps


def _array(x: Tensor) -> np.ndarray:
    """A copy, so that it does not hold the model's memory."""
    return read_only_array(x.detach().clone(memory_format=torch.contiguous_format))
