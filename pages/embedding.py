import streamlit as st

from vit_viz.components.embedding_explorer import embedding_explorer
from vit_viz.components.filter_gallery import filter_gallery
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.parts.downloads import downloads
from vit_viz.ui.parts.embedding import files
from vit_viz.ui.results.embedding import embedding_of, filter_sets
from vit_viz.ui.results.opening import choose_picked, patch_of
from vit_viz.ui.view import View
from vit_viz.ui.words.embedding import (
    about_filters,
    doubled,
    embedding_notices,
    equivalence,
    formula,
    number_parts,
)

view: View = st.session_state["view"]
trace, info = view.trace, view.model.info
R, D = trace.num_prefix_tokens, info.embed_dim
projection = embedding_of(view)
token = R + patch_of(view)
dimension = min(st.session_state.setdefault("embedding_dimension", 0), D - 1)


def select(selection: dict[str, int]) -> None:
    st.session_state["embedding_dimension"] = selection["dimension"]
    choose_picked(view, token=selection["token"])


def pick_filter(index: int) -> None:
    st.session_state["embedding_dimension"] = index


frame.head(
    "Embedding",
    "How do a patch's pixels become a row of numbers?",
    formula(projection),
    words=("Patch", "Token", "Embedding", "Dot product", "Cosine"),
)
frame.answer(view)
embedding_explorer(
    view.trace_id,
    trace,
    projection,
    {"token": token, "dimension": dimension},
    alt=view.photo_alt,
    key="embedding_explorer",
    on_select=select,
)

st.markdown("### What the filters look for")
filters = filter_sets(view)
if filters:
    sees_pixels = projection.from_pixels and projection.weight is not None
    filter_gallery(
        filters, dimension=dimension if sees_pixels else None, key="filter_gallery", on_pick=pick_filter
    )
st.caption(about_filters(projection, filters))
frame.notice(embedding_notices(projection, filters, token - R, dimension, info.grid))
if projection.weight is not None:
    total, bias = number_parts(projection, token - R, dimension)
    frame.practice(
        "Drag the filter's slider and watch one patch through all filters; then hold a filter and go over the "
        "photo. Pick a plain patch and see which patches it is alike to before and after the projection.",
        "If every number that goes in were doubled, what would become of the number that comes out?",
        ["it doubles", "the sum doubles, the bias stays", "it stays"],
        doubled(total, bias),
        right="the sum doubles, the bias stays" if bias else "it doubles",
        key="predict_embedding",
    )
    st.markdown("### A convolution, or a linear layer?")
    st.markdown(equivalence(projection))
frame.code(fitting.projection(from_pixels=projection.from_pixels, projects=projection.weight is not None))
downloads(files(projection, filters, trace, token - R))
