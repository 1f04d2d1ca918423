"""What a Trace promises: its shapes and sums, its interventions, and one shared model under many threads."""

import copy
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import torch
from helpers import answer, photo, redrawn_model, relative, timm_answer
from PIL import Image

from vit_viz import (
    Interventions,
    Model,
    Trace,
    ablate,
    attention_distance,
    load_model,
    mask,
    parity,
    prepare,
    relevance,
    trace,
)
from vit_viz.components.attention_payloads import facts
from vit_viz.devices import memory_errors
from vit_viz.errors import DeviceError, PhotoError
from vit_viz.experiments.faithfulness import curve
from vit_viz.experiments.masking import masked_answer
from vit_viz.experiments.patch_maps import rollout_maps

DINOV3, EVA, CLIP = "vit_small_patch16_dinov3", "eva02_tiny_patch14_224", "vit_base_patch16_clip_224"

# One of each kind of prefix, position and reading; None where CLS is not the whole prefix.
KINDS = {
    "deit_tiny_patch16_224": ("CLS",),
    "deit_tiny_distilled_patch16_224": ("CLS", "DIST"),
    "deit3_small_patch16_224": ("CLS",),
    "vit_small_patch14_reg4_dinov2": ("CLS", "REG 1", "REG 2", "REG 3", "REG 4"),
    "vit_base_patch16_siglip_224": (),
    "test_vit2": ("REG",),
    CLIP: ("CLS",),
    DINOV3: ("CLS", "REG 1", "REG 2", "REG 3", "REG 4"),
    EVA: ("CLS",),
    "vit_small_patch16_rope_mixed_ape_224": ("CLS",),
}
ABSOLUTE = [name for name in KINDS if name != DINOV3]
ROTARY = [DINOV3, EVA, "vit_small_patch16_rope_mixed_ape_224"]


@pytest.fixture(scope="module")
def models() -> dict[str, Model]:
    size = {EVA: 70, "vit_small_patch14_reg4_dinov2": 70}
    return {name: redrawn_model(name, depth=2, img_size=size.get(name, 80)) for name in KINDS}


@pytest.fixture(params=["bundled", *KINDS])
def traced(request, models, bundled, bundled_trace, sample) -> tuple[Model, Trace]:
    if request.param == "bundled":
        return bundled, bundled_trace
    model = models[request.param]
    return model, trace(model, sample)


# Invariants


def test_shapes(traced):
    model, got = traced
    info = model.info
    L, H, T, D, K = info.depth, info.num_heads, info.num_tokens, info.embed_dim, info.head_dim
    shapes = {
        "image": (*info.img_size, 3),
        "pixels": (3, *info.img_size),
        "patches": (info.num_patches, *info.patch_size, 3),
        "tokens": (T, D),
        "resid": (L + 1, T, D),
        **dict.fromkeys("qkv", (L, H, T, K)),
        "attn": (L, H, T, T),
        **dict.fromkeys(("attn_out", "mlp_out"), (L, T, D)),
    }
    assert {name: getattr(got, name).shape for name in shapes} == shapes
    assert (got.depth, got.num_heads, got.num_tokens) == (L, H, T)
    assert (got.patch_size, got.grid, got.prefix_names) == (info.patch_size, info.grid, info.prefix_names)
    assert got.num_prefix_tokens == T - info.num_patches
    assert got.features.ndim == 1
    assert (got.pos is None) == ("absolute" not in info.pos_kind)
    assert (got.logits is None) == (info.num_classes == 0)
    if got.logits is not None:
        assert got.logits.shape == (info.num_classes,)


@pytest.mark.parametrize("name", KINDS)
def test_prefix_names(name, models):
    assert models[name].info.prefix_names == KINDS[name]


def test_residual_stream_is_the_sum_of_its_parts(traced):
    _, got = traced
    assert relative(got.resid[:-1] + got.attn_out + got.mlp_out, got.resid[1:]) < 1e-6


