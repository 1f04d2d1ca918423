from dataclasses import asdict

import streamlit as st

from vit_viz.components.rollout_lab import rollout_lab
from vit_viz.snippets.rollout import attention_rollout
from vit_viz.ui import frame
from vit_viz.ui.parts import rollout as parts
from vit_viz.ui.parts.downloads import downloads
from vit_viz.ui.results.opening import choose_picked, token_of
from vit_viz.ui.results.rollouts import Question, maps_of
from vit_viz.ui.view import View
from vit_viz.ui.words import rollout as words

view: View = st.session_state["view"]
trace, info, chosen = view.trace, view.model.info, view.selection
L = trace.depth
read, settings = view.model.info.read_tokens, parts.settings(view)
read_title = words.read_title(read, trace.prefix_names)

frame.head(
    "Rollout",
    "Through all layers together, how much of each patch can have reached the answer?",
    words.formula(L, trace.num_heads, trace.num_tokens, **asdict(settings)),
    words=("Token", "Head", "Residual stream", "Even share", "Gradient", "Logit", "Cosine"),
)
frame.answer(view)

rollout_lab(
    view.trace_id,
    trace,
    {"token": token_of(view), "layer": chosen.layer, "head": chosen.head},
    settings=asdict(settings),
    read=read,
    read_title=read_title,
    alt=view.photo_alt,
    key="rollout_lab",
    on_select=lambda selection: choose_picked(view, token=selection["token"]),
    on_set=parts.keep_settings,
)
if how_read := words.how_read(info.pool, read, trace.prefix_names):
    st.caption(how_read)

st.markdown(f"### Other maps of the same photo, seen from {read_title}")
target = parts.choose_class(view)
parts.side_by_side(view, target, settings)

st.markdown("### Is the map true?")
st.markdown(
    "Take the patches away in the order of a map and watch the probability: if the map is right about what the "
    "answer hangs on, it falls early. Random orders show what any order does."
)
question = Question(view=view, target=target, settings=settings, removal=parts.choose_removal())
areas, bar = parts.test(question)

if (
    more := st.expander("The samples, as Dosovitskiy 2021 draws them", key="rollout_more", on_change="rerun")
).open:
    with more:
        parts.gallery(view)

frame.notice(
    [
        words.strongest_patches(maps_of(view, target)["rollout"], trace.grid, read_title, trace.num_tokens),
        *parts.notices(question, areas),
    ]
)
frame.practice(
    "Play the layers and watch the map grow, then take max in place of mean and discard half of each row. Lay what "
    "the common bug does beside it: which patches does it invent, and what do its rows sum to?",
    f"If each layer keeps half of a token, as rollout has it, how much is left by that alone after {L} layers?",
    [f"{1 / 2:.0%}", f"{1 / (2 * L):.1%}", f"{0.5**L:.2%}"],
    f"{words.residual_alone(L)} What the rollout shows at a token's own place beyond that came back to it "
    "through attention.",
    right=f"{0.5**L:.2%}",
    key="predict_rollout",
)
frame.code(attention_rollout)
downloads(parts.files(question))
parts.work(question, bar)  # last: the whole page has been drawn when the work begins
