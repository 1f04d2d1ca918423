"""What the journey shows: the trace's arrays, and what is computed beside them, for every family and variant."""

import gzip
import json

import numpy as np
import pytest
import torch
from helpers import DEPTH, painted_rows, photo, redraw, redrawn_model, relative
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_families import EVA_OPTIONS, small_eva
from torch import nn
from torch.nn import functional

from vit_viz import Model, Trace, load_model, trace
from vit_viz.components.journey_payloads import LEVELS, Part, Setting, all_parts, part_payload, signed
from vit_viz.components.journey_routes import journey_routes, journey_urls
from vit_viz.components.payload import unpack
from vit_viz.experiments.journey import (
    base_data,
    class_of,
    head_data,
    journey_facts,
    layer_data,
    loss_gradients,
    mlp_data,
)
from vit_viz.experiments.mlp import mlp_kind
from vit_viz.families import family_of
from vit_viz.models import as_model
from vit_viz.samples import sample_photo, samples
from vit_viz.snippets.journey import from_pixels_to_probabilities
from vit_viz.training_record.card import EVALUATION, card_of, training_card
from vit_viz.training_record.log import FILE, training_curve

TOLERANCE = 1e-5
SETTING = Setting(photo_title="Dog", photo_alt="A dog.", sample="dog")
SMALL = {"depth": 2, "img_size": (64, 96)}  # a grid of 4 × 6
ARCHITECTURES = {
    "vit_tiny_patch16_224": SMALL,
    "vit_medium_patch16_gap_240": SMALL,
    "vit_small_patch14_reg4_dinov2": {"depth": 2, "img_size": 70},
    "deit_tiny_distilled_patch16_224": SMALL,
    "vit_base_patch16_siglip_224": {"depth": 1, "img_size": 64},
    "vit_base_patch16_rpn_224": {"depth": 1, "img_size": 64},
    "vit_base_patch32_clip_quickgelu_224": {"depth": 1},
    "vit_small_r26_s32_224": {"depth": 2},
    "aimv2_large_patch14_224": {"depth": 1, "img_size": 70},
    "beit3_base_patch16_224": {"depth": 1},
    "vit_small_patch16_dinov3": {"depth": 2, "img_size": (64, 96)},
    "eva02_tiny_patch14_224": {"depth": 2, "img_size": 70},
    "vit_small_patch16_rope_mixed_224": {"depth": 2},
}
LAYER, HEAD = 0, 1


@pytest.fixture(scope="module", params=[*ARCHITECTURES, *EVA_OPTIONS, "bundled"])
def pair(request, bundled, bundled_trace) -> tuple[Model, Trace]:
    """A model and its trace."""
    if request.param == "bundled":
        return bundled, bundled_trace
    if request.param in EVA_OPTIONS:
        module = redraw(small_eva(**EVA_OPTIONS[request.param]))
        model = as_model(module, name="small", device="cpu")
    else:
        model = redrawn_model(request.param, **ARCHITECTURES[request.param])
    return model, trace(model, photo())


def expected(model: Model, got: Trace) -> dict[str, np.ndarray]:
    """Every array that the trace holds or that follows from it by one line, by its name in the payload."""
    return {
        "base/tokens": got.tokens,
        "base/resid_in": got.resid[0],
        "base/resid_norm": np.sqrt((got.resid.astype(np.float64) ** 2).sum(-1)),
        "base/features": got.features,
        "layer/resid_before": got.resid[LAYER],
        "layer/attn": got.attn[LAYER],
        "layer/attn_out": got.attn_out[LAYER],
        "layer/resid_mid": got.resid[LAYER + 1] - got.mlp_out[LAYER],
        "layer/concat": np.concatenate([got.head_out(LAYER, head) for head in range(got.num_heads)], axis=-1),
        "mlp/mlp_out": got.mlp_out[LAYER],
        "mlp/resid_after": got.resid[LAYER + 1],
        "head/q": got.q[LAYER, HEAD],
        "head/k": got.k[LAYER, HEAD],
        "head/v": got.v[LAYER, HEAD],
        "head/attn_head": got.attn[LAYER, HEAD],
        "head/head_out": got.head_out(LAYER, HEAD),
    } | ({} if got.pos is None else {"base/pos": got.pos})


