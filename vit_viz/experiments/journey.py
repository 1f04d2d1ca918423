"""What the journey shows of one photo in one model: the trace's arrays, and what the trace does not keep.

Axes: L depth, H num_heads, T tokens = R prefix tokens + N patches, D embed_dim, K head_dim, P patch_size,
M the MLP's hidden width, C classes. Every array is float32 and read-only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from timm.data.imagenet_info import infer_imagenet_subset
from torch import nn

from vit_viz.analysis.mixing import concat_heads
from vit_viz.analysis.training import cross_entropy
from vit_viz.arrays import batch_of, read_only
from vit_viz.devices import memory_errors
from vit_viz.experiments.embedding import has_norm_pre, reads_pixels
from vit_viz.experiments.head_step import has_one_linear_head
from vit_viz.experiments.mlp import MlpKind, mlp_kind, mlp_steps
from vit_viz.experiments.projections import AttentionKind, attention_kind, layer_norm_input
from vit_viz.families import Embedding, Layer, Output, forward
from vit_viz.families.encoder import acts
from vit_viz.models import Model, classes_by_wnid
from vit_viz.tracing import Trace

TOP = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """The right answer, and how wrong the model is.

    label       its class
    loss        -log p(label)
    grad_token  (L + 1, T) length of the loss's gradient by the residual stream, token by token:
                before the first block, then after each
    """

    label: int
    loss: float
    grad_token: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class BaseData:
    """What belongs to the photo and the model; with logits and probabilities only where there are classes.

    | field       | shape               | what it is                                                       |
    |-------------|---------------------|------------------------------------------------------------------|
    | filter      | (3, P, P) or None   | weights of output `filter_dim` of the projection; None in hybrids |
    | filter_bias | (1,) or None        | and its bias, 0 where the projection has none                    |
    | patch_value | (N,)                | what that output is for each patch: patch ⊙ filter, summed, + bias |
    | tokens      | (T, D)              | prefix rows and embedded patches                                 |
    | pos         | (T, D) or None      | positions added to them                                          |
    | resid_in    | (T, D)              | the encoder's input                                              |
    | cls_attn    | (L, T)              | mean over heads of the read token's row, or of all pooled rows     |
    | resid_norm  | (L + 1, T)          | length of each token's row of the stream                         |
    | read_row    | (D,) or None        | the read token's row of the last stream, before the final norm   |
    | features    | (D,)                | what the classifier reads                                        |
    | logits      | (C,) or None        |                                                                  |
    | probs       | (C,) or None        | softmax of the logits                                            |
    | top_weight  | (5, D) or None      | what the features are multiplied by for each of the first classes |
    """

    filter_dim: int
    filter: np.ndarray | None
    filter_bias: np.ndarray | None
    patch_value: np.ndarray
    tokens: np.ndarray
    pos: np.ndarray | None
    resid_in: np.ndarray
    cls_attn: np.ndarray
    resid_norm: np.ndarray
    read_row: np.ndarray | None
    features: np.ndarray
    logits: np.ndarray | None
    probs: np.ndarray | None
    top_weight: np.ndarray | None
    target: Target | None


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerData:
    """The attention half of one layer.

    | field        | shape     | what it is                                                  |
    |--------------|-----------|-------------------------------------------------------------|
    | resid_before | (T, D)    | the stream that enters the layer                            |
    | normed       | (T, D)    | … after the block's first norm                              |
    | attn         | (H, T, T) | weights of every head [query, key]                          |
    | concat       | (T, H·K)  | the heads' outputs side by side                             |
    | attn_out     | (T, D)    | what attention adds to the stream                           |
    | resid_mid    | (T, D)    | resid_before + attn_out                                     |
    """

    resid_before: np.ndarray
    normed: np.ndarray
    attn: np.ndarray
    concat: np.ndarray
    attn_out: np.ndarray
    resid_mid: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class MlpData:
    """The MLP half of one layer.

    | field       | shape  | what it is                                                  |
    |-------------|--------|-------------------------------------------------------------|
    | mlp_normed  | (T, D) | resid_mid after the block's second norm                     |
    | hidden_pre  | (T, M) | before the activation                                       |
    | hidden      | (T, M) | after it                                                    |
    | mlp_out     | (T, D) | what the MLP adds to the stream                             |
    | resid_after | (T, D) | resid_mid + mlp_out: the stream that leaves the layer       |
    """

    mlp_normed: np.ndarray
    hidden_pre: np.ndarray
    hidden: np.ndarray
    mlp_out: np.ndarray
    resid_after: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class HeadData:
    """One head: q, k, v (T, K), attn_head (T, T) [query, key], head_out (T, K) = attn_head v."""

    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    attn_head: np.ndarray
    head_out: np.ndarray


def base_data(model: Model, trace: Trace, label: int | None = None) -> BaseData:
    """What belongs to the photo and the model."""
    dim = _filter_dim(trace)
    weights, bias, values = _filter(model, trace, dim)
    read = first_class_token(model)
    return BaseData(
        filter_dim=dim,
        filter=weights,
        filter_bias=bias,
        patch_value=values,
        tokens=trace.tokens,
        pos=trace.pos,
        resid_in=trace.resid[0],
        cls_attn=_frozen(_read_rows(trace, model.info.read_tokens)),
        resid_norm=_frozen(np.linalg.norm(trace.resid, axis=-1)),
        read_row=None if read is None else trace.resid[-1, read],
        features=trace.features,
        logits=trace.logits,
        probs=None if trace.probs is None else _frozen(trace.probs),
        top_weight=_classifier(model, trace),
        target=None if label is None or trace.logits is None else _target(model, trace, trace.logits, label),
    )


def layer_data(model: Model, trace: Trace, layer: int) -> LayerData:
    """The attention half of one layer."""
    return LayerData(
        resid_before=trace.resid[layer],
        normed=_frozen(layer_norm_input(model, trace, layer)),
        attn=trace.attn[layer],
        concat=_frozen(concat_heads(trace.attn[layer], trace.v[layer])),
        attn_out=trace.attn_out[layer],
        resid_mid=_frozen(trace.resid[layer] + trace.attn_out[layer]),
    )


def mlp_data(model: Model, trace: Trace, layer: int) -> MlpData:
    """The MLP half of one layer."""
    steps = mlp_steps(model, trace, layer)
    return MlpData(
        mlp_normed=steps.normed,
        hidden_pre=steps.hidden_pre,
        hidden=steps.hidden,
        mlp_out=trace.mlp_out[layer],
        resid_after=trace.resid[layer + 1],
    )


def head_data(trace: Trace, layer: int, head: int) -> HeadData:
    """One head of one layer."""
    q, k, v, attn = (getattr(trace, name)[layer, head] for name in ("q", "k", "v", "attn"))
    return HeadData(q=q, k=k, v=v, attn_head=attn, head_out=_frozen(trace.head_out(layer, head)))


@dataclass(frozen=True, kw_only=True)
class JourneyFacts:
    """How this model differs from the paper's, as far as the journey must say so.

    attention, mlp   what one block's attention and MLP are made of
    read_token       the token that the features come from; None where tokens are averaged or pooled
    pools_prefix     … and the prefix tokens are among these
    embedding        "linear", or "hybrid" where a CNN comes before the projection
    embed_norm       the embedded patches are normalised
    norm_pre         the stream is normalised before the first block
    final_norm       … and after the last
    qk_scale         what the dot products are multiplied by: 1 / √K
    biases           which of "embed", "qkv", "out", "mlp", "head" add a learnt bias to their products
    read_rows        how many tokens the answer is read from, each by a classifier of its own
    """

    attention: AttentionKind
    mlp: MlpKind
    read_token: int | None
    pools_prefix: bool
    embedding: str
    embed_norm: bool
    norm_pre: bool
    final_norm: bool
    qk_scale: float
    biases: tuple[str, ...]
    read_rows: int


def journey_facts(model: Model) -> JourneyFacts:
    """How this model differs from the paper's."""
    module, embed = model.module, model.module.patch_embed
    return JourneyFacts(
        attention=attention_kind(model, 0),
        mlp=mlp_kind(model),
        read_token=first_class_token(model),
        pools_prefix=model.info.pools_prefix,
        embedding="linear" if reads_pixels(model) else "hybrid",
        embed_norm=acts(getattr(embed, "norm", None)),
        norm_pre=has_norm_pre(model),
        final_norm=acts(module.norm),
        qk_scale=float(module.blocks[0].attn.scale),
        biases=_biases(module),
        read_rows=len(class_tokens(model)),
    )


