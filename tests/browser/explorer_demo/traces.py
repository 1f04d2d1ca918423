"""The traces that the demo knows by name."""

from functools import cache

from tests.helpers import photo, redrawn_model
from vit_viz import Trace, load_model, trace

# depth is cut where a test needs only the kind; "base" and "deep" keep the size that decides speed
TRACES = {
    "bundled": load_model,
    "base": lambda: redrawn_model("vit_base_patch16_224"),
    "distilled": lambda: redrawn_model("deit_tiny_distilled_patch16_224", depth=2),
    "registers": lambda: redrawn_model("vit_small_patch14_reg4_dinov2", depth=2, img_size=112),
    "no prefix": lambda: redrawn_model("vit_base_patch16_siglip_224", depth=2, img_size=96),
    "wide": lambda: load_model(img_size=(96, 288)),
    "deep": lambda: redrawn_model("vit_base_patch16_384", img_size=384, embed_dim=192),
}


def find_trace(trace_id: str) -> Trace | None:
    """The trace of a name; "base~7" is that of "base" under an address that nobody has asked for yet."""
    name = trace_id.partition("~")[0]
    return _trace(name) if name in TRACES else None


@cache
def _trace(name: str) -> Trace:
    return trace(TRACES[name](), photo())
