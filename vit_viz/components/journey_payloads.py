"""What the journey is sent: one blob for photo and model, more for each layer and each head.

A large array `x` (…, n) travels as int8 codes and `x_scale` (…): value ≈ code · x_scale / LEVELS; the
attention of a layer's heads as `QuantisedRows`: attn_codes, attn_scale, attn_prefix. That is for painting;
every number that is printed comes from a float32 array.
"""

import io
import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from vit_viz.analysis.answer import short, top_k
from vit_viz.analysis.attention import quantise_rows
from vit_viz.components.payload import pack
from vit_viz.experiments.journey import (
    TOP,
    BaseData,
    base_data,
    class_of,
    head_data,
    journey_facts,
    layer_data,
    mlp_data,
)
from vit_viz.models import Model
from vit_viz.photos import original_size
from vit_viz.samples import Sample, sample_photo, samples
from vit_viz.tracing import Trace
from vit_viz.training_record.card import training_card
from vit_viz.training_record.log import training_curve

LEVELS = 127
PHOTO_SIDE = 512
THUMBNAIL = 64
BATCH = 8


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the trace does not say of its photo: title, a sentence on it, which sample it is, its true class.

    `label` counts from 0 and may be None; a sample brings its own.
    """

    photo_title: str
    photo_alt: str
    sample: str | None = None
    label: int | None = None

    def true_class(self, model: Model) -> int | None:
        """The photo's class among the model's, where it is known."""
        sample = samples().get(self.sample or "")
        return class_of(model, sample.synset) if sample else self.label


class Part(NamedTuple):
    """One blob of the journey: "base", "layer", "mlp" or "head", and where it lies."""

    kind: str
    layer: int = 0
    head: int = 0

    @property
    def name(self) -> str:
        """As in addresses and in the exported page, e.g. layer/3/head/2."""
        layer = f"layer/{self.layer}"
        names = {"base": "base", "layer": layer, "mlp": f"{layer}/mlp", "head": f"{layer}/head/{self.head}"}
        return names[self.kind]


def all_parts(trace: Trace) -> list[Part]:
    """Every blob of a whole journey."""
    layers, heads = range(trace.depth), range(trace.num_heads)
    by_layer = [Part(kind, layer) for layer in layers for kind in ("layer", "mlp")]
    return [Part("base"), *by_layer, *(Part("head", layer, head) for layer in layers for head in heads)]


def part_payload(model: Model, trace: Trace, setting: Setting, part: Part, *, small: bool = False) -> bytes:
    """One blob; `small` sends of a head q, k and v alone, from which the browser computes the rest."""
    if part.kind == "base":
        return _base(model, trace, setting)
    if part.kind == "layer":
        arrays = dict(vars(layer_data(model, trace, part.layer)))
        attn = quantise_rows(arrays.pop("attn"), trace.num_prefix_tokens)._asdict()
        return pack({f"attn_{name}": array for name, array in attn.items()} | signed(arrays))
    if part.kind == "mlp":
        return pack(signed(vars(mlp_data(model, trace, part.layer))))
    if small:
        return pack({name: getattr(trace, name)[part.layer, part.head] for name in "qkv"})
    return pack(vars(head_data(trace, part.layer, part.head)))


def signed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Each array (…, n) as int8 codes, and `…_scale` (…), the largest magnitude of each row."""
    sent = {}
    for name, array in arrays.items():
        scale = np.abs(array).max(-1)
        factor = np.divide(LEVELS, scale, out=np.zeros_like(scale), where=scale > 0)
        sent[name] = np.rint(array * factor[..., None]).astype(np.int8)
        sent[f"{name}_scale"] = scale
    return sent


def _base(model: Model, trace: Trace, setting: Setting) -> bytes:
    data = base_data(model, trace, setting.true_class(model))
    rows = {"tokens": data.tokens, "resid_in": data.resid_in}
    if data.pos is not None:
        rows["pos"] = data.pos
    arrays = signed(rows) | _exact(data) | _curve() | _pictures(trace, setting)
    return pack(arrays, _meta(model, trace, setting, data))


def _exact(data: BaseData) -> dict[str, np.ndarray]:
    """The small arrays whose numbers are printed, where this model has them."""
    names = (
        "filter",
        "filter_bias",
        "patch_value",
        "cls_attn",
        "resid_norm",
        "read_row",
        "features",
        "top_weight",
    )
    found = {name: getattr(data, name) for name in names if getattr(data, name) is not None}
    if data.target is not None:
        found["grad_norm"] = np.linalg.norm(data.target.grad_token, axis=-1)
    return found


def _curve() -> dict[str, np.ndarray]:
    curve = training_curve()
    return {
        f"curve_{name}": getattr(curve, name) for name in ("views", "loss", "sizes", "top1_views", "top1")
    }