def received(model: Model, got: Trace) -> dict[str, tuple[np.ndarray, float]]:
    """What the browser makes of the payload, and how far each value may be off by its stated coarseness."""
    found = {}
    for kind in ("base", "layer", "mlp", "head"):
        arrays, _ = unpack(part_payload(model, got, SETTING, Part(kind, LAYER, HEAD)))
        if kind == "layer":
            attn = {name: arrays.pop(f"attn_{name}") for name in ("codes", "scale", "prefix")}
            found["layer/attn"] = painted_rows(attn), attn["scale"][..., None] * 0.004
        for name, array in arrays.items():
            scale = arrays.get(f"{name}_scale")
            if scale is None:
                found[f"{kind}/{name}"] = array, 1e-5
            else:
                step = scale[..., None] / LEVELS
                found[f"{kind}/{name}"] = array * step, 0.5 * step + 1e-6
    return found


def test_what_arrives_is_the_trace(pair):
    model, got = pair
    arrived = received(model, got)
    for name, values in expected(model, got).items():
        array, allowed = arrived[name]
        assert array.shape == values.shape, name
        room = allowed * max(1.0, np.abs(values).max()) if np.isscalar(allowed) else allowed * 1.001 + 1e-5
        assert (np.abs(array - values) <= room).all(), name


def test_the_mlp_leads_to_the_trace(pair):
    """The second layer of the MLP, on the hidden numbers, gives what the block adds."""
    model, got = pair
    data = mlp_data(model, got, LAYER)
    block = model.module.blocks[LAYER]
    parts = family_of(model.module).block_parts(block)
    hidden = torch.from_numpy(data.hidden.copy())
    with torch.inference_mode():
        added = parts.after_mlp(block.mlp.fc2(block.mlp.norm(hidden)))
        again = parts.after_mlp(block.mlp(torch.from_numpy(data.mlp_normed.copy())))
    assert relative(added.numpy(), got.mlp_out[LAYER]) < TOLERANCE
    assert relative(again.numpy(), got.mlp_out[LAYER]) < TOLERANCE
    kind = mlp_kind(model, LAYER)
    assert data.hidden.shape == data.hidden_pre.shape == (got.num_tokens, kind.width)
    if not kind.gated:
        after = block.mlp.act(torch.from_numpy(data.hidden_pre.copy())).numpy()
        np.testing.assert_allclose(data.hidden, after, atol=1e-6)


def test_patch_times_filter_is_the_value(pair):
    model, got = pair
    base = base_data(model, got)
    assert base.patch_value.shape == (got.grid[0] * got.grid[1],)
    if base.filter is None:
        assert journey_facts(model).embedding == "hybrid"
        np.testing.assert_array_equal(base.patch_value, got.tokens[got.num_prefix_tokens :, base.filter_dim])
        return
    height, width = got.patch_size
    for patch in (0, len(base.patch_value) - 1):
        row, col = divmod(patch, got.grid[1])
        pixels = got.pixels[:, row * height : (row + 1) * height, col * width : (col + 1) * width]
        value = (pixels.astype(np.float64) * base.filter).sum() + base.filter_bias[0]
        assert value == pytest.approx(base.patch_value[patch], abs=1e-4)
    if not journey_facts(model).embed_norm:
        values = got.tokens[got.num_prefix_tokens :, base.filter_dim]
        np.testing.assert_array_equal(base.patch_value, values)


def test_the_read_rows_are_where_the_answer_comes_from(pair):
    model, got = pair
    base = base_data(model, got)
    maps = got.attn.mean(1)
    rows = maps[:, 0] if journey_facts(model).read_token == 0 else maps[:, got.num_prefix_tokens :].mean(1)
    np.testing.assert_allclose(base.cls_attn, rows, atol=1e-6)
    np.testing.assert_allclose(base.cls_attn.sum(-1), 1, atol=1e-5)


def test_everything_is_read_only_float32(pair):
    model, got = pair
    layer, head = layer_data(model, got, LAYER), head_data(got, LAYER, HEAD)
    for part in (base_data(model, got), layer, mlp_data(model, got, LAYER), head):
        for name, array in vars(part).items():
            if isinstance(array, np.ndarray):
                assert array.dtype == np.float32, name
                assert not array.flags.writeable, name


