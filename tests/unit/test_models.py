"""The table, loading by name and by file, input sizes, devices; and a sentence for all that does not fit."""

import builtins
import pickle
import re
from dataclasses import FrozenInstanceError
from functools import cache

import numpy as np
import pytest
import timm
import torch
from helpers import NoInitialisation, redraw, redrawn_model, relative, timm_answer
from safetensors.torch import save_file

from vit_viz import MODELS, devices, load_model, models, trace
from vit_viz.checkpoints import BUNDLED_FILE, bundled_module
from vit_viz.devices import available, choose_device, device_title
from vit_viz.errors import CheckpointError, DeviceError, UnknownModelError, UnsupportedModelError
from vit_viz.model_table import BUNDLED, UNTRAINED, rows_titled
from vit_viz.models import as_model, row_of
from vit_viz.training.config import Config
from vit_viz.training.machine import choose_machine
from vit_viz.training.weights import export_weights

SMALL = "test_vit"  # timm's own: 64 wide, 6 layers, 160 pixels


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    return redraw(timm.create_model(SMALL)).state_dict()


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("weights were asked for")

    monkeypatch.setattr(models, "download_weights", refuse)


# The table


def test_rows_are_unique_and_known_to_timm():
    names = [row.name for row in MODELS]
    assert len({*names}) == len(names) == len({row.title for row in MODELS})
    assert names[0] == BUNDLED
    published = {*timm.list_pretrained()}
    assert {name for name in names if name not in published} == {BUNDLED, UNTRAINED}


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row.name)
def test_rows_fit_their_architecture(row):
    assert row.note.endswith(".")
    if row.name in (BUNDLED, UNTRAINED):
        return
    models._fitting_size(row.name, row.img_size)
    has_classifier = timm.get_pretrained_cfg(row.name).num_classes == 1000
    assert has_classifier != ("No classifier" in row.note or "not a class" in row.note)


def test_untrained_is_the_bundled_architecture_before_its_training(bundled):
    """The same on every machine and in every order of loading: lots are drawn by a seed of its own."""
    torch.manual_seed(7)
    before = torch.get_rng_state()
    model, again = load_model(UNTRAINED, device="cpu"), load_model(UNTRAINED, device="cpu")
    assert torch.equal(torch.get_rng_state(), before)
    own, trained = model.module.state_dict(), bundled.module.state_dict()
    assert {name: value.shape for name, value in own.items()} == {n: v.shape for n, v in trained.items()}
    assert all(torch.equal(value, again.module.state_dict()[name]) for name, value in own.items())
    assert not torch.allclose(own["pos_embed"], trained["pos_embed"], atol=0.01)
    assert model.labels == bundled.labels
    assert model.info.weights == "random initialisation, not trained"


def test_the_page_of_tried_models_is_of_this_table():
    page = (BUNDLED_FILE.parents[2] / "docs" / "models.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^`|]+) \| `(\S+)`", page, re.MULTILINE)
    assert rows == [(row.title, row.name) for row in MODELS]


def test_row_without_its_tag():
    assert row_of("deit_tiny_patch16_224").name == "deit_tiny_patch16_224.fb_in1k"
    assert row_of("no_such_model") is None


@pytest.mark.parametrize("row", MODELS, ids=lambda row: row.name)
def test_an_architecture_alone_has_the_row_of_the_checkpoint_that_timm_loads(row):
    """And never that of another one: CLIP B/16 is by default fine-tuned on ImageNet's classes."""
    architecture, _, tag = row.name.partition(".")
    loaded = timm.get_pretrained_cfg(architecture)
    assert row_of(row.name) is row
    found = row_of(architecture)
    assert found is None or found.name == (f"{architecture}.{loaded.tag}" if tag else row.name)
    assert (found is row) == (not tag or loaded.tag == tag)


def test_pinned_input_size():
    with NoInitialisation():
        model = load_model("vit_small_patch14_dinov2.lvd142m", pretrained=False, device="cpu")
    assert model.info.img_size == (224, 224)
    assert model.info.data_config["input_size"] == (3, 224, 224)
    assert (model.info.learnt_grid, model.info.grid) == ((37, 37), (16, 16))  # trained at 518 pixels
    assert model.labels == ()
    assert model.info.num_classes == 0


# The bundled model


def test_bundled(bundled):
    info = bundled.info
    assert BUNDLED_FILE.is_file()
    assert (info.name, info.title, info.num_classes) == (BUNDLED, MODELS[0].title, len(bundled.labels))
    assert info.num_params == sum(value.numel() for value in bundled.module.parameters())
    assert info.head_dim * info.num_heads == info.embed_dim
    assert all(label and label.isprintable() for label in bundled.labels)
    assert not bundled.module.training
    assert not any(value.requires_grad for value in bundled.module.parameters())
    assert {value.dtype for value in bundled.module.parameters()} == {torch.float32}
    with pytest.raises(FrozenInstanceError):
        bundled.labels = ()