def test_stream_starts_at_tokens_and_positions(traced):
    model, got = traced
    start = got.tokens if got.pos is None else got.tokens + got.pos
    norm_pre = model.module.norm_pre
    with torch.inference_mode():
        start = norm_pre(torch.from_numpy(start.copy())).numpy()
    assert relative(start, got.resid[0]) < 1e-6
    assert isinstance(norm_pre, torch.nn.Identity) != (model.info.name == CLIP)


def test_prefix_without_a_slot_has_position_zero(models, sample):
    got = trace(models["vit_small_patch14_reg4_dinov2"], sample)
    assert not got.pos[:5].any()
    assert got.pos[5:].any(axis=1).all()


def test_attention_is_the_softmax_of_the_scores(traced):
    _, got = traced
    assert np.abs(got.attn.sum(-1) - 1).max() < 1e-5
    layer, head = got.depth - 1, got.num_heads - 1
    scores = got.scores(layer, head).astype(np.float64)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    assert np.abs(weights / weights.sum(-1, keepdims=True) - got.attn[layer, head]).max() < 1e-5


def test_head_outputs_make_the_attention_output(models, sample):
    model = models["deit_tiny_patch16_224"]  # no LayerScale: the projection is what is added
    got = trace(model, sample)
    heads = np.concatenate([got.head_out(1, head) for head in range(got.num_heads)], axis=1)
    proj = model.module.blocks[1].attn.proj
    assert relative(heads @ proj.weight.numpy().T + proj.bias.numpy(), got.attn_out[1]) < 1e-5


def test_patches_tile_back_to_the_image(traced):
    _, got = traced
    (rows, cols), rebuilt = got.grid, np.zeros_like(got.image)
    height, width = got.patch_size
    for n, patch in enumerate(got.patches):
        top, left = n // cols * height, n % cols * width
        rebuilt[top : top + height, left : left + width] = patch
    assert rows * cols == len(got.patches)
    assert np.array_equal(rebuilt, got.image)


def test_arrays_are_read_only_and_float32(traced):
    _, got = traced
    names = ("image", "pixels", "patches", "tokens", "pos", "features", "logits", *got.layers._fields)
    for name, value in {name: getattr(got, name) for name in names}.items():
        if value is None:
            continue
        assert value.dtype == (np.uint8 if name in ("image", "patches") else np.float32), name
        assert not value.flags.writeable, name
        with pytest.raises(ValueError, match="read-only"):
            value[...] = 0
    with pytest.raises(FrozenInstanceError):
        got.attn = None


def test_probabilities(bundled_trace, models, sample):
    expected = torch.from_numpy(bundled_trace.logits.copy()).double().softmax(0).numpy()
    assert np.abs(bundled_trace.probs - expected).max() < 1e-6
    assert bundled_trace.probs.sum() == pytest.approx(1)
    assert trace(models[DINOV3], sample).probs is None


def test_nbytes_is_the_memory_of_the_arrays_and_of_the_photo(bundled, sample):
    got, info = trace(bundled, sample), bundled.info
    L, H, T, D, C = info.depth, info.num_heads, info.num_tokens, info.embed_dim, info.num_classes
    numbers = 2 * T * D + (L + 1) * T * D + 3 * L * T * D + L * H * T * T + 2 * L * T * D + D + C
    picture = 224 * 224 * 3
    photo, resized = got.prepared.photo.size, got.prepared.resized.size
    assert got.nbytes == 4 * (numbers + np.prod(photo) + np.prod(resized)) + picture + 4 * picture


def test_facts_of_a_trace_copy_nothing(bundled, sample):
    got = trace(bundled, sample)
    assert facts(got)["head_dim"] == got.head_dim == bundled.info.head_dim
    assert got.layers.q._whole is None


@pytest.mark.parametrize("name", ["q", "k", "v"])
def test_the_tensor_behind_q_k_and_v_is_let_go(bundled, sample, name):
    got = trace(bundled, sample)
    parts = [
        weakref.ref(part) for stack in (got.layers.q, got.layers.k, got.layers.v) for part in stack._parts
    ]
    getattr(got, name)
    assert [part for part in parts if part() is not None] == []


def test_stacks_are_made_once_also_by_many_threads(bundled, sample):
    got = trace(bundled, sample)
    with ThreadPoolExecutor(8) as pool:
        wholes = list(pool.map(lambda _: got.attn, range(32)))
    assert all(whole is wholes[0] for whole in wholes)