FACTS = {
    "vit_tiny_patch16_224": {"read_token": 0, "final_norm": True},
    "vit_medium_patch16_gap_240": {"read_token": None, "final_norm": True},
    "vit_base_patch32_clip_quickgelu_224": {"norm_pre": True, "read_token": 0},
    "vit_small_r26_s32_224": {"embedding": "hybrid"},
    "aimv2_large_patch14_224": {"embed_norm": True, "read_token": None},
}


@pytest.mark.parametrize("name", FACTS)
def test_facts(name):
    facts = vars(journey_facts(redrawn_model(name, **ARCHITECTURES[name])))
    assert {key: facts[key] for key in FACTS[name]} == FACTS[name]


def test_kinds_of_mlp():
    gated = mlp_kind(redrawn_model("aimv2_large_patch14_224", depth=1, img_size=70))
    assert (gated.activation, gated.gated) == ("SiLU", True)
    plain = mlp_kind(redrawn_model("beit3_base_patch16_224", depth=1))
    assert (plain.gated, plain.norm_inside, plain.width) == (False, True, 3072)
    first = mlp_kind(redrawn_model("vitamin_small_224", depth=1))
    assert (first.gated, first.norm_first, first.norm_inside, first.width) == (True, True, False, 768)


# The loss and its gradient


def timms_own_gradients(model: Model, got: Trace, label: int) -> list[np.ndarray]:
    """Length of the gradient token by token, through timm's own blocks and head."""
    streams = [torch.from_numpy(got.resid[0].copy())[None].requires_grad_()]
    for block in model.module.blocks:
        streams.append(block(streams[-1]))
    logits = model.module.forward_head(model.module.norm(streams[-1]))
    loss = functional.cross_entropy(logits, torch.tensor([label]))
    return [gradient[0].norm(dim=-1).numpy() for gradient in torch.autograd.grad(loss, streams)]


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "vit_medium_patch16_gap_240", "bundled"])
def test_gradients_are_timms(name, bundled, sample):
    model = bundled if name == "bundled" else redrawn_model(name, **ARCHITECTURES[name])
    got = trace(model, sample)
    found, wanted = loss_gradients(model, got, 3), timms_own_gradients(model, got, 3)
    assert found.shape == (got.depth + 1, got.num_tokens)
    for layer, row in enumerate(wanted):
        np.testing.assert_allclose(found[layer], row, rtol=1e-3, atol=1e-6 * found.max())


def test_only_cls_hears_the_loss_after_the_last_layer(bundled, bundled_trace):
    """Under CLS pooling the patches' last rows reach no logit: their gradient is exactly 0."""
    found = loss_gradients(bundled, bundled_trace, 7)
    assert (found[-1, 1:] == 0).all()
    assert found[-1, 0] > 0
    assert (found[0] > 0).all()


def test_gradients_leave_no_mark_on_the_shared_model(bundled, bundled_trace):
    loss_gradients(bundled, bundled_trace, 7)
    assert not any(value.requires_grad or value.grad is not None for value in bundled.module.parameters())


def test_loss_is_minus_log_p(bundled, bundled_trace):
    target = base_data(bundled, bundled_trace, 207).target
    assert target.loss == pytest.approx(-np.log(bundled_trace.probs[207]))
    assert target.label == 207


def test_no_classifier_no_loss():
    model = redrawn_model("vit_small_patch14_reg4_dinov2", depth=1, img_size=70)
    assert base_data(model, trace(model, photo()), 3).target is None


def test_classes_of_samples(bundled):
    known = samples()
    assert class_of(bundled, known["dog"].synset) == 235
    assert "German shepherd" in bundled.labels[235]
    assert class_of(bundled, known["flower"].synset) is None
    headless = redrawn_model("vit_small_patch14_reg4_dinov2", depth=1, img_size=70)
    assert class_of(headless, known["dog"].synset) is None


# The classifier, and what formulas may say