@pytest.mark.parametrize("size", [160, (224, 160), 320])
def test_bundled_at_other_sizes(size, sample):
    model = load_model(img_size=size, device="cpu")
    height, width = (size, size) if isinstance(size, int) else size
    assert (model.info.img_size, model.info.grid) == ((height, width), (height // 16, width // 16))
    assert model.info.data_config["input_size"] == (3, height, width)
    got = trace(model, sample)
    assert got.image.shape == (height, width, 3)
    assert relative(got.logits, timm_answer(model.module, got)) < 1e-5


def test_sizes_do_not_leak_into_the_next_model(bundled):
    load_model(img_size=160, device="cpu")
    assert load_model(device="cpu").info == bundled.info


@pytest.mark.parametrize("name", [BUNDLED, SMALL, "vit_small_r26_s32_224"])
@pytest.mark.parametrize("size", [230, 8, -16, (224, 100)], ids=str)
def test_size_that_does_not_fit(name, size, no_network):
    with pytest.raises(
        CheckpointError, match=r"input size .* multiple of the patch size, (16 × 16|32 × 32)\."
    ):
        load_model(name, img_size=size, device="cpu")


@pytest.mark.parametrize("name", [BUNDLED, SMALL])
@pytest.mark.parametrize("size", [224.0, "224", (224,), (1, 2, 3)], ids=str)
def test_what_is_no_size_is_refused(name, size, no_network):
    with pytest.raises(CheckpointError, match=r"The input size .* is none\. Give pixels as a whole number"):
        load_model(name, img_size=size, device="cpu")


def test_sizes_are_numbers_of_any_kind_and_none_is_left_out():
    assert load_model(img_size=np.int64(32), device="cpu").info.img_size == (32, 32)
    with pytest.raises(CheckpointError, match="input size 0 × 0 must be a multiple"):
        load_model(img_size=0, device="cpu")


def test_the_bundled_model_too_is_not_let_fill_the_machine():
    with pytest.raises(UnsupportedModelError, match=r"bundled needs .* GiB here"):
        load_model(img_size=100_000, device="cpu")


@pytest.mark.parametrize("name", [None, 5, torch.nn.Linear(1, 1)])
def test_what_is_no_name_is_refused(name, no_network):
    with pytest.raises(UnknownModelError, match=r"loaded by its name, .* as_model takes a timm module"):
        load_model(name)


def test_bundled_takes_no_file(tmp_path):
    with pytest.raises(CheckpointError, match="name of its timm architecture"):
        load_model(checkpoint=tmp_path / "any.safetensors")


# Names


@pytest.mark.parametrize("name", ["vit_tiny_patch16_223", "nonsense", "", "timm/deit_tiny_patch16_224"])
def test_unknown_names(name, no_network):
    with pytest.raises(UnknownModelError, match=r"timm has no model named .*looks like"):
        load_model(name)


def test_unknown_name_has_a_hint():
    with pytest.raises(UnknownModelError, match="Did you mean deit"):
        load_model("deit_huge")
    with pytest.raises(UnknownModelError, match="Did you mean deit_tiny_patch16_224"):
        load_model("timm/deit_tiny_patch16_224")
    with pytest.raises(UnknownModelError, match="Did you mean vit_"):  # not convit, which holds these letters
        load_model("vit_nix")


@pytest.mark.parametrize("typed", ["DINOv2", "dino v2"])
def test_a_title_that_is_typed_leads_to_its_rows(typed, no_network):
    with pytest.raises(UnknownModelError) as caught:
        load_model(typed)
    assert (
        f"For {typed} choose DINOv2 S/14 (vit_small_patch14_dinov2.lvd142m) or DINOv2 S/14 registers ("
        in str(caught.value)
    )


def test_rows_by_title():
    assert [row.title for row in rows_titled("dino")][:3] == ["DINO S/16", "DINO S/8", "DINO B/16"]
    assert [row.title for row in rows_titled("vit-s")] == ["ViT-S/16 AugReg", "R26 + ViT-S/32 hybrid"]
    assert rows_titled("deit_huge") == rows_titled(" /") == []


@pytest.mark.parametrize("tag", ["other", ""])
def test_unknown_tag_lists_those_that_are(no_network, tag: str):
    with pytest.raises(UnknownModelError, match=rf"no checkpoint '{tag}'\. There are: fb_in1k"):
        load_model(f"deit_tiny_patch16_224.{tag}")


@pytest.mark.parametrize("name", ["resnet18", "swin_tiny_patch4_window7_224", "beit_base_patch16_224"])
@pytest.mark.parametrize("size", [None, 448])
def test_unsupported_before_any_download(name, size, no_network):
    with pytest.raises(UnsupportedModelError, match="not a plain Vision Transformer"):
        load_model(name, img_size=size)


def test_name_without_published_weights(no_network):
    with pytest.raises(UnknownModelError, match="no published weights"):
        load_model("vit_base_patch16_gap_224")


# Files


def write(path, weights):
    save_file(weights, path) if path.suffix == ".safetensors" else torch.save(weights, path)
    return path


@pytest.mark.parametrize("file", ["w.safetensors", "w.pth", "w.pt"])
def test_file_gives_its_weights(file, tmp_path, weights, sample):
    model = load_model(SMALL, checkpoint=write(tmp_path / file, weights), device="cpu")
    assert all(torch.equal(value, weights[key]) for key, value in model.module.state_dict().items())
    assert model.info.weights == f"file {file}"
    assert len(model.labels) == 1000
    assert model.labels[0].startswith("tench")
    assert model.has_assumed_names
    assert trace(model, sample).logits.shape == (1000,)


@pytest.mark.parametrize("key", ["model", "state_dict", "model_ema"])
def test_state_dict_within_a_training_file(key, tmp_path, weights):
    file = write(tmp_path / "w.pth", {key: weights, "epoch": 3, "lr": 1e-3})
    model = load_model(SMALL, checkpoint=file, device="cpu")
    assert torch.equal(model.module.head.weight, weights["head.weight"])


def test_numbers_beside_the_tensors(tmp_path, weights):
    model = load_model(SMALL, checkpoint=write(tmp_path / "w.pth", weights | {"epoch": 3}), device="cpu")
    assert all(torch.equal(value, weights[key]) for key, value in model.module.state_dict().items())


def test_half_precision_file(tmp_path, weights):
    half = {key: value.half() for key, value in weights.items()}
    model = load_model(SMALL, checkpoint=write(tmp_path / "w.safetensors", half), device="cpu")
    assert {value.dtype for value in model.module.parameters()} == {torch.float32}


def test_another_number_of_classes(tmp_path, weights, sample):
    seven = weights | {key: weights[key][:7].clone() for key in ("head.weight", "head.bias")}
    model = load_model(SMALL, checkpoint=write(tmp_path / "w.safetensors", seven), device="cpu")
    assert (model.info.num_classes, len(model.labels), model.labels[6]) == (7, 7, "class 7")
    assert model.has_numbered_classes
    assert trace(model, sample).probs.shape == (7,)


@pytest.mark.parametrize(
    ("name", "num_classes", "count"),
    [
        ("vit_base_patch32_clip_224.openai", None, 0),  # 512 numbers in the space of captions
        ("vit_base_patch32_clip_224", 512, 0),  # of a file, which is named without its tag
        ("vit_base_patch32_clip_224", 3, 3),  # fine-tuned
        ("vit_small_patch16_224", 512, 512),
        ("vit_small_patch16_224", 1, 0),
        ("vit_base_patch16_siglip_224", 3, 3),  # published without a classifier
        ("vit_base_patch16_siglip_224", 0, 0),
    ],
)
def test_a_head_leads_to_classes_unless_its_publishers_say_otherwise(name, num_classes, count):
    options = {} if num_classes is None else {"num_classes": num_classes}
    model = redrawn_model(name, depth=1, img_size=32, **options)
    assert len(model.labels) == count
    assert model.has_numbered_classes == (count > 0)


def test_named_classes_are_not_numbered(bundled):
    assert not bundled.has_numbered_classes


@pytest.mark.parametrize("classes", [7, 0])
def test_names_that_are_not_given_are_not_assumed(classes):
    assert not as_model(
        timm.create_model(SMALL, num_classes=classes), name=SMALL, device="cpu"
    ).has_assumed_names


def test_names_are_known_where_the_weights_say_what_their_classes_are(
    weights, tmp_path, monkeypatch, bundled
):
    """By timm's list, or by the header that this project writes; a module of one's own says nothing."""
    file = write(tmp_path / "hub.safetensors", weights)
    monkeypatch.setattr(models, "download_weights", lambda *args, **kwargs: file)
    assert not load_model(SMALL, device="cpu").has_assumed_names
    export_weights(weights, {"img_size": 160}, {}, tmp_path / "own.safetensors")
    ours = load_model(SMALL, checkpoint=tmp_path / "own.safetensors", device="cpu")
    assert ours.labels == bundled.labels
    assert not any(
        known.has_assumed_names
        for known in (
            ours,
            bundled,
            load_model(UNTRAINED, device="cpu"),
            as_model(bundled_module(), name="x"),
        )
    )
    assert as_model(timm.create_model(SMALL), name=SMALL, device="cpu").has_assumed_names


def test_file_at_another_input_size(tmp_path, weights, sample):
    file = write(tmp_path / "w.safetensors", weights)
    model = load_model(SMALL, checkpoint=file, img_size=(96, 128), device="cpu")
    got = trace(model, sample)
    assert got.grid == (6, 8)
    assert relative(got.logits, timm_answer(model.module, got)) < 1e-5
    assert torch.equal(model.module.pos_embed[0, 0], weights["pos_embed"][0, 0])  # CLS is not resized


class Harmful:
    def __reduce__(self):
        return exec, ("import builtins; builtins.harm_done = True",)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("content", [Harmful(), {"model": Harmful()}], ids=["bare", "in a dict"])
@pytest.mark.parametrize("save", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))])
def test_code_in_a_file_does_not_run(content, save, tmp_path, monkeypatch):
    monkeypatch.setattr(builtins, "harm_done", False, raising=False)
    save(content, tmp_path / "w.pth")
    with pytest.raises(CheckpointError, match="more than tensors, which could run code, so it is not opened"):
        load_model(SMALL, checkpoint=tmp_path / "w.pth")
    assert builtins.harm_done is False


