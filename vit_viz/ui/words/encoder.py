"""Sentences of the page Encoder block."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vit_viz.analysis.mixing import keys_for
from vit_viz.analysis.stream import SINK_RATIO, Contributions, NormSteps
from vit_viz.experiments.blocks import BlockKind
from vit_viz.experiments.mlp import MlpKind
from vit_viz.ui.words.numbers import below, counted, decimal
from vit_viz.ui.words.tokens import token_name

DEPTHS = (
    "Each cell is the cosine of this token's row after one layer with its row after another; 0 is the encoder's "
    "input. A dark block is a stretch of layers in which the row keeps its direction."
)
AGAINST = -0.05  # of a row's length; less we do not call taking away
SHARES = ("less than a third", "from a third to two thirds", "more than two thirds")
PRE = ("MSA(norm({z})) + {z}", "MLP(norm({mid})) + {mid}")
POST = ("norm(MSA({z}) + {z})", "norm(MLP({mid}) + {mid})")
RES_POST = ("norm(MSA({z})) + {z}", "norm(MLP({mid})) + {mid}")
DRAWING = (
    "In the block of the ViT a grey way leads past both halves, so what a token carries is added to and never "
    "replaced. The first Transformer put its norms on that way itself."
)
CODE = (
    "The MLP looks at one token at a time: tokens meet in attention and nowhere else. Two linear layers "
    "with a bend between them; without the bend they would be one linear layer."
)


class Names(NamedTuple):
    """What a layer's stream is called before it, between its halves and after it, as in the paper."""

    z: str
    mid: str
    after: str


def stream_names(layer: int) -> Names:
    """z₀, z′₁ and z₁ for the first layer."""
    return Names(f"z{below(layer)}", f"z′{below(layer + 1)}", f"z{below(layer + 1)}")


def halves_of(halves: tuple[str, str], layer: int) -> str:
    """Both halves of a kind of block, PRE, POST or RES_POST, in the names of that layer's stream."""
    names = stream_names(layer)
    attn, mlp = (half.format(**names._asdict()) for half in halves)
    return f"{names.mid} = {attn}\n{names.after} = {mlp}"


def block_formula(kind: BlockKind, layer: int, num_tokens: int, embed_dim: int, depth: int) -> str:
    """The block of that layer with this model's sizes; tokens are rows."""
    z, mid, after = stream_names(layer)
    mlp = kind.mlp
    norm = "RMS" if kind.norm == "RMSNorm" else "LN"
    b1, gate_b1, b2 = (f" + {name}" if mlp.biased else "" for name in ("b₁", "b₁′", "b₂"))
    hidden = f"{mlp.activation}(h W₁{b1})"
    if mlp.gated:
        hidden += f" ⊙ (h W₁′{gate_b1})" if mlp.biased else " ⊙ h W₁′"
    if mlp.norm_inside:
        hidden = f"norm({hidden})"
    elif mlp.gated:
        hidden = f"( {hidden} )"
    bend = f"{hidden} W₂{b2}"
    if kind.attention.norm_after:
        halves = f"{mid} = {norm}(MSA({z})) + {z}\n{after} = {norm}({bend}) + {mid}, h = {mid}"
    else:
        row = f"norm({norm}({mid}))" if mlp.norm_first else f"{norm}({mid})"
        heads = f"γ₁ ⊙ MSA({norm}({z}))" if kind.attention.layer_scale else f"MSA({norm}({z}))"
        if kind.mlp_scale:
            bend = f"γ₂ ⊙ ({bend})" if mlp.biased else f"γ₂ ⊙ {bend}"
        halves = f"{mid} = {heads} + {z}\n{after} = {bend} + {mid}, h = {row}"
    scales = f"; γ: {embed_dim} learnt factors" if "γ" in halves else ""
    sizes = f"{z}: {num_tokens} × {embed_dim}, hidden: {num_tokens} × {mlp.width}"
    return f"{halves}\n{sizes}{scales}; layer {layer + 1} of {depth}"