def test_the_read_row_and_the_first_classes_lead_to_the_logits(bundled, bundled_trace):
    base = base_data(bundled, bundled_trace)
    with torch.inference_mode():
        normed = bundled.module.norm(torch.from_numpy(base.read_row.copy())).numpy()
    np.testing.assert_allclose(normed, base.features, atol=1e-5)
    order = np.argsort(-bundled_trace.probs)[:5]
    bias = bundled.module.head.bias.detach().numpy()[order]
    logits = base.top_weight.astype(np.float64) @ base.features + bias
    np.testing.assert_allclose(logits, bundled_trace.logits[order], atol=1e-4)


def test_no_row_is_read_where_patches_are_averaged_and_none_alone_where_two_are():
    averaging = redrawn_model("vit_medium_patch16_gap_240", **SMALL)
    assert base_data(averaging, trace(averaging, photo())).read_row is None
    distilled = redrawn_model("deit_tiny_distilled_patch16_224", **SMALL)
    assert base_data(distilled, trace(distilled, photo())).top_weight is None
    assert journey_facts(distilled).read_rows == 2


@pytest.mark.parametrize(
    ("name", "biases"),
    [
        ("vit_tiny_patch16_224", ("embed", "qkv", "out", "mlp", "head")),
        ("vit_medium_patch16_gap_240", ("embed", "out", "mlp", "head")),
        ("aimv2_large_patch14_224", ("embed",)),
    ],
)
def test_biases_are_named_where_the_model_has_them(name, biases):
    assert journey_facts(redrawn_model(name, **ARCHITECTURES[name])).biases == biases


def test_the_card_is_the_evaluation():
    card = training_card()
    evaluation = json.loads(EVALUATION.read_text())
    figures = evaluation["models"]["vit_viz"]
    assert card.teacher_top1 == evaluation["teacher"]["all"]["top1"]
    assert card.never_seen_top1 == figures["kept_out"]["never seen"]["top1"]
    assert card.never_seen_photos == figures["kept_out"]["never seen"]["labelled"]
    assert card.run == figures["training"]["name"]


def test_a_card_of_a_run_without_teacher_or_past():
    card = card_of({"training": {"name": "first"}, "kept_out": {}})
    assert (card.run, card.teacher, card.started_from) == ("first", "", "")
    assert (card.never_seen_top1, card.never_seen_photos) == (None, 0)


# Quantisation and blobs


def test_codes_by_hand():
    sent = signed({"x": np.array([[2.0, -1.0, 0.0], [0.0, 0.0, 0.0]], np.float32)})
    np.testing.assert_array_equal(sent["x"], np.array([[127, -64, 0], [0, 0, 0]], np.int8))
    np.testing.assert_array_equal(sent["x_scale"], np.array([2, 0], np.float32))


def test_parts_have_names_of_their_own(bundled_trace):
    names = [part.name for part in all_parts(bundled_trace)]
    L, H = bundled_trace.depth, bundled_trace.num_heads
    assert len(set(names)) == len(names) == 1 + 2 * L + L * H
    assert {"base", "layer/0", f"layer/{L - 1}/mlp", f"layer/{L - 1}/head/3"} <= set(names)


def test_meta_of_a_labelled_sample(bundled):
    got = trace(bundled, sample_photo("dog"))
    arrays, meta = unpack(part_payload(bundled, got, SETTING, Part("base")))
    assert meta["label"] == {"index": 235, "name": "German shepherd"}
    assert meta["loss"] == pytest.approx(-np.log(got.probs[235]), rel=1e-6)
    assert meta["batch"][meta["picked"]]["title"] == "Dog"
    assert len(meta["batch"]) == len(arrays["batch_thumbs"]) == 8
    order = np.argsort(-got.probs)[:5]
    assert [guess["index"] for guess in meta["top5"]] == order.tolist()
    assert meta["assumed_names"] is False
    np.testing.assert_allclose([guess["prob"] for guess in meta["top5"]], got.probs[order])
    np.testing.assert_allclose([guess["logit"] for guess in meta["top5"]], got.logits[order])
    grad = base_data(bundled, got, 235).target.grad_token
    np.testing.assert_allclose(arrays["grad_norm"] ** 2, (grad**2).sum(-1), rtol=1e-5)
    assert meta["crop"]["box"] == list(got.prepared.crop_box)


