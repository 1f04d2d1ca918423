"""Which token is in view, and where the pages about attention open, as long as the reader has chosen nothing."""

from typing import NamedTuple

from vit_viz.analysis.attention import dividing_head
from vit_viz.analysis.patches import middle_of, picked_patch
from vit_viz.ui.state import choose, selection
from vit_viz.ui.view import View


class Place(NamedTuple):
    """A token's row in one head, from 0; `is_opened` where the trace chose it, not the reader."""

    layer: int
    head: int
    token: int
    is_opened: bool


def token_of(view: View) -> int:
    """The token in view: the reader's own choice, else CLS, or the patch in the middle where no token precedes."""
    chosen, trace = view.selection, view.trace
    opens_in_the_middle = not chosen.token_chosen and trace.num_prefix_tokens == 0
    return middle_of(trace.grid) if opens_in_the_middle else chosen.token


def patch_of(view: View) -> int:
    """The patch in view; the middle one while a prefix token is picked, which is no patch."""
    return picked_patch(token_of(view), view.trace.num_prefix_tokens, view.trace.grid)


def choose_picked(view: View, *, token: int, **others: int) -> None:
    """Take what was picked in a picture; another token than the one in view counts as chosen, also the first."""
    known = selection().token_chosen or token != token_of(view)
    choose(token=token, token_chosen=known, **others)


def place_of(view: View) -> Place:
    """The reader's own choice, else the head that parts the picture for CLS, or for the patch in the middle."""
    chosen, trace = view.selection, view.trace
    token = token_of(view)
    if chosen.head_chosen:
        return Place(chosen.layer, chosen.head, token, is_opened=False)
    layer, head = dividing_head(trace.attn[:, :, token], trace.num_prefix_tokens)
    return Place(layer, head, token, is_opened=True)