BIASES = {
    "embed": r"patch_embed\.proj\.bias",
    "qkv": r"blocks\.0\.attn\.(qkv|q|q_proj)[._]bias",
    "out": r"blocks\.0\.attn\.proj\.bias",
    "mlp": r"blocks\.0\.mlp\.(fc1(_g)?|w0)\.bias",
    "head": r"head\.bias",
}


def _biases(module: nn.Module) -> tuple[str, ...]:
    """The linear steps that have a bias, by their parameters' names."""
    names = [name for name, _ in module.named_parameters()] + [name for name, _ in module.named_buffers()]
    return tuple(step for step, form in BIASES.items() if any(re.fullmatch(form, name) for name in names))


def class_tokens(model: Model) -> tuple[int, ...]:
    """The tokens that a classifier reads, each by itself; none where tokens are averaged or pooled by attention."""
    read = model.info.read_tokens
    return tuple(read) if read[-1] < len(model.info.prefix_names) else ()


def first_class_token(model: Model) -> int | None:
    """The first of them, if there is one."""
    return next(iter(class_tokens(model)), None)


def class_of(model: Model, synset: str | None) -> int | None:
    """The model's class for a WordNet id such as n02123045; None where it has no such class."""
    subset = infer_imagenet_subset(model.module) if model.labels else None
    return None if synset is None or subset is None else classes_by_wnid(subset).get(synset)