def test_truncated_files(tmp_path, weights):
    for name in ("w.safetensors", "w.pth"):
        file = write(tmp_path / name, weights)
        file.write_bytes(file.read_bytes()[:-5000])
        with pytest.raises(CheckpointError, match=rf"{name} cannot be read as weights"):
            load_model(SMALL, checkpoint=file)


@pytest.mark.parametrize("name", ["w.safetensors", "w.pth"])
@pytest.mark.parametrize("content", [b"", b"hello", bytes(100), b"\x80\x02" + bytes(50), b"PK\x03\x04no"])
def test_files_of_something_else(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=name):
        load_model(SMALL, checkpoint=tmp_path / name)


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, {}, torch.zeros(3), "text"], ids=str)
def test_files_without_a_state_dict(content, tmp_path):
    with pytest.raises(CheckpointError, match="holds no state dict"):
        load_model(SMALL, checkpoint=write(tmp_path / "w.pth", content))


def test_weights_of_another_architecture(tmp_path, weights):
    file = write(tmp_path / "w.safetensors", weights)
    for name in ("deit_tiny_patch16_224", "eva02_tiny_patch14_224", "test_vit2"):
        with pytest.raises(
            CheckpointError, match=rf"The weights do not fit {name}\. Name the timm architecture"
        ):
            load_model(name, checkpoint=file, device="cpu")
    missing = {key: value for key, value in weights.items() if "blocks.3" not in key}
    with pytest.raises(CheckpointError, match="do not fit test_vit"):
        load_model(SMALL, checkpoint=write(tmp_path / "m.safetensors", missing), device="cpu")


