"""The explicit forward against timm's own, for every architecture of the table and many others."""

from functools import partial

import pytest
import timm
import torch
from helpers import NoInitialisation, answer, redraw, redrawn_model, relative, timm_answer
from timm.models.eva import Eva
from torch import nn

from vit_viz import MODELS, Model, families, load_model, parity, trace
from vit_viz.errors import UnsupportedModelError
from vit_viz.families import encoder, eva, vision_transformer

TOLERANCE = 1e-5
ARCHITECTURES = sorted({row.name.split(".")[0] for row in MODELS})

# What each adds to the table; cut to three layers, which run the same code as twelve.
WIDER = {
    "vit_medium_patch16_gap_240": "no CLS, averages its patches",
    "vit_mediumd_patch16_reg4_gap_256": "registers, averages its patches",
    "vit_base_patch16_rpn_224": "norms after attention and MLP (ResPostBlock)",
    "vit_so150m_patch16_reg4_map_256": "registers and attention pooling",
    "vit_small_patch16_36x1_224": "LayerScale, 36 layers",
    "vit_base_patch32_clip_quickgelu_224": "another activation, a norm before the blocks",
    "vit_tiny_r_s16_p8_224": "hybrid without ResNet stages",
    "deit3_medium_patch16_224": "LayerScale, CLS without a position",
    "aimv2_large_patch14_224": "no biases, gated MLP",
    "beit3_base_patch16_224": "norms inside attention and MLP",
    "eva_large_patch14_196": "absolute positions only, no bias on keys",
    "eva02_base_patch16_clip_224": "rotary and absolute, separate q k v, norm inside attention",
    "vit_base_patch16_rope_reg1_gap_256": "rotary only, one register, averages its patches",
    "vit_small_patch16_rope_mixed_224": "learnt rotation per layer and head",
    "vit_small_patch16_rope_mixed_ape_224": "the same with absolute positions",
    "vit_pe_core_tiny_patch16_384": "rotary and absolute, attention pooling",
    "vit_small_plus_patch16_dinov3": "gated MLP, LayerScale, rotary in halves",
    "vitamin_small_224": "convolutions before it, gated MLP with a norm of its own",
}


def wider_model(name: str) -> Model:
    return redrawn_model(name, depth=3, **({"img_size": 224} if "384" in name else {}))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_table_parity(name, sample):
    with NoInitialisation():
        model = load_model(name, pretrained=False, device="cpu")
    redraw(model.module)
    got = trace(model, sample)
    assert relative(answer(got), timm_answer(model.module, got)) < TOLERANCE
    assert parity(model, got) < TOLERANCE
    assert got.num_tokens == model.info.num_tokens


def test_bundled_parity_with_real_weights(bundled, bundled_trace):
    assert relative(bundled_trace.logits, timm_answer(bundled.module, bundled_trace)) < TOLERANCE


@pytest.mark.parametrize("name", WIDER)
def test_wider_parity(name, sample):
    model = wider_model(name)
    got = trace(model, sample)
    assert relative(answer(got), timm_answer(model.module, got)) < TOLERANCE


@pytest.mark.parametrize("name", WIDER)
def test_the_answer_depends_on_the_tokens_it_is_read_from(name):
    """One token of the last stream is changed at a time: the features follow it, or do not."""
    model = redrawn_model(name, depth=1, **({"img_size": 224} if "384" in name else {}))
    info, first_patch = model.info, len(model.info.prefix_names)
    rows = torch.randn(2, info.num_tokens, info.embed_dim, generator=torch.Generator().manual_seed(0))
    batch = rows[:1].repeat(first_patch + 2, 1, 1)
    for token in range(first_patch + 1):
        batch[token + 1, token] = rows[1, token]
    with torch.inference_mode():
        (output,) = families.resume(model.module, batch, layer=info.depth, grid=info.grid)
    changed = (output.features[1:] - output.features[0]).abs().amax(1) > 1e-6
    assert changed.tolist() == [token in info.read_tokens for token in range(first_patch + 1)]


# Variants that no timm id of a testable size carries.
EVA_OPTIONS = {
    "grouped queries": {"num_kv_heads": 2, "attn_type": "rope", "qkv_fused": False},
    "norms after": {"use_post_norm": True},
    "LayerScale on attention only": {"init_values": 0.1, "attn_only_layer_scale": True},
    "q and k norms": {"qk_norm": True},
}


def small_eva(**options) -> Eva:
    rotary = {"use_rot_pos_emb": True, "rope_type": "dinov3"}
    return Eva(img_size=64, num_classes=10, embed_dim=64, depth=3, num_heads=4, **rotary, **options).eval()


@pytest.mark.parametrize("options", EVA_OPTIONS.values(), ids=EVA_OPTIONS)
def test_eva_options_parity(options):
    assert forward_difference(redraw(small_eva(**options))) < TOLERANCE


@pytest.mark.parametrize("build", [small_eva, partial(timm.create_model, "test_vit")], ids=["Eva", "ViT"])
def test_gated_attention_parity(build):
    module = build()
    for block in module.blocks:
        block.attn.gate = nn.Linear(module.embed_dim, module.embed_dim)
    assert forward_difference(redraw(module.eval())) < TOLERANCE