def sinks_note(lengths: np.ndarray, found: np.ndarray, num_prefix_tokens: int) -> str:
    """How many patches stand out; lengths (L + 1, T), found (L + 1, T) bool."""
    patches = lengths[:, num_prefix_tokens:]
    ratios = patches.max(axis=1) / np.median(patches, axis=1)
    most = f"the longest patch is {ratios.max():.1f} times the median patch, {_place(int(ratios.argmax()))}"
    if not found.any():
        return f"No attention sinks (patches longer than {SINK_RATIO:g} times the median): {most}."
    counts = found.sum(axis=1)
    return (
        f"Ringed: {counted(counts.max(), 'attention sink')} {_place(int(counts.argmax()))}, patches longer than "
        f"{SINK_RATIO:g} times the median; {most}. Large models keep notes about the whole picture in such places."
    )


def _place(depth: int) -> str:
    return "in the input" if depth == 0 else f"after layer {depth}"


def strongest_parts(found: Contributions, token: int, name: str) -> str:
    """Where attention and MLP add most to a token, relative to what is there."""
    attn = found.attn[:, token] / found.resid[:-1, token]
    mlp = found.mlp[:, token] / found.middle[:, token]
    a, m = int(attn.argmax()), int(mlp.argmax())
    return (
        f"Measured by the row it is added to, attention adds most to {name} in layer {a + 1} ({attn[a]:.0%} of the "
        f"row's length), the MLP in layer {m + 1} ({mlp[m]:.0%})."
    )


def against(found: Contributions, token: int, name: str) -> str:
    """Where a part takes most away from the row it is added to: it points against it, and is long."""
    attn = found.attn_cos * found.attn / found.resid[:-1]
    mlp = found.mlp_cos * found.mlp / found.middle
    parts = [("attention", attn[:, token]), ("the MLP", mlp[:, token])]
    who, along = min(parts, key=lambda part: part[1].min())
    layer = int(along.argmin())
    if along[layer] > AGAINST:
        return f"No part takes clearly away from {name}'s row."
    return (
        f"In layer {layer + 1} {who} takes most away from {name}'s row: it points against it, and leaves "
        f"{1 + along[layer]:.0%} of it in its own direction."
    )


def overall(found: Contributions) -> str:
    """Which of both adds more, over all tokens and layers."""
    attn, mlp = float(found.attn.mean()), float(found.mlp.mean())
    more, less = ("attention", "the MLP") if attn > mlp else ("the MLP", "attention")
    return (
        f"Over all tokens and layers {more} adds rows of mean length {max(attn, mlp):.2f}, {less} "
        f"{min(attn, mlp):.2f}."
    )


def self_similarity(table: np.ndarray, name: str) -> str:
    """How far a token travels; table (L + 1, L + 1) of cosines."""
    steps = np.diagonal(table, 1)
    turn = int(steps.argmin())
    return (
        f"From the input to the last layer the cosine of {name} with itself is {decimal(table[0, -1])}; it "
        f"turns most in layer {turn + 1} ({decimal(steps[turn])})."
    )


def mlp_intro(kind: MlpKind, layer: int, embed_dim: int) -> str:
    """What the charts of the MLP show, for this kind of MLP."""
    if kind.gated:
        return (
            f"Layer {layer + 1} turns the token's {embed_dim} numbers into {kind.width}, twice: one copy "
            f"goes through {kind.activation} and is the gate, the other is multiplied by it. After that "
            f"{kind.width} → {embed_dim}. A gated MLP has three matrices where the ViT's has two."
        )
    return (
        f"Layer {layer + 1} turns the token's {embed_dim} numbers into {kind.width}, bends them with "
        f"{kind.activation}, and turns them into {embed_dim} again."
    )


def activation_names(kind: MlpKind) -> tuple[str, str]:
    """What the two histograms are of."""
    if kind.gated:
        return f"gate before {kind.activation}", f"{kind.activation}(gate) × value"
    return f"before {kind.activation}", f"after {kind.activation}"


def active_units(share: float, after: np.ndarray, best: np.ndarray, name: str) -> str:
    """Which of the hidden units `after` (M,) speak for a token: a share is above zero, `best` are the highest."""
    squares = after.astype(np.float64) ** 2
    total = squares.sum() or 1.0
    held, below = squares[best].sum() / total, squares[after < 0].sum() / total
    return (
        f"For {name} {share:.0%} of the {len(after)} hidden units are pushed above zero; unit "
        f"{best[0] + 1} is the most active ({decimal(float(after[best[0]]))}). Of the squared length the first "
        f"{len(best)} hold {held:.0%}, and all those that end below zero {below:.0%}."
    )