def _filter_dim(trace: Trace) -> int:
    """The output of the projection that tells this photo's patches apart best: its values vary most."""
    return int(trace.tokens[trace.num_prefix_tokens :].var(axis=0).argmax())


def _filter(model: Model, trace: Trace, dim: int) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray]:
    """Weights and bias of one output of the patch projection, and its value for each patch."""
    embed = model.module.patch_embed
    in_trace = trace.tokens[trace.num_prefix_tokens :, dim]
    if not reads_pixels(model):
        return None, None, _frozen(in_trace)
    weights = _frozen(embed.proj.weight[dim].detach().float().cpu().numpy())
    bias = 0.0 if embed.proj.bias is None else float(embed.proj.bias[dim])
    values = _projected(model, trace, dim) if acts(embed.norm) else in_trace
    return weights, _frozen(np.array([bias])), _frozen(values)


def _projected(model: Model, trace: Trace, dim: int) -> np.ndarray:
    """(N,) one output of the projection, before the norm that follows it in this model."""
    with memory_errors(model.info.device, model.info.title), torch.inference_mode():
        pixels = batch_of(trace.pixels, model.info.device)
        return model.module.patch_embed.proj(pixels)[0, dim].flatten().float().cpu().numpy()


def _classifier(model: Model, trace: Trace) -> np.ndarray | None:
    """Weights (5, D) of the first classes, where one linear layer reads the features."""
    if trace.probs is None or not has_one_linear_head(model):
        return None
    weight = model.module.head.weight
    first = torch.from_numpy(np.argsort(trace.probs)[::-1][:TOP].copy())
    return _frozen(weight[first.to(weight.device)].detach().float().cpu().numpy())


def _read_rows(trace: Trace, read: Sequence[int]) -> np.ndarray:
    """(L, T) what the first class token attends to, or all pooled tokens on average; mean over heads."""
    if read[-1] < trace.num_prefix_tokens:
        return trace.attn[:, :, read[0]].mean(1)
    # layer by layer: the rows of all would be a second copy of all attention
    return np.stack([attn[:, read[0] :].mean((0, 1)) for attn in trace.attn])


def _target(model: Model, trace: Trace, logits: np.ndarray, label: int) -> Target:
    grad_token = loss_gradients(model, trace, label)
    return Target(label=label, loss=cross_entropy(logits, label), grad_token=grad_token)


def loss_gradients(model: Model, trace: Trace, label: int) -> np.ndarray:
    """(L + 1, T) length of the gradient of -log p(label) by each token of the stream, layer by layer.

    A graph of its own: the pixels carry it, so the shared model's weights need no gradients.
    """
    device = model.info.device
    with memory_errors(device, model.info.title), torch.enable_grad():
        pixels = batch_of(trace.pixels, device).requires_grad_()
        steps = list(forward(model.module, pixels))
        streams = [step.resid for step in steps if isinstance(step, (Embedding, Layer))]
        (output,) = (step for step in steps if isinstance(step, Output))
        loss = nn.functional.cross_entropy(output.logits, torch.tensor([label], device=device))
        gradients = torch.autograd.grad(loss, streams)
    return _frozen(torch.stack([gradient[0].norm(dim=-1) for gradient in gradients]).float().cpu().numpy())


def _frozen(array: np.ndarray) -> np.ndarray:
    """The array as float32, read-only."""
    return read_only(np.asarray(array, np.float32))
