import streamlit as st

from vit_viz.components.embedding_explorer import embedding_explorer
from vit_viz.components.filter_gallery import filter_gallery
from vit_viz.figures.embedding import filter_sheet, png
from vit_viz.snippets.embedding import embed_both_ways
from vit_viz.ui import frame
from vit_viz.ui.results.embedding import alike_csv, embedding_of, filter_sets, matrix_csv
from vit_viz.ui.state import choose
from vit_viz.ui.view import View
from vit_viz.ui.words.embedding import about_filters, embedding_notices, equivalence, formula, number_parts

view: View = st.session_state["view"]
trace, info = view.trace, view.model.info
R, N, D = trace.num_prefix_tokens, info.num_patches, info.embed_dim
projection = embedding_of(view)
token = view.selection.token if view.selection.token >= R else R + N // 2 + info.grid[1] // 2
dimension = min(st.session_state.setdefault("embedding_dimension", 0), D - 1)


def select(selection: dict[str, int]) -> None:
    st.session_state["embedding_dimension"] = selection["dimension"]
    choose(token=selection["token"])


def pick_filter(index: int) -> None:
    st.session_state["embedding_dimension"] = index


frame.head("Embedding", "How do a patch's pixels become a row of numbers?", formula(projection))
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
with st.container(horizontal=True):
    files = {
        ("All patches embedded (CSV)", "embedding.csv"): lambda: matrix_csv(projection, trace),
        ("Alike patches (CSV)", "alike.csv"): lambda: alike_csv(projection, trace, token - R),
    }
    for one in filters:
        files[f"Components, {one.title} (PNG)", "components.png"] = lambda one=one: png(
            filter_sheet(one.components)
        )
    for (label, file), make in files.items():
        st.download_button(label, make, file, on_click="ignore", type="tertiary", icon=":material/download:")

frame.notice(embedding_notices(projection, filters, token - R, dimension, info.grid))
if projection.weight is not None:
    total, bias = number_parts(projection, token - R, dimension)
    frame.practice(
        "Drag the filter's slider and watch one patch through all filters; then hold a filter and move over the "
        "photo. Pick a plain patch and see which patches it is alike to before and after the projection.",
        "If every number that goes in were doubled, what would become of the number that comes out?",
        ["it doubles", "the sum doubles, the bias stays", "it stays"],
        f"The sum doubles, the bias stays: 2 · {total:.4f} + {bias:.4f} = **{2 * total + bias:.4f}** instead of "
        f"{total + bias:.4f}. The step is linear up to a constant.",
        key="predict_embedding",
    )
    st.markdown("### A convolution, or a linear layer?")
    st.markdown(equivalence(projection))
frame.code(embed_both_ways)