def forward_difference(module: nn.Module) -> float:
    """Relative difference of the explicit forward to timm's, on a batch of two without preprocessing."""
    pixels = torch.randn(2, 3, *module.patch_embed.img_size, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        *_, output = families.forward(module, pixels)
        expected = module(pixels)
    found = output.features if output.logits is None else output.logits
    return relative(found.numpy(), expected.numpy())


REFUSED = {
    "resnet18": "ResNet",
    "swin_tiny_patch4_window7_224": "SwinTransformer",
    "mvitv2_tiny": "MultiScaleVit",
    "beit_base_patch16_224": "Beit",
    "samvit_base_patch16": "VisionTransformerSAM",
    "naflexvit_base_patch16_gap": "NaFlexVit",
    "cait_xxs24_224": "Cait",
    "vit_base_patch16_18x2_224": "ParallelThingsBlock",
    "vit_base_patch16_xp_224": "ParallelScalingBlock",
    "vit_dlittle_patch16_reg1_gap_256": "DiffAttention",
    "vit_dpwee_patch16_reg1_gap_256": "DiffParallelScalingBlock",
}


@pytest.mark.parametrize(("name", "kind"), REFUSED.items())
def test_refused_by_name(name, kind):
    with torch.device("meta"):
        module = timm.create_model(name)
    with pytest.raises(UnsupportedModelError, match=rf"{kind}.* Supported are "):
        families.family_of(module)


# Deliberate breakages: each must be seen by the parity test, or that test proves nothing.


def drop_scale(monkeypatch, model):
    for block in model.module.blocks:  # timm's fused attention computes 1 / √K itself
        monkeypatch.setattr(block.attn, "scale", model.info.embed_dim**-0.5)


def drop_residual_of_attention(monkeypatch, model):
    whole = encoder.encoder_block

    def broken(z, block, **options):
        layer = whole(z, block, **options)
        return type(layer)(**vars(layer) | {"resid": layer.resid - layer.attn_out})

    monkeypatch.setattr(families, "encoder_block", broken)


def drop_residual_of_stream(monkeypatch, model):
    whole = encoder.encoder_block

    def broken(z, block, **options):
        layer = whole(z, block, **options)
        return type(layer)(**vars(layer) | {"resid": layer.attn_out + layer.mlp_out})

    monkeypatch.setattr(families, "encoder_block", broken)


def drop_part(position: int):
    def breakage(monkeypatch, model):
        family = families.family_of(model.module)
        parts = family.block_parts
        monkeypatch.setattr(
            family,
            "block_parts",
            lambda block: parts(block)._replace(**{encoder.BlockParts._fields[position]: encoder.unchanged}),
        )

    return breakage


def drop_positions(monkeypatch, model):
    monkeypatch.setattr(families.family_of(model.module), "pos_embed", lambda module, grid: None)


def drop_rope(monkeypatch, model):
    monkeypatch.setattr(families.family_of(model.module), "rope", lambda module, grid: None)


def swap_q_and_k(monkeypatch, model):
    family = families.family_of(model.module)
    right = family.qkv

    def broken(attn, h, rope):
        q, k, v = right(attn, h, rope)
        return k, q, v

    monkeypatch.setattr(family, "qkv", broken)


def drop_bias_of_values(monkeypatch, model):
    family = families.family_of(model.module)
    right = family.qkv

    def broken(attn, h, rope):
        q, k, v = right(attn, h, rope)
        bias = attn.v_bias if family is eva else attn.qkv.bias.chunk(3)[2]
        return q, k, v - encoder.split_heads(bias[None, None], attn.num_heads)

    monkeypatch.setattr(family, "qkv", broken)


def drop_final_norm(monkeypatch, model):
    family = families.family_of(model.module)
    right = family.head
    seen: list[torch.Tensor] = []
    whole = encoder.encoder_block

    def remember(z, block, **options):
        layer = whole(z, block, **options)
        seen.append(layer.resid)
        return layer

    monkeypatch.setattr(families, "encoder_block", remember)
    monkeypatch.setattr(family, "head", lambda module, z: right(module, seen[-1]))


def drop_distillation_head(monkeypatch, model):
    monkeypatch.setattr(vision_transformer, "head", lambda module, z: (z[:, 0], module.head(z[:, 0])))


DEIT3, EVA, DINOV3 = "deit3_small_patch16_224", "eva02_tiny_patch14_224", "vit_small_patch16_dinov3"
DISTILLED = "deit_tiny_distilled_patch16_224"
BREAKAGES = [
    *((name, drop_scale) for name in (DEIT3, EVA)),
    *((name, drop_residual_of_attention) for name in (DEIT3, EVA)),
    *((name, drop_residual_of_stream) for name in (DEIT3, EVA)),
    *((name, drop_part(part)) for name in (DEIT3, DINOV3) for part in range(4)),
    *((name, drop_positions) for name in (DEIT3, EVA)),
    *((name, drop_rope) for name in (EVA, DINOV3)),
    *((name, swap_q_and_k) for name in (DEIT3, EVA)),
    *((name, drop_bias_of_values) for name in (DEIT3, EVA)),
    (DEIT3, drop_final_norm),
    (DISTILLED, drop_distillation_head),
]


@pytest.fixture(scope="module")
def small_models() -> dict[str, Model]:
    return {
        name: redrawn_model(name, depth=2, img_size=56 if name == EVA else 64)
        for name in (DEIT3, EVA, DINOV3, DISTILLED)
    }


@pytest.mark.parametrize(
    ("name", "breakage"), BREAKAGES, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_breakage_is_seen(name, breakage, small_models, monkeypatch):
    model = small_models[name]
    assert forward_difference(model.module) < TOLERANCE
    breakage(monkeypatch, model)
    assert forward_difference(model.module) > 100 * TOLERANCE
