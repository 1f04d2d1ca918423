import streamlit as st

from vit_viz.components.journey import journey_player
from vit_viz.components.journey_export import export_bytes, layers_that_fit
from vit_viz.components.mounted import file_name
from vit_viz.experiments.journey import class_tokens
from vit_viz.locale import strings
from vit_viz.snippets import fitting
from vit_viz.ui import frame
from vit_viz.ui.navigation import page_file, page_title
from vit_viz.ui.results.journey import (
    CHAPTER_OF,
    chapter_links,
    chosen_token,
    exported,
    followed_token,
    remember_journey,
    setting_of,
)
from vit_viz.ui.state import choose, selection
from vit_viz.ui.view import View
from vit_viz.ui.words.journey import growing, numbers_read, reading, say, shrinking, sizes, verdict

view: View = st.session_state["view"]
trace, info, chosen = view.trace, view.model.info, view.selection
lang, step = selection().lang, selection().step
T, D = trace.num_tokens, info.embed_dim

frame.opening(page_title("journey", lang), say(lang, "question"))
remember_journey(view)
asked = journey_player(
    view.trace_id,
    {"token": chosen_token(view), "layer": chosen.layer, "head": chosen.head},
    step=step,
    lang=lang,
    strings=strings(lang)["journey"],
    links=chapter_links(lang),
    key="journey",
    on_select=lambda picked: choose(**picked, token_chosen=chosen.token_chosen or "token" in picked),
    on_settle=lambda step: choose(step=step),
)
if asked:
    choose(
        token=followed_token(view), layer=chosen.layer, head=chosen.head, token_chosen=True, head_chosen=True
    )  # the chapter shows what the film showed
    st.switch_page(str(page_file(CHAPTER_OF[asked])))

st.caption(say(lang, "between"))
layers = layers_that_fit(view.model, trace, chosen.layer)
st.download_button(
    say(lang, "export"),
    data=lambda: exported(view, lang, step),
    file_name=file_name(f"vit-viz-journey-{lang}.html"),
    mime="text/html",
    on_click="ignore",
    help=say(
        lang,
        "export_help" if layers is None else "export_help_layer",
        layer=chosen.layer + 1,
        megabytes=f"{export_bytes(view.model, trace, layers) / 1e6:.0f}",
    ),
)

st.code(sizes(lang, trace, info, view.model.labels), language=None, wrap_lines=True)
frame.answer(view)
read = info.read_tokens
frame.notice(
    [
        shrinking(lang, trace),
        growing(lang, trace, followed_token(view)),
        *verdict(lang, trace.probs, view.model.labels, setting_of(view).true_class(view.model)),
    ],
    say(lang, "notice"),
)
one_by_one = len(class_tokens(view.model)) or 1
frame.practice(
    say(lang, "try_it"),
    say(lang, "predict", stream=f"{T * D:,}"),
    list(dict.fromkeys(f"{number:,}" for number in (T * D, info.num_patches * D, one_by_one * D))),
    reading(lang, trace, read),
    key="predict_journey",
    right=f"{numbers_read(trace, read):,}",
    asking=frame.Asking(*(say(lang, word) for word in ("try", "before", "guess_right", "guess_wrong"))),
)
frame.code(fitting.whole_way(view.model), say(lang, "code"))