def share_asked(share: float) -> str:
    """Which of SHARES a share is."""
    return SHARES[int(np.digitize(share, (1 / 3, 2 / 3)))]


def norm_sentence(steps: NormSteps, kind: BlockKind) -> str:
    """What the norm does to the rows of all tokens."""
    before, after = steps.std_before, steps.std_after
    inside, learnt = (
        ("mean 0 and deviation 1", "multiplies by learnt gains and adds learnt biases")
        if kind.norm == "LayerNorm"
        else ("a root mean square of 1", "multiplies by learnt gains")
    )
    return (
        f"Before it the tokens' deviations run from {before.min():.2f} to {before.max():.2f}, a factor of "
        f"{before.max() / before.min():.1f}; after it from {after.min():.2f} to {after.max():.2f}. The "
        f"norm gives each row {inside} and then {learnt}; what is left of the spread comes from these."
    )


def which_norm(kind: BlockKind, half: str) -> str:
    """What stands before and after the norm of a half: attention or the MLP."""
    if kind.attention.norm_after:
        return f"{kind.norm} after {half}"
    return f"{kind.norm} before {half}"


def crowd(num_tokens: int, num_heads: int) -> str:
    """Attention told as listening in a crowded room."""
    heads = f"{num_heads} ears, each with a taste of its own" if num_heads > 1 else "one ear"
    return (
        f"Think of a crowded room with {num_tokens} guests, each with a card in hand: its row of the "
        "stream. All murmur at once, and nobody can follow everybody. So each guest has a question in "
        "mind (**query**), wears a label that says what may be asked of it (**key**), and has something "
        "to tell (**value**). You look around, compare your question with every label, and turn your ear "
        "the more to those that fit: that is the **softmax**, and it shares out all of your attention, no "
        "more and no less. What you take home is one mixed sound, the loud voices with the faint. A guest "
        f"has {heads} (the **heads**). What was heard is written on the card below what stood there (the "
        "**residual** sum); nothing is crossed out. Then everyone goes to a quiet corner and thinks about "
        "its own card alone: that is the **MLP**."
    )


def heard(row: np.ndarray, token: int, layer: int, head: int, prefix_names: Sequence[str], grid) -> str:
    """To whom one guest listens: row (T,) of its attention."""
    best = int(row.argmax())
    who = "itself" if best == token else token_name(best, prefix_names, grid)
    half = keys_for(row, 0.5)
    voices = "1 voice makes" if half == 1 else f"{half} voices make"
    return (
        f"Here and now, in layer {layer + 1} with ear {head + 1}, {token_name(token, prefix_names, grid)} "
        f"listens most to {who} ({row[best]:.1%}); {voices} half of what it hears."
    )


def dropout_sentence(kind: BlockKind) -> str:
    """Why dropout is off."""
    rate = (
        f"The model as loaded has a rate of {kind.dropout:g} here"
        if kind.dropout
        else "In the model as loaded its rate is 0 anyway"
    )
    return (
        "Dropout sets a random share of the hidden numbers to zero while a model learns, so that no unit "
        "can rely on another. Now the model only answers, and the same photo must get the same answer: it "
        f"is off. {rate}."
    )


def try_it(prefix_names: Sequence[str]) -> str:
    """Whose rows to follow: CLS first, where the model has it."""
    ground, thing = "a patch on the ground", "one on the thing itself"
    who = f"{prefix_names[0]}, then {ground} and {thing}" if prefix_names else f"{ground}, then {thing}"
    return (
        f"Follow {who}: whose row grows, whose turns? Look for a layer in which the MLP pulls the row back."
    )


def gated_code(kind: MlpKind) -> str:
    """What an MLP with a gate computes, of which no code is shown."""
    if not kind.gated:
        return ""
    return (
        f" This model's MLP has a gate: it multiplies {kind.activation}(h W₁) by a second linear layer h W₁′ "
        "before W₂."
    )
