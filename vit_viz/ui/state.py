"""What the reader chose: one value per session, the same on every page, written into the URL."""

import re
from dataclasses import dataclass, replace

import streamlit as st

from vit_viz.analysis.compare import same_token
from vit_viz.locale import DEFAULT, language_of, languages, strings
from vit_viz.model_table import BUNDLED
from vit_viz.models import ModelInfo
from vit_viz.samples import samples

UPLOAD = "upload"
# in a link, the model of a reader's own weight file
FILE = "file"
_COUNT = r"\d{1,6}"
# what Compare lays beside the photo and model in view, over both photos, and how far full colour reaches
KINDS = ("photo", "model", "size", "training")
# whether the attention maps show what the token attends to, or what it is attended by
DIRECTIONS = ("to", "by")
MAPS = ("attention", "rollout")
SCALES = ("shared", "own")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What Compare shows: the other photo's or model's name, or a size as width x height, e.g. "336x336".

    An `other` of "" is the first that is offered; training, the model before or after it, offers one only.
    """

    kind: str = KINDS[0]
    other: str = ""
    map: str = MAPS[0]
    scale: str = SCALES[0]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The reader's choice. Layers and heads count from 0 here and from 1 on screen and in the URL.

    `photo` is a sample's name or "upload"; `token` counts prefix tokens first: 0 is CLS in most models. Until it
    is `token_chosen`, the journey follows the patch in the middle; until layer or head is chosen, too
    (`head_chosen`), the pages about attention open where the trace says (results/opening.py).
    `checkpoint` is the path of a local weight file, which never goes into a link. `step` is where the
    journey stands: 9.4 is four tenths into scene 9. `direction` is that of the attention maps, `lang` the
    language of navigation and journey.
    """

    photo: str
    model: str = BUNDLED
    checkpoint: str | None = None
    layer: int = 0
    head: int = 0
    token: int = 0
    token_chosen: bool = False
    head_chosen: bool = False
    step: float = 0.0
    direction: str = DIRECTIONS[0]
    lang: str = "en"
    compare: Comparison = Comparison()

    @property
    def place(self) -> tuple[int, int, int]:
        """Layer, head and token."""
        return self.layer, self.head, self.token

    def fitted(self, info: ModelInfo, place: tuple[int, int, int], of: ModelInfo) -> "Selection":
        """This choice with the layer, head and token of this model that are nearest to a `place` of another one.

        The token is the one of the same name, or the patch at the same place of the picture; else the first.
        """
        layer, head, token = place
        here = same_token(
            min(token, of.num_tokens - 1), of.prefix_names, of.grid, info.prefix_names, info.grid
        )
        return replace(
            self,
            layer=min(layer, info.depth - 1),
            head=min(head, info.num_heads - 1),
            token=here if here and (self.token_chosen or token) else 0,
        )


def selection() -> Selection:
    """This session's choice; on its first run, what the URL says."""
    if "selection" not in st.session_state:
        st.session_state["selection"] = _from_url()
    return st.session_state["selection"]


def choose(**changes: str | float | Comparison | None) -> None:
    """Change the choice, e.g. `choose(layer=3)`; another token, layer or head counts as chosen."""
    before = selection()
    token = changes.get("token", before.token) != before.token
    head = any(
        changes.get(name, getattr(before, name)) != getattr(before, name) for name in ("layer", "head")
    )
    known = {"token_chosen": before.token_chosen or token, "head_chosen": before.head_chosen or head}
    st.session_state["selection"] = replace(before, **known | changes)


def choose_compared(**changes: str) -> None:
    """Change what is compared, e.g. `choose_compared(kind="size", other="336x336")`."""
    choose(compare=replace(selection().compare, **changes))


def _from_url() -> Selection:
    url = st.query_params
    photo = url.get("photo", "")
    return Selection(
        photo=photo if photo in samples() else next(iter(samples())),
        model=BUNDLED if url.get("model") == FILE else url.get("model", BUNDLED),
        layer=_count(url.get("layer"), first=1),
        head=_count(url.get("head"), first=1),
        token=_count(url.get("token"), first=0),
        token_chosen=_is_count(url.get("token")),
        head_chosen=_is_count(url.get("layer")) or _is_count(url.get("head")),
        step=_step(url.get("step")),
        direction=_one_of(DIRECTIONS, url.get("direction")),
        lang=lang if (lang := url.get("lang", "")) in languages() else browser_language(),
        compare=Comparison(
            kind=_one_of(KINDS, url.get("beside")),
            other=url.get("other", ""),
            map=_one_of(MAPS, url.get("map")),
            scale=_one_of(SCALES, url.get("scale")),
        ),
    )


def browser_language() -> str:
    """The language that the reader's browser asks for."""
    return language_of(st.context.locale)


def _step(text: str | None) -> float:
    """Where the journey stands, of a number in the URL, at most at its end; 0 where it is none."""
    plain = re.fullmatch(r"\d{1,2}(\.\d{1,3})?", text or "", re.ASCII)
    return min(float(plain[0]), len(strings(DEFAULT)["journey"]["scenes"])) if plain else 0.0


def _one_of(known: tuple[str, ...], text: str | None) -> str:
    """The word of the URL if it is a known one, else the first of those."""
    return text if text in known else known[0]


def _count(text: str | None, first: int) -> int:
    """An index from 0, of a number in the URL that counts from `first`; 0 where it is none."""
    return max(0, int(text) - first) if text and _is_count(text) else 0


def _is_count(text: str | None) -> bool:
    return re.fullmatch(_COUNT, text or "", re.ASCII) is not None


def write_url() -> None:
    """Make the address bar a link to what is seen now; what is at its default stays out of it."""
    chosen, default = selection(), Selection(photo=next(iter(samples())), lang=browser_language())
    shown = {
        "photo": (chosen.photo, default.photo),
        "model": (FILE if chosen.checkpoint else chosen.model, default.model),
        "layer": (str(chosen.layer + 1) if chosen.head_chosen else "", ""),
        "head": (str(chosen.head + 1) if chosen.head_chosen else "", ""),
        "token": (str(chosen.token) if chosen.token_chosen else "", ""),
        "step": (f"{chosen.step:g}", "0"),
        "direction": (chosen.direction, default.direction),
        "lang": (chosen.lang, default.lang),
        "beside": (chosen.compare.kind, default.compare.kind),
        "other": (chosen.compare.other, default.compare.other),
        "map": (chosen.compare.map, default.compare.map),
        "scale": (chosen.compare.scale, default.compare.scale),
    }
    link = {key: value for key, (value, usual) in shown.items() if value != usual}
    if link != st.query_params.to_dict():
        st.query_params.from_dict(link)