def _pictures(trace: Trace, setting: Setting) -> dict[str, np.ndarray]:
    photo = trace.prepared.photo.copy()
    photo.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=85)
    own = None if setting.sample else trace.prepared.photo
    thumbs = [_thumbnail(sample_photo(sample.name) if sample else own) for sample in _batch(setting)]
    return {
        "image": trace.image,
        "photo": np.frombuffer(buffer.getvalue(), np.uint8),
        "batch_thumbs": np.stack(thumbs),
    }


def _batch(setting: Setting) -> list[Sample | None]:
    """A few samples with this photo among them; None stands for the reader's own, which comes first."""
    known = list(samples().values())
    if setting.sample is None:
        return [None, *known[: BATCH - 1]]
    others = [sample for sample in known if sample.name != setting.sample][: BATCH - 1]
    return [sample for sample in known if sample.name == setting.sample or sample in others]


def _thumbnail(photo: Image.Image) -> np.ndarray:
    return np.asarray(ImageOps.fit(photo, (THUMBNAIL, THUMBNAIL)))


def _meta(model: Model, trace: Trace, setting: Setting, data: BaseData) -> dict[str, Any]:
    return {
        **_sizes(model, trace),
        **_kinds(model),
        **_answer(model, data),
        **_photo_facts(model, trace, setting),
        "training": asdict(training_card()),
    }


def _sizes(model: Model, trace: Trace) -> dict[str, Any]:
    info = model.info
    return {
        "model": info.title,
        "prefix_names": list(trace.prefix_names),
        "grid": list(trace.grid),
        "patch_size": list(trace.patch_size),
        "image_size": list(trace.image.shape[:2]),
        "D": info.embed_dim,
        "H": trace.num_heads,
        "K": trace.head_dim,
        "L": trace.depth,
        "T": trace.num_tokens,
        "N": info.num_patches,
        "C": 0 if trace.logits is None else len(trace.logits),
        "pos_kind": info.pos_kind,
        "pool": info.pool,
    }


def _kinds(model: Model) -> dict[str, Any]:
    facts = journey_facts(model)
    return {
        "norm": facts.attention.norm,
        "kind": {name: value for name, value in asdict(facts.attention).items() if name != "norm"},
        "mlp_hidden": facts.mlp.width,
        "act": facts.mlp.activation,
        "mlp_gated": facts.mlp.gated,
        "mlp_norm_first": facts.mlp.norm_first,
        "mlp_norm_inside": facts.mlp.norm_inside,
        "pools_prefix": facts.pools_prefix,
        "read_token": -1 if facts.read_token is None else facts.read_token,
        "embedding": facts.embedding,
        "embed_norm": facts.embed_norm,
        "has_norm_pre": facts.norm_pre,
        "has_final_norm": facts.final_norm,
        "qk_scale": facts.qk_scale,
        "biases": list(facts.biases),
        "read_rows": facts.read_rows,
    }


def _answer(model: Model, data: BaseData) -> dict[str, Any]:
    """What the model says, with names; empty where its outputs are no named classes."""
    label = None if data.target is None else data.target.label
    loss = None if data.target is None else data.target.loss
    named = bool(model.labels) and data.logits is not None and data.probs is not None
    return {
        "filter_dim": data.filter_dim,
        "top5": _top5(model, data.logits, data.probs) if named else [],
        "assumed_names": model.has_assumed_names,
        "label": None if label is None else {"index": label, "name": _name(model, label)},
        "label_prob": None if loss is None else math.exp(-loss),
        "loss": loss,
    }


def _top5(model: Model, logits: np.ndarray, probs: np.ndarray) -> list[dict[str, Any]]:
    return [
        {
            "index": guess.index,
            "label": guess.short_label,
            "prob": guess.prob,
            "logit": float(logits[guess.index]),
        }
        for guess in top_k(probs, model.labels, TOP)
    ]


def _photo_facts(model: Model, trace: Trace, setting: Setting) -> dict[str, Any]:
    config, prepared = model.info.data_config, trace.prepared
    batch = _batch(setting)
    return {
        "photo_title": setting.photo_title,
        "photo_alt": setting.photo_alt,
        "mean": [float(value) for value in config["mean"]],
        "std": [float(value) for value in config["std"]],
        "batch": [
            {"title": sample.title, "label": _name(model, class_of(model, sample.synset))}
            if sample
            else {"title": setting.photo_title, "label": _name(model, setting.label)}
            for sample in batch
        ],
        "own": setting.sample is None,
        "picked": [sample.name if sample else None for sample in batch].index(setting.sample),
        "crop": {
            "original": list(original_size(prepared.photo)),
            "photo": list(prepared.photo.size),
            "resized": list(prepared.resized.size),
            "box": list(prepared.crop_box),
            "interpolation": config["interpolation"],
        },
    }


def _name(model: Model, index: int | None) -> str | None:
    """The first of a class's synonyms, or its number where classes have no names."""
    if index is None:
        return None
    return short(model.labels[index]) if model.labels else f"class {index}"