def test_missing_file_and_odd_ending(tmp_path):
    for none in ("none.safetensors", f"{'x' * 300}.pth"):
        with pytest.raises(CheckpointError, match="There is no file"):
            load_model(SMALL, checkpoint=tmp_path / none)
    (tmp_path / "w.zip").write_bytes(b"x")
    with pytest.raises(CheckpointError, match=r"allowed are \.safetensors and \.pth"):
        load_model(SMALL, checkpoint=tmp_path / "w.zip")
    with pytest.raises(
        CheckpointError, match="allowed are"
    ):  # also where it is not there: nothing is told of it
        load_model(SMALL, checkpoint=tmp_path / "none.zip")


# A module of one's own


def test_as_model(sample):
    module = timm.create_model(SMALL, num_classes=3).half()
    model = as_model(redraw(module), name="mine", device="cpu")
    assert (model.info.title, model.info.weights, model.labels) == (
        "mine",
        "as given",
        ("class 1", "class 2", "class 3"),
    )
    got = trace(model, sample)
    assert relative(got.logits, timm_answer(model.module, got)) < 1e-5


def test_as_model_leaves_torchs_switches_readable():
    as_model(redraw(timm.create_model("vit_tiny_patch16_224", depth=1)), name="mine", device="cpu")
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32
    with torch.backends.cudnn.flags(enabled=True):
        pass