def test_an_upload_comes_first_and_has_no_label(bundled, bundled_trace):
    setting = Setting(photo_title="holiday.jpg", photo_alt="Your photo holiday.jpg.")
    arrays, meta = unpack(part_payload(bundled, bundled_trace, setting, Part("base")))
    assert (meta["picked"], meta["label"], meta["loss"]) == (0, None, None)
    assert meta["batch"][0] == {"title": "holiday.jpg", "label": None}
    assert "grad_norm" not in arrays


def test_outputs_without_names_are_no_answer():
    model = redrawn_model("vit_base_patch32_clip_quickgelu_224", depth=1)
    _, meta = unpack(part_payload(model, trace(model, photo()), SETTING, Part("base")))
    assert meta["C"] > 0
    assert (meta["top5"], meta["label"]) == ([], None)


def test_first_load_of_a_base_model_is_small():
    model = load_model("vit_base_patch16_224", pretrained=False, device="cpu")
    got = trace(model, sample_photo("dog"))
    first = [Part("base"), Part("layer", 0), Part("head", 0, 0)]
    assert sum(len(gzip.compress(part_payload(model, got, SETTING, part), 1)) for part in first) < 3e6


def test_small_heads_hold_what_the_rest_follows_from(bundled, bundled_trace):
    arrays, _ = unpack(part_payload(bundled, bundled_trace, SETTING, Part("head", 2, 1), small=True))
    assert set(arrays) == set("qkv")
    for name in "qkv":
        np.testing.assert_array_equal(arrays[name], getattr(bundled_trace, name)[2, 1])


def test_the_training_curve_is_the_log():
    curve = training_curve()
    header, *lines = FILE.read_text().splitlines()
    columns = header.split(",")
    rows = [dict(zip(columns, line.split(","), strict=True)) for line in lines]
    last = [row for row in rows if row["loss"]][-1]
    assert curve.views[-1] == float(last["views"])
    assert curve.loss[-1] == pytest.approx(float(last["loss"]))
    assert len(curve.views) == sum(bool(row["loss"]) for row in rows)
    assert len(curve.top1) == sum(bool(row["kept_out_top1"]) for row in rows)


# Routes


@pytest.fixture(scope="module")
def client(bundled, bundled_trace) -> TestClient:
    def find_part(trace_id: str, part: Part) -> bytes | None:
        payload = part_payload(bundled, bundled_trace, SETTING, part)
        return gzip.compress(payload, 1) if trace_id == "known" else None

    traces = {"known": bundled_trace, "its model is gone": bundled_trace}
    return TestClient(Starlette(routes=journey_routes(traces.get, find_part)))


@pytest.mark.parametrize("kind", ["base", "layer", "mlp", "head"])
def test_addresses_carry_the_parts(client, bundled, bundled_trace, kind):
    url = journey_urls("known")[kind].replace("{layer}", "3").replace("{head}", "2")
    response = client.get(url)
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-encoding"] == "gzip"
    assert response.content == part_payload(bundled, bundled_trace, SETTING, Part(kind, 3, 2))


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("other/base", 404, "no longer in memory"),
        ("its model is gone/base", 404, "Reload the page"),
        (f"known/layer/{DEPTH}", 422, f"count from 0 to {DEPTH - 1}"),
        ("known/layer/0/head/-1", 422, "There is no head"),
    ],
)
def test_errors_are_sentences(client, path, status, words):
    response = client.get(f"/vit_viz/journey/{path}")
    assert response.status_code == status
    assert words in response.text


def test_check_sees_a_wrong_norm(bundled, bundled_trace, monkeypatch):
    """The test of the MLP can fail: without the block's second norm its numbers lead elsewhere."""
    family = family_of(bundled.module)
    parts = family.block_parts
    monkeypatch.setattr(family, "block_parts", lambda block: parts(block)._replace(before_mlp=nn.Identity()))
    with pytest.raises(AssertionError):
        test_the_mlp_leads_to_the_trace((bundled, bundled_trace))


def test_the_snippet_gives_the_models_probabilities(bundled, bundled_trace):
    with torch.inference_mode():
        probs = from_pixels_to_probabilities(
            bundled.module, torch.from_numpy(bundled_trace.pixels.copy()), bundled_trace.patch_size[0]
        )
    np.testing.assert_allclose(probs.numpy(), bundled_trace.probs, atol=1e-6)
