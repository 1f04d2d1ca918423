"""Which snippet computes what a page shows, for this model: as shown, it runs on the model's own parts.

None where no few lines do.
"""

from collections.abc import Callable

from timm.layers.mlp import Mlp
from timm.models.deit import VisionTransformerDistilled
from timm.models.eva import Eva, EvaBlock
from timm.models.vision_transformer import Block, VisionTransformer

from vit_viz.experiments.embedding import reads_pixels
from vit_viz.families.encoder import acts
from vit_viz.models import Model
from vit_viz.snippets import (
    attention,
    compare,
    distance,
    embedding,
    encoder,
    journey,
    patches,
    position,
    prediction,
    training,
)

Snippet = Callable[..., object]


def attention_layer(model: Model) -> Snippet:
    """Attention of one layer."""
    plain = _has_plain_attention(model)
    return attention.attention_of_one_layer if plain else attention.attention_of_queries_and_keys


def attention_head(model: Model) -> Snippet:
    """One head's mix of values."""
    return attention.attention_of_one_head if _has_plain_attention(model) else attention.mix_of_one_head


def block(model: Model) -> Snippet | None:
    """One encoder block."""
    first = model.module.blocks[0]
    if isinstance(first, EvaBlock):
        return encoder.encoder_block_with_turns
    if isinstance(model.module, Eva):
        return None
    return encoder.encoder_block if isinstance(first, Block) else encoder.encoder_block_norms_after


def mlp(model: Model, layer: int) -> Snippet | None:
    """A block's MLP of two linear layers; None where it has a gate or a norm inside."""
    found = model.module.blocks[layer].mlp
    plain = type(found) is Mlp and not acts(found.norm) and found.fc1.bias is not None
    return encoder.mlp if plain else None


def answers(first: Model, second: Model) -> Snippet:
    """Answers side by side, or how far heads look where one of the two names no classes."""
    both = all(names_classes(model) for model in (first, second))
    return compare.answers_side_by_side if both else distance.mean_attention_distance


def patch_rows(*, from_pixels: bool) -> Snippet:
    """What the rows before the projection are made of."""
    return patches.cut_into_patches if from_pixels else patches.read_by_a_cnn


def projection(*, from_pixels: bool, projects: bool) -> Snippet:
    """From those rows to rows of the model's width."""
    if not projects:
        return patches.read_by_a_cnn
    return embedding.embed_both_ways if from_pixels else embedding.embed_a_cnns_features


def positions(model: Model) -> Snippet | None:
    """How places come in: added rows, or turned queries and keys."""
    module, info = model.module, model.info
    if info.pos_kind == "rotary":
        halves = getattr(module.blocks[0].attn, "rotate_half", False)
        return position.turned_in_halves if halves else position.turned
    if info.pos_kind == "none":
        return None
    plain = info.prefix_names == ("CLS",) and _all_have_positions(model) and not acts(module.norm_pre)
    return position.encoder_input if plain else position.encoder_input_of_rows


def whole_way(model: Model) -> Snippet:
    """From pixels to the answer."""
    return journey.from_pixels_to_probabilities if _is_plain(model) else journey.from_pixels_to_answer


def answer(model: Model) -> Snippet:
    """From the last layer's stream to the answer."""
    if not names_classes(model):
        return prediction.likeness_to_a_patch
    return prediction.answer_of_the_stream if _reads_cls(model) else prediction.answer_of_the_pooled_stream


def head_step(model: Model) -> Snippet | None:
    """One step of training on the head; None where two heads answer together."""
    two_heads = isinstance(model.module, VisionTransformerDistilled)
    return None if two_heads else training.one_step_on_the_head


def names_classes(model: Model) -> bool:
    """Whether the model ends in classes; CLIP's head leads into a space of captions."""
    return bool(model.labels)


def _has_plain_attention(model: Model) -> bool:
    """Norm, one linear layer for q, k and v with its own bias, and nothing that turns or normalises them."""
    first = model.module.blocks[0]
    return type(first) is Block and not (acts(first.attn.q_norm) or acts(first.attn.k_norm))


def _all_have_positions(model: Model) -> bool:
    positions = model.module.get_parameter("pos_embed")
    return positions.shape[1] == model.info.num_tokens


def _reads_cls(model: Model) -> bool:
    """Whether the classifier reads the final norm's first row and nothing else."""
    module = model.module
    one_head = not isinstance(module, VisionTransformerDistilled)
    return one_head and model.info.pool == "token" and not acts(module.get_submodule("fc_norm"))


def _is_plain(model: Model) -> bool:
    """The paper's ViT, LayerScale allowed."""
    module = model.module
    return (
        isinstance(module, VisionTransformer)
        and type(module.blocks[0]) is Block
        and reads_pixels(model)
        and getattr(module.patch_embed.proj, "bias", None) is not None
        and positions(model) is position.encoder_input
        and names_classes(model)
        and _reads_cls(model)
    )