def test_as_model_refuses_other_classes():
    with pytest.raises(UnsupportedModelError, match="Linear is not a plain Vision Transformer"):
        as_model(torch.nn.Linear(2, 2), name="line")


GIANT = "vit_so400m_patch14_siglip_gap_896"  # 27 × 16 × 4096² float32 are 27 GiB, twice in a trace


def test_a_model_that_would_fill_the_machine_is_refused_before_its_weights_are_fetched(monkeypatch):
    monkeypatch.setattr(models, "total_memory", lambda: 64 * 2**30)
    monkeypatch.setattr(models, "download_weights", lambda *_, **__: pytest.fail("fetched"))
    with pytest.raises(UnsupportedModelError, match=r"55\.6 GiB.*4096 tokens in 27 layers.*64\.0 GiB.*fewer"):
        load_model(GIANT)
    for room in (128 * 2**30, None):
        monkeypatch.setattr(models, "total_memory", lambda room=room: room)
        assert models._fitting_size(GIANT, None) is None
    monkeypatch.setattr(models, "total_memory", lambda: 64 * 2**30)
    assert models._fitting_size(GIANT, 224) == 224


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "vit_tiny_r_s16_p8_224", "eva02_tiny_patch14_224"])
@pytest.mark.parametrize("channels", [1, 4])
def test_as_model_refuses_pictures_that_are_not_of_three_colours(name, channels):
    module = timm.create_model(name, depth=1, in_chans=channels)
    with pytest.raises(UnsupportedModelError, match=f"{channels} channels.*3.*in_chans=3"):
        as_model(module, name="other channels", device="cpu")


# Devices


def test_device_override(monkeypatch):
    monkeypatch.setenv("VIT_VIZ_DEVICE", "cpu")
    assert choose_device() == torch.device("cpu")
    assert load_model().info.device == torch.device("cpu")
    monkeypatch.setenv("VIT_VIZ_DEVICE", "")
    assert choose_device().type == available()[0]


def test_an_input_that_patches_do_not_cover_is_cut_to_what_they_see():
    assert models._fitting_size("vit_so400m_patch14_siglip_384", None) == (378, 378)
    assert models._fitting_size("vit_so400m_patch14_siglip_384", 392) == 392
    assert models._fitting_size("vit_tiny_patch16_224", None) is None


@pytest.mark.parametrize("wanted", ["nonsense", "cuda:99", "meta", "cpu:3", "xla", "gpu"])
def test_devices_that_are_not_there(wanted, monkeypatch):
    with pytest.raises(DeviceError, match=r"Here: .*cpu.*VIT_VIZ_DEVICE"):
        choose_device(wanted)
    monkeypatch.setenv("VIT_VIZ_DEVICE", wanted)
    with pytest.raises(DeviceError, match=wanted):
        load_model()


def test_cuda_that_is_not_there(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="'cuda' is not on this machine"):
        load_model(device="cuda")
    assert device_title(torch.device("cpu")) == "CPU"


def test_order_of_devices(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device() == torch.device("mps")
    cuda(monkeypatch)
    assert choose_device() == torch.device("cuda")
    assert choose_device("cuda:0") == torch.device("cuda:0")


def cuda(monkeypatch, error: Exception | None = None) -> None:
    """A graphics card whose first kernel, until then untried, runs or raises."""

    def ones(*size, device):
        if error:
            raise error
        return torch.zeros(*size)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch, "ones", ones)
    monkeypatch.setattr(devices, "_has_kernels", cache(devices._has_kernels.__wrapped__))


def test_a_card_that_torch_has_no_kernels_for_is_left_alone(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    cuda(monkeypatch, RuntimeError("CUDA error: no kernel image is available for execution on the device"))
    assert available() == ["cpu"]
    assert choose_device() == choose_machine(Config()).device == torch.device("cpu")
    with pytest.raises(DeviceError, match=r"'cuda' .* or this torch cannot compute on it\. Here: cpu\."):
        choose_device("cuda")


def test_a_full_card_is_still_a_card(monkeypatch):
    cuda(monkeypatch, torch.OutOfMemoryError("CUDA out of memory."))
    assert choose_device() == torch.device("cuda")


def test_who_asks_for_the_cpu_does_not_wake_the_card(monkeypatch):
    cuda(monkeypatch, AssertionError("the card was tried"))
    assert choose_device("cpu") == choose_machine(Config(device="cpu")).device == torch.device("cpu")


def test_full_memory_while_loading(monkeypatch):
    def full(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(torch.nn.Module, "to", full)
    with pytest.raises(DeviceError, match=r"memory of cpu is full: ViT Viz"):
        load_model(device="cpu")
