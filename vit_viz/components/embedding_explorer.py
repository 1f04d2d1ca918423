"""One patch times one filter, the N × D matrix, and which patches the model calls alike."""

from collections.abc import Callable, Mapping

from vit_viz.components.mounted import component
from vit_viz.components.routes import BASE
from vit_viz.experiments.embedding import Projection
from vit_viz.tracing import Trace

_explorer = component("embedding_explorer", js="embedding/embedding_view.js", css="embedding/embedding.css")


def embedding_explorer(
    trace_id: str,
    trace: Trace,
    projection: Projection,
    selection: Mapping[str, int],
    *,
    alt: str,
    key: str,
    on_select: Callable[[dict[str, int]], None],
) -> None:
    """Draw the projection; its numbers travel by embedding_routes.

    `selection` is {"token", "dimension"}, from 0, the token a patch; `on_select` is called with the one the
    reader settled on. `alt` describes the photo, as a sentence.
    """

    weight = projection.weight
    _explorer(
        key=key,
        data={
            "trace_id": trace_id,
            "routes": BASE,
            "grid": list(trace.grid),
            "patch_size": list(trace.patch_size),
            "prefix_names": list(trace.prefix_names),
            "embed_dim": projection.outputs.shape[1],
            "kernel": None if weight is None else list(weight.shape[1:]),
            "from_pixels": projection.from_pixels,
            "has_bias": projection.has_bias,
            "alt": alt,
            "selection": {name: int(selection[name]) for name in ("token", "dimension")},
        },
        on={"selection": on_select},
    )