def test_prepared_photo_gives_the_same(bundled, bundled_trace, sample):
    again = trace(bundled, prepare(sample, bundled.info.data_config))
    assert np.array_equal(again.logits, bundled_trace.logits)


def test_trace_leaves_the_module_as_it_was(bundled, sample):
    before = {name: value.clone() for name, value in bundled.module.state_dict().items()}
    trace(bundled, sample, interventions=Interventions(drop_heads=frozenset({(0, 0)}), use_pos=False))
    assert all(torch.equal(value, before[name]) for name, value in bundled.module.state_dict().items())
    assert not any(module._forward_hooks for module in bundled.module.modules())
    assert not bundled.module.training


def test_parity_is_large_for_another_answer(bundled, bundled_trace, sample):
    without = trace(bundled, sample, interventions=Interventions(use_pos=False))
    assert parity(bundled, bundled_trace) < 1e-5
    assert parity(bundled, without) > 1e-2


# Interventions, each against something computed without them


def run(model: Model, image: Image.Image, **changes) -> np.ndarray:
    return answer(trace(model, image, interventions=Interventions(**changes)))


@pytest.mark.parametrize("name", KINDS)
def test_dropped_heads_are_zero_columns_of_the_projection(name, models, sample):
    model, dropped = models[name], {(0, 1), (1, 0), (1, 1)}
    cut = copy.deepcopy(model.module)
    K = model.info.head_dim
    for layer, head in dropped:
        cut.blocks[layer].attn.proj.weight[:, head * K : (head + 1) * K] = 0
    expected = timm_answer(cut, trace(model, sample))
    assert relative(run(model, sample, drop_heads=frozenset(dropped)), expected) < 1e-5
    assert relative(run(model, sample), expected) > 1e-3


def test_any_set_of_heads_is_dropped(bundled, sample):
    expected = run(bundled, sample, drop_heads=frozenset({(0, 0)}))
    assert np.array_equal(run(bundled, sample, drop_heads={(0, 0)}), expected)
    assert not np.array_equal(run(bundled, sample), expected)


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"drop_heads": [(0, 0)]}, TypeError, r"drop_heads is a set of \(layer, head\) pairs"),
        ({"drop_heads": {(99, 0)}}, IndexError, "There is no head 0 in layer 99"),
        ({"keep": torch.tensor([-1])}, IndexError, "There is no patch -1 to keep; they are 0 to 195"),
        ({"keep": torch.tensor([196])}, IndexError, "There is no patch 196 to keep"),
        ({"keep": torch.ones(196, dtype=torch.bool)}, TypeError, "keep is one row of whole numbers"),
        ({"arrange": torch.arange(5)}, ValueError, "arrange fills all 196 places; this has 5"),
    ],
)
def test_a_change_that_the_model_has_no_place_for_is_refused(bundled, sample, changes, kind, said):
    with pytest.raises(kind, match=said):
        run(bundled, sample, **changes)


@pytest.mark.parametrize("name", KINDS)
def test_keeping_every_patch_changes_nothing(name, models, sample):
    model = models[name]
    everything = torch.arange(model.info.num_patches)
    assert np.array_equal(run(model, sample, keep=everything), run(model, sample))
    assert np.array_equal(run(model, sample, arrange=everything), run(model, sample))


@pytest.mark.parametrize("name", ["deit_tiny_patch16_224", CLIP])
def test_keeping_no_patch_leaves_cls_alone(name, models, sample):
    model = models[name]
    module = model.module
    with torch.inference_mode():
        z = module.norm_pre(module.cls_token + module.pos_embed[:, :1])
        expected = module.head(module.norm(module.blocks(z))[:, 0])[0].numpy()
    nothing = torch.tensor([], dtype=torch.long)
    assert relative(run(model, sample, keep=nothing), expected) < 1e-5


