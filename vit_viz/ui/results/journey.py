"""The journey's parts for its routes: computed when first asked for, gzipped, and kept within bounds."""

import gzip
from functools import cache

from vit_viz.analysis.patches import middle_of
from vit_viz.components.attention_payloads import GZIP_LEVEL
from vit_viz.components.journey_export import journey_page, journey_payload, layers_that_fit
from vit_viz.components.journey_payloads import Part, Setting, part_payload
from vit_viz.samples import samples
from vit_viz.ui.navigation import PAGES, page_path, page_title
from vit_viz.ui.results.remembered import MAX_NAMES, model_and_trace, remember_model
from vit_viz.ui.stores import Store, device_lock
from vit_viz.ui.view import View, turn

MAX_PART_BYTES = 96 * 2**20


@cache
def kept_parts() -> Store[bytes]:
    """By trace_id and name, limited by their memory."""
    return Store(MAX_PART_BYTES, len)


@cache
def settings_of_traces() -> Store[Setting]:
    """What is known of each trace's photo, by trace_id."""
    return Store(MAX_NAMES, lambda setting: 1)


def setting_of(view: View) -> Setting:
    """What is known of this view's photo."""
    sample = view.selection.photo if view.selection.photo in samples() else None
    return Setting(photo_title=view.photo_title, photo_alt=view.photo_alt, sample=sample)


def chosen_token(view: View) -> int | None:
    """The token that the reader chose; None where the journey follows the patch in the middle."""
    return view.selection.token if view.selection.token_chosen else None


def followed_token(view: View) -> int:
    """The token that the journey follows."""
    token = chosen_token(view)
    return view.trace.num_prefix_tokens + middle_of(view.trace.grid) if token is None else token


def remember_journey(view: View) -> None:
    """Note model and photo of this view's trace, so that a route can find them later."""
    remember_model(view)
    settings_of_traces().put(view.trace_id, setting_of(view))


def find_part(trace_id: str, part: Part) -> bytes | None:
    """One part, gzipped; None where the trace or its model is no longer kept."""
    key = f"{trace_id}/{part.name}"
    found = kept_parts().get(key)
    if found is None:
        with device_lock():
            found = kept_parts().get(key)  # another request may have asked for the same
            payload = None if found else _compute(trace_id, part)
        if payload is None:
            return found
        found = gzip.compress(payload, GZIP_LEVEL)  # outside: it takes longer than the payload, and no device
        kept_parts().put(key, found)
    return found


def _compute(trace_id: str, part: Part) -> bytes | None:
    made_from, setting = model_and_trace(trace_id), settings_of_traces().get(trace_id)
    return None if made_from is None or setting is None else part_payload(*made_from, setting, part)


# The chapter that takes a scene apart.
CHAPTER_OF = {
    "batch": "training",
    "picture": "patches",
    "patches": "patches",
    "flatten": "patches",
    "projection": "embedding",
    "embedded": "embedding",
    "cls": "position",
    "position": "position",
    "qkv": "qkv",
    "scores": "qkv",
    "softmax": "attention",
    "mix": "qkv",
    "heads": "attention",
    "residual": "encoder",
    "mlp": "encoder",
    "layers": "rollout",
    "answer": "prediction",
    "training": "training",
}


def chapter_links(lang: str) -> dict[str, dict[str, str]]:
    """By scene, the page that takes it apart: {"path", "title"}; scenes whose page is not there are left out."""
    return {
        scene: {"path": page_path(page), "title": page_title(page, lang)}
        for scene, page in CHAPTER_OF.items()
        if page in PAGES
    }


def exported(view: View, lang: str, step: float) -> bytes:
    """The journey of this view as one HTML file."""
    chosen = view.selection
    setting = setting_of(view)
    layers = layers_that_fit(view.model, view.trace, chosen.layer)
    with turn():
        payload = journey_payload(view.model, view.trace, setting, layers)
    page = journey_page(
        payload,
        setting,
        lang=lang,
        token=chosen_token(view),
        layer=chosen.layer,
        head=chosen.head,
        step=step,
    )
    return page.encode()
