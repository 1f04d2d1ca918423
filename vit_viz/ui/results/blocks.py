"""What the page Encoder block derives of a trace or runs again, kept within bounds."""

from functools import cache
from typing import NamedTuple

import numpy as np

from vit_viz.analysis.stream import Contributions, contributions
from vit_viz.experiments.blocks import NormPairs, norm_pairs
from vit_viz.experiments.mlp import MlpSteps, mlp_steps
from vit_viz.ui.stores import Store
from vit_viz.ui.view import View, kept

MAX_BYTES = 96 * 2**20
MAX_CONTRIBUTIONS = 32


class BlockSteps(NamedTuple):
    """Norms and MLP of one layer."""

    norms: NormPairs
    mlp: MlpSteps

    @property
    def nbytes(self) -> int:
        """Memory of all arrays."""
        arrays = [*vars(self.norms).values(), *vars(self.mlp).values()]
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


@cache
def kept_contributions() -> Store[Contributions]:
    """By trace_id; a few hundred kilobytes each."""
    return Store(MAX_CONTRIBUTIONS, lambda found: 1)


def contributions_of(view: View) -> Contributions:
    """What attention and MLP add to every token in every layer."""
    found = kept_contributions().get(view.trace_id)
    if found is None:
        found = contributions(view.trace.resid, view.trace.attn_out, view.trace.mlp_out)
        kept_contributions().put(view.trace_id, found)
    return found


@cache
def kept_steps() -> Store[BlockSteps]:
    """By trace_id and layer, limited by their memory."""
    return Store(MAX_BYTES, lambda steps: steps.nbytes)


def steps_of(view: View, layer: int) -> BlockSteps:
    """Norms and MLP of one layer, run now unless they are kept."""

    def steps() -> BlockSteps:
        norms = norm_pairs(view.model, view.trace, layer)
        return BlockSteps(norms, mlp_steps(view.model, view.trace, layer))

    return kept(kept_steps(), f"{view.trace_id}/{layer}", steps)
