"""Where the pages about attention open as long as the reader has chosen nothing."""

from typing import NamedTuple

from vit_viz.analysis.attention import dividing_head
from vit_viz.analysis.patches import middle_of
from vit_viz.ui.view import View


class Place(NamedTuple):
    """A token's row in one head, from 0; `is_opened` where the trace chose it, not the reader."""

    layer: int
    head: int
    token: int
    is_opened: bool


def place_of(view: View) -> Place:
    """The reader's own choice, else the head that parts the picture for CLS, or for the patch in the middle."""
    chosen, trace = view.selection, view.trace
    if chosen.head_chosen:
        return Place(chosen.layer, chosen.head, chosen.token, is_opened=False)
    token = chosen.token
    if not chosen.token_chosen and trace.num_prefix_tokens == 0:
        token = middle_of(trace.grid)
    layer, head = dividing_head(trace.attn[:, :, token], trace.num_prefix_tokens)
    return Place(layer, head, token, is_opened=True)