@pytest.mark.parametrize("name", KINDS)
def test_order_of_tokens_is_of_no_matter(name, models, sample):
    """Patches that move with their positions: attention has no order of its own."""
    model = models[name]
    shuffled = torch.randperm(model.info.num_patches, generator=torch.Generator().manual_seed(1))
    whole = trace(model, sample)
    moved = trace(model, sample, interventions=Interventions(keep=shuffled))
    assert relative(answer(moved), answer(whole)) < 1e-5
    R = whole.num_prefix_tokens
    assert relative(moved.resid[-1, R:], whole.resid[-1, R:][shuffled.numpy()]) < 1e-5
    assert relative(run(model, sample, arrange=shuffled), answer(whole)) > 1e-3


def test_arranged_patches_are_an_arranged_photo(models, sample):
    """Independent of the model: the picture itself is cut and put together anew."""
    model = models["deit_tiny_patch16_224"]
    whole = trace(model, sample)
    shuffled = torch.randperm(model.info.num_patches, generator=torch.Generator().manual_seed(2))
    (rows, cols), (height, width) = whole.grid, whole.patch_size
    cells = whole.patches[shuffled.numpy()].reshape(rows, cols, height, width, 3).transpose(0, 2, 1, 3, 4)
    puzzle = Image.fromarray(cells.reshape(whole.image.shape))
    expected = run_unresized(model, puzzle)
    assert relative(run(model, sample, arrange=shuffled), expected) < 1e-5


def run_unresized(model: Model, image: Image.Image) -> np.ndarray:
    return answer(trace(model, prepare(image, model.info.data_config | {"crop_pct": 1.0})))


@pytest.mark.parametrize("name", ABSOLUTE)
def test_without_positions_is_a_zeroed_table(name, models, sample):
    model = models[name]
    bare = copy.deepcopy(model.module)
    bare.pos_embed.zero_()
    if getattr(bare, "rope", None) is not None:
        bare.rope = Unrotated(bare.rope)
    expected = timm_answer(bare, trace(model, sample))
    assert relative(run(model, sample, use_pos=False), expected) < 1e-5
    assert relative(run(model, sample), expected) > 1e-3


class Unrotated(torch.nn.Module):
    """Angle zero everywhere: sine 0, cosine 1, in timm's layout of both halves side by side."""

    def __init__(self, rope: torch.nn.Module) -> None:
        super().__init__()
        self.rope, self.feat_shape = rope, None

    def get_embed(self, shape=None) -> torch.Tensor:
        sine, cosine = self.rope.get_embed(shape).chunk(2, dim=-1)
        return torch.cat([torch.zeros_like(sine), torch.ones_like(cosine)], dim=-1)


@pytest.mark.parametrize("name", ROTARY)
def test_without_positions_order_is_of_no_matter(name, models, sample):
    model = models[name]
    shuffled = torch.randperm(model.info.num_patches, generator=torch.Generator().manual_seed(3))
    bare = run(model, sample, use_pos=False)
    assert relative(run(model, sample, use_pos=False, arrange=shuffled), bare) < 1e-5
    assert relative(run(model, sample), bare) > 1e-3


def test_fewer_patches_are_fewer_tokens(bundled, sample):
    kept = trace(bundled, sample, interventions=Interventions(keep=torch.tensor([5, 9, 100])))
    assert kept.num_tokens == bundled.info.num_tokens - bundled.info.num_patches + 3
    assert np.abs(kept.attn.sum(-1) - 1).max() < 1e-5


def test_other_input_sizes(sample):
    """Positions are interpolated; a wide picture has more columns than rows."""
    for size, grid in ((160, (10, 10)), ((96, 224), (6, 14))):
        model = load_model(img_size=size, device="cpu")
        got = trace(model, sample)
        assert (got.grid, got.patch_size) == (grid, (16, 16))
        assert parity(model, got) < 1e-5


# One shared model, many readers


@pytest.mark.parametrize("name", ["bundled", DINOV3])
def test_threads_do_not_mix_results(name, models, bundled):
    model = bundled if name == "bundled" else models[name]
    photos = [photo(seed) for seed in range(8)]
    alone = [trace(model, image) for image in photos]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda run: trace(model, photos[run % 8]), range(48)))
    for index, got in enumerate(together):
        expected = alone[index % 8]
        assert relative(answer(got), answer(expected)) < 1e-6
        assert relative(got.attn, expected.attn) < 1e-5
        assert np.array_equal(got.image, expected.image)
    assert relative(answer(alone[0]), answer(alone[1])) > 1e-3


