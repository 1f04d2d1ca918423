"""The photo cut into patches of any size; the picked one as planes and as a flattened strip."""

from collections.abc import Callable

from vit_viz.components.mounted import component
from vit_viz.components.routes import BASE
from vit_viz.models import Model
from vit_viz.tracing import Trace

_explorer = component("patch_explorer", js="patches/patch_explorer.js", css="patches/patches.css")


def patch_explorer(
    trace_id: str,
    model: Model,
    trace: Trace,
    *,
    alt: str,
    sentence: str,
    from_pixels: bool,
    patch: int,
    key: str,
    on_pick: Callable[[int], None],
) -> None:
    """Draw the trace's picture; `on_pick` gets the number (from 0, reading order) of a clicked patch.

    `sentence` stands in words above the row of patches; not `from_pixels` where a CNN reads the picture first.
    """

    _explorer(
        key=key,
        data={
            "source": f"{BASE}/pixels/{trace_id}",
            "rows": trace.grid[0],
            "cols": trace.grid[1],
            "prefix_names": list(trace.prefix_names),
            "mean": [float(value) for value in model.info.data_config["mean"]],
            "std": [float(value) for value in model.info.data_config["std"]],
            "from_pixels": from_pixels,
            "patch": patch,
            "alt": alt,
            "sentence": sentence,
        },
        on={"patch": on_pick},
    )
