import streamlit as st

from tests.browser.explorer_demo.traces import find_trace
from vit_viz.components.attention_explorer import attention_explorer

st.set_page_config(layout="wide")
name = st.query_params.get("model", "bundled")
trace_id = "forgotten" if "forgotten" in st.query_params else name
chosen = st.session_state.setdefault("chosen", {"token": 0, "layer": 0, "head": 0, "direction": "to"})
if st.sidebar.button("Elsewhere"):
    chosen |= {"token": 5, "layer": 1, "head": 1}
st.sidebar.checkbox("Unrelated")
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.sidebar.caption(f"run {st.session_state['runs']}")
attention_explorer(
    trace_id, find_trace(name), chosen, alt="A photo.", key="explorer", on_select=chosen.update
)
st.caption(f"Python: token {chosen['token']}, layer {chosen['layer']}, head {chosen['head']}")