def test_threads_with_and_without_interventions(bundled, sample):
    """What one session drops, another must not miss."""
    changes = [None, Interventions(use_pos=False), Interventions(drop_heads=frozenset({(2, 1)}))]
    alone = [trace(bundled, sample, interventions=change).logits for change in changes]
    with ThreadPoolExecutor(6) as pool:
        jobs = [pool.submit(trace, bundled, sample, interventions=changes[run % 3]) for run in range(24)]
    for run_index, job in enumerate(jobs):
        assert relative(job.result().logits, alone[run_index % 3]) < 1e-6


# What can go wrong


def test_a_full_gpu_leaves_the_cpu():
    with (
        pytest.raises(DeviceError, match="or set VIT_VIZ_DEVICE=cpu"),
        memory_errors(torch.device("cuda"), "It"),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory.")


def test_another_error_stays_what_it_is():
    with pytest.raises(RuntimeError, match="shapes"), memory_errors(torch.device("cpu"), "It"):
        raise RuntimeError("shapes do not fit")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("MPS out of memory"),
        RuntimeError(
            "DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes. Error code 12"
        ),
        MemoryError("Unable to allocate 9 GiB for an array"),
    ],
    ids=repr,
)
def test_full_memory_is_a_sentence(error, bundled, bundled_trace, sample, monkeypatch):
    def full(*args, **kwargs):
        raise error

    monkeypatch.setattr("vit_viz.tracing.forward", full)
    with pytest.raises(DeviceError, match=r"memory of cpu is full.*Choose a smaller model\.$"):
        trace(bundled, sample)
    monkeypatch.setattr(type(bundled.module), "forward", full)
    with pytest.raises(DeviceError, match="is full"):
        parity(bundled, bundled_trace)


def test_other_errors_of_the_device_stay(bundled, sample, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr("vit_viz.tracing.forward", broken)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        trace(bundled, sample)


def test_a_picture_without_pixels_is_refused(bundled):
    with pytest.raises(PhotoError, match="nothing to see"):
        trace(bundled, Image.new("RGB", (0, 20)))


def test_a_photo_prepared_for_another_size_is_refused(bundled, sample):
    """An assertion deep in timm named heights, but not what to do."""
    smaller = load_model(img_size=160, device="cpu")
    other = trace(smaller, sample)
    for run_again in (trace, parity):
        with pytest.raises(
            PhotoError, match="prepared at 160 × 160 px, for another model; this one takes 224 × 224"
        ):
            run_again(bundled, other.prepared if run_again is trace else other)


def test_a_photo_prepared_with_another_mean_is_refused(bundled, sample):
    """Of the same size it passed unnoticed, and the answer was to a photo in other colours."""
    info = replace(bundled.info, data_config=bundled.info.data_config | {"mean": (0.5, 0.5, 0.5)})
    other = trace(replace(bundled, info=info), sample)
    prepared, order = other.prepared, np.arange(196)
    for ask in (
        lambda: trace(bundled, prepared),
        lambda: parity(bundled, other),
        lambda: mask(bundled, prepared, []),
        lambda: masked_answer(bundled, prepared, []),
        lambda: ablate(bundled, prepared, []),
        lambda: relevance(bundled, prepared, 0),
        lambda: attention_distance(bundled, [prepared]),
        lambda: curve(bundled, prepared, order, 0, removal="mean colour"),
        lambda: list(rollout_maps(bundled, [prepared])),
    ):
        with pytest.raises(PhotoError, match=r"mean and std \(0\.5, 0\.5, 0\.5\) .*the photo itself"):
            ask()


def test_a_photo_cut_otherwise_or_prepared_by_another_file_of_the_same_mean_is_taken(bundled, sample):
    config = bundled.info.data_config
    for changes in ({"crop_pct": 1.0}, {"mean": list(config["mean"]), "std": list(config["std"])}):
        assert trace(bundled, prepare(sample, config | changes)).probs.sum() == pytest.approx(1)
