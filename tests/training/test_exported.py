"""The exported file: plain timm loads it, the core traces it, the figures are right."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from timm.models.vision_transformer import VisionTransformer

from vit_viz import open_photo, prepare, trace
from vit_viz.checkpoints import load_exported, read_header
from vit_viz.errors import CheckpointError, TrainingError
from vit_viz.experiments.distance import distances_of_batch
from vit_viz.models import as_model
from vit_viz.training import __main__ as command
from vit_viz.training.augment import plain_views
from vit_viz.training.data import load_photos
from vit_viz.training.distill import Teacher, load_teacher
from vit_viz.training.evaluate import (
    Answers,
    accuracy,
    accuracy_by_group,
    answers,
    attention_distances,
    block_errors,
    exported_model,
    pixels,
    position_correlation,
)
from vit_viz.training.loop import train
from vit_viz.training.weights import averaged, deepened

BUNDLED = Path(__file__).parents[2] / "assets" / "model" / "vit_viz.safetensors"


@pytest.fixture(scope="module")
def exported(config, tmp_path_factory) -> tuple[Path, object]:
    """A file exported from a short run, and that run."""
    folder = tmp_path_factory.mktemp("exported")
    run = train(config, folder, steps=20)
    file = folder / "model" / "tiny.safetensors"
    command.run_export(folder, file, "tiny")
    return file, run


def test_plain_timm_loads_the_file_with_nothing_else(exported):
    file, run = exported
    with safe_open(file, "pt") as opened:
        header = json.loads(opened.metadata()["vit_viz"])
    model = VisionTransformer(**header["args"])
    model.load_state_dict(load_file(file))
    for name, value in model.state_dict().items():
        torch.testing.assert_close(value, run.ema[name].half().float(), rtol=0, atol=0)


def test_a_deeper_model_takes_shorter_steps(exported, end_to_end):
    """Where blocks add the same to every stream, twice as many of half the length end in the same place."""
    weights = {name: value.float() for name, value in load_file(exported[0]).items()}
    for name in weights:
        if "attn.proj.weight" in name or "mlp.fc2.weight" in name:
            weights[name].zero_()
    config = replace(end_to_end, depth=4)
    deeper = VisionTransformer(**config.student_args()).eval()
    deeper.load_state_dict(deepened(weights, 4))
    shallow = load_exported(exported[0])
    shallow.load_state_dict(weights)
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        torch.testing.assert_close(deeper(images), shallow(images))


def test_training_starts_from_a_shallower_file(exported, end_to_end, tmp_path):
    config = replace(end_to_end, depth=4, init=str(exported[0]), lr=0.0, weight_decay=0.0)
    run = train(config, tmp_path, steps=1)
    first, second = (run.ema[f"blocks.{i}.mlp.fc2.weight"] for i in (2, 3))
    torch.testing.assert_close(first + second, load_exported(exported[0]).blocks[1].mlp.fc2.weight)
    assert run.started_from["name"] == "tiny"


def test_a_depth_that_blocks_cannot_be_copied_into_is_refused(exported):
    with pytest.raises(TrainingError, match="has 2 blocks, which cannot become 3"):
        deepened(load_file(exported[0]), 3)


def test_header_tells_how_it_was_trained(exported):
    training = read_header(exported[0])["training"]
    assert training["name"] == "tiny"
    assert training["views"] == 20 * 16


def test_log_ships_beside_the_file_and_fits(exported, tmp_path):
    file, _ = exported
    shipped = file.with_name("training_log.csv").read_text().splitlines()
    assert shipped[0].startswith("step,views")
    long = tmp_path / "log.csv"
    rows = [f"{i},{'0.5' if i % 100 == 0 else ''}" for i in range(2000)]
    long.write_text("\n".join(["step,kept_out_agreement", *rows]) + "\n")
    command.thin_log(long, tmp_path / "short.csv", limit=3000)
    short = (tmp_path / "short.csv").read_text().splitlines()
    assert len("\n".join(short)) < 3000
    assert {f"{i},0.5" for i in range(0, 2000, 100)} <= set(short)


def test_exported_model_traces_with_parity(exported):
    module = load_exported(exported[0])
    model = as_model(module, name="tiny", device="cpu")
    photo = open_photo(Image.fromarray(np.random.default_rng(0).integers(0, 255, (50, 60, 3), np.uint8)))
    traced = trace(model, photo)
    with torch.no_grad():
        pixels = torch.from_numpy(prepare(photo, model.info.data_config).pixels.copy())
        expected = module(pixels[None])[0].numpy()
    np.testing.assert_allclose(traced.logits, expected, rtol=1e-4, atol=1e-5)


def test_training_goes_on_from_an_exported_file(exported, end_to_end, tmp_path):
    file, _ = exported
    config = replace(end_to_end, init=str(file), init_saw="sharp", lr=0.0, weight_decay=0.0)
    run = train(config, tmp_path, steps=1)
    assert run.started_from["name"] == "tiny"
    command.run_export(tmp_path, tmp_path / "next.safetensors", "next")
    assert read_header(tmp_path / "next.safetensors")["training"]["maybe_seen"] == ["sharp"]
    for name, value in load_file(file).items():
        torch.testing.assert_close(run.ema[name], value.float())


def test_a_file_of_another_program_is_refused_as_exported(tmp_path):
    save_file({"x": torch.ones(1)}, tmp_path / "other.safetensors")
    with pytest.raises(CheckpointError, match="header"):
        load_exported(tmp_path / "other.safetensors")


def test_bundled_file_is_small_enough_and_has_its_own_card():
    header = read_header(BUNDLED)
    assert BUNDLED.stat().st_size <= 12_000_000
    assert header["args"]["num_classes"] == 1000
    card = BUNDLED.with_name("README.md").read_text()
    assert f"depth={header['args']['depth']}" in card.replace("\n", " ")


def test_accuracy_by_hand():
    top = torch.tensor([[3, 1, 2, 4, 5], [1, 3, 2, 4, 5], [9, 8, 7, 6, 5], [0, 1, 2, 3, 4]])
    teacher = Answers(torch.tensor([[3, 0, 0, 0, 0], [3, 0, 0, 0, 0], [0] * 5, [7] * 5]))
    label = torch.tensor([3, 5, 0, -1])
    figures = accuracy(Answers(top), teacher, label, torch.ones(4, dtype=torch.bool))
    assert figures == {
        "photos": 4,
        "labelled": 3,
        "agreement": 0.25,
        "teacher_in_top5": 0.5,
        "top1": round(1 / 3, 4),
        "top5": round(2 / 3, 4),
    }


def test_figures_by_source_leave_out_what_may_have_been_seen(config):
    photos = load_photos(config, kept_out=True)
    teacher = answers(load_teacher(config).model, photos)
    groups = accuracy_by_group(teacher, teacher, photos, seen={"small"})
    assert list(groups) == ["all", "never seen", "sharp"]
    assert groups["all"]["agreement"] == 1
    groups = accuracy_by_group(teacher, teacher, photos, seen={"sharp"})
    assert groups["never seen"] == {"photos": 0, "labelled": 0} | dict.fromkeys(
        ("agreement", "teacher_in_top5")
    )


def test_position_correlation_is_minus_one_where_similarity_falls_with_distance():
    """On a 1 x 3 grid with positions at 0, 45 and 90 degrees: cosines 0.71, 0.71, 0 at 1, 1, 2."""
    model = VisionTransformer(img_size=(8, 24), patch_size=8, embed_dim=2, depth=1, num_heads=1)
    root = 0.5**0.5
    model.pos_embed.data = torch.tensor([[[9.0, 9.0], [1, 0], [root, root], [0, 1]]])
    assert position_correlation(model) == pytest.approx(-1)


def test_exported_weights_can_be_averaged_with_other_files(exported, end_to_end, tmp_path):
    file, folder = exported[0], tmp_path / "run"
    train(end_to_end, folder, steps=2)
    command.run_export(folder, tmp_path / "own.safetensors", "own")
    command.run_export(folder, tmp_path / "mean.safetensors", "mean", [file])
    other, own, mean = (
        load_exported(path).state_dict()
        for path in (file, tmp_path / "own.safetensors", tmp_path / "mean.safetensors")
    )
    for name, value in mean.items():
        torch.testing.assert_close(value, (other[name] + own[name]) / 2, rtol=2e-3, atol=1e-5)
    assert read_header(tmp_path / "mean.safetensors")["training"]["averaged_with"] == ["tiny"]
    with pytest.raises(TrainingError, match="one architecture"):
        averaged([own, {name: value[None] for name, value in other.items()}])


def test_blocks_that_are_the_teachers_have_no_error_and_a_changed_one_has(config):
    """The last MLP adds its bias alone: nothing of its error reaches the blocks before it."""
    photos, teacher = load_photos(config, kept_out=True), load_teacher(config)
    module = VisionTransformer(**config.student_args() | {"depth": 4}).eval()
    module.load_state_dict(teacher.model.state_dict())
    module.pretrained_cfg = teacher.model.pretrained_cfg
    found = block_errors(module, teacher, photos)
    np.testing.assert_allclose([found["forced"], found["own"]], 0, atol=1e-4)
    module.blocks[3].mlp.fc2.weight.data[:] = 0
    found = block_errors(module, teacher, photos)
    for errors in found.values():
        np.testing.assert_allclose(errors[:3], 0, atol=1e-4)
        assert errors[3] > 0.01
    assert found["forced"][3] > found["own"][3]  # a share of the change, and of the whole stream


def test_blocks_are_compared_at_their_own_size_with_a_teacher_that_has_registers(config):
    """Registers that nobody looks at leave the teacher's CLS and patches as they are without them."""
    torch.manual_seed(0)
    args = config.student_args() | {"depth": 4}
    module = VisionTransformer(**args).eval()
    module.pretrained_cfg = {"input_size": (3, 32, 32)}
    larger = VisionTransformer(**args | {"img_size": 64}, reg_tokens=3, dynamic_img_size=True).eval()
    weights = module.state_dict() | {"reg_token": torch.zeros(1, 3, 32)}
    weights["pos_embed"] = torch.zeros_like(larger.pos_embed)  # fitted to 32 px these are zeros too
    larger.load_state_dict(weights)
    module.pos_embed.data.zero_()
    for block in (*module.blocks, *larger.blocks):
        block.attn.proj.weight.data.zero_()  # tokens do not meet
    found = block_errors(module, Teacher(larger, config), load_photos(config, kept_out=True))
    np.testing.assert_allclose([found["forced"], found["own"]], 0, atol=1e-4)
    assert len(found["own"]) == 4


def test_blocks_are_compared_with_a_teacher_of_the_same_only(exported, config):
    photos, teacher = load_photos(config, kept_out=True), load_teacher(config)
    assert block_errors(load_exported(exported[0]), teacher, photos) == {"forced": [], "own": []}


def test_attention_distance_of_uniform_attention(config):
    """All queries and keys alike: every row is 1/17 everywhere; mean distance of a 4 x 4 grid."""
    model = VisionTransformer(**config.student_args())
    model.pretrained_cfg = {"input_size": (3, 32, 32)}
    for block in model.blocks:
        block.attn.qkv.weight.data[:64] = 0
        block.attn.qkv.bias.data[:64] = 0
    figures = attention_distances(
        as_model(model, name="uniform", device="cpu"), load_photos(config, kept_out=True)
    )
    cells = [(r, c) for r in range(4) for c in range(4)]
    total = sum(8 * np.hypot(a - c, b - d) for a, b in cells for c, d in cells)
    np.testing.assert_allclose(figures["distance"], total / 16 / 17, rtol=1e-4)
    np.testing.assert_allclose(figures["renormalised"], total / 16 / 16, rtol=1e-4)
    np.testing.assert_allclose(figures["prefix_mass"], 1 / 17, rtol=1e-3)
    for spread in figures["standard_deviation"].values():
        np.testing.assert_allclose(spread, 0, atol=1e-4)


def test_a_head_that_looks_at_cls_alone_has_no_distance(config):
    """Its rows have no weight on patches to be divided by; that counts as 0 and leaves the average a number."""
    model = VisionTransformer(**config.student_args())
    model.pretrained_cfg = {"input_size": (3, 32, 32)}
    signs = torch.tensor([1.0, -1.0] * 16)
    model.cls_token.data[:] = signs
    for nothing in (model.pos_embed, model.patch_embed.proj.weight, model.patch_embed.proj.bias):
        nothing.data[:] = 0
    qkv = model.blocks[0].attn.qkv
    qkv.weight.data[:32], qkv.weight.data[32:64] = 0, torch.eye(32)  # keys are the normalised tokens
    qkv.bias.data[:32] = 1000 * signs  # every query is CLS's own key, enlarged
    figures = attention_distances(
        as_model(model, name="cls", device="cpu"), load_photos(config, kept_out=True)
    )
    assert (figures["distance"][0], figures["renormalised"][0]) == ([0.0] * 2, [0.0] * 2)
    assert figures["prefix_mass"][0] == [1.0] * 2
    assert np.isfinite(figures["renormalised"]).all()


def test_attention_distance_has_its_spread_over_the_photos(exported, config):
    model, photos = exported_model(exported[0]), load_photos(config, kept_out=True)
    one_by_one = [pixels(model.module, photos, torch.tensor([index])) for index in range(4)]
    each = [distances_of_batch(model, photo)[0, 0] for photo in one_by_one]
    figures = attention_distances(model, photos)
    np.testing.assert_allclose(figures["distance"], np.mean(each, axis=0), atol=1e-4)
    spread = figures["standard_deviation"]["distance"]
    np.testing.assert_allclose(spread, np.std(each, axis=0, ddof=1), atol=1e-4)
    assert np.max(spread) > 1e-3


def test_evaluate_command_writes_figures_and_pictures(exported, config, tmp_path, monkeypatch, capsys):
    file, _ = exported
    options = [f"--{k}={getattr(config, k.replace('-', '_'))}" for k in ("data", "teacher", "decode-sizes")]
    monkeypatch.setattr(sys, "argv", ["x", "evaluate", str(file), str(file), f"--out={tmp_path}", *options])
    command.main()
    figures = json.loads((tmp_path / "evaluation.json").read_text())
    assert figures["photos"] == 4
    assert figures["models"]["tiny"]["kept_out"]["all"]["photos"] == 4
    assert json.loads((tmp_path / "attention_distance.json").read_text())["photos"] == 4
    for name in ("position_similarity.png", "attention_distance.png", "rollout.jpg", "curves.png"):
        assert np.asarray(Image.open(tmp_path / name)).std() > 1
    assert "| all | 4 |" in capsys.readouterr().out


def test_every_option_of_a_run_can_be_given_on_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["x", "train", "--help"])
    with pytest.raises(SystemExit) as stop:
        command.main()
    assert stop.value.code == 0
    assert "--anneal-minutes" in capsys.readouterr().out


def test_evaluation_takes_no_option_that_it_does_not_read(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["x", "evaluate", "a.safetensors", "--out=b", "--device=cuda"])
    with pytest.raises(SystemExit) as stop:
        command.main()
    assert stop.value.code == 2
    assert "--device=cuda" in capsys.readouterr().err


def refused(monkeypatch, capsys, *arguments: object) -> str:
    """What a command says before it leaves with 2."""
    monkeypatch.setattr(sys, "argv", ["x", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        command.main()
    assert stop.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]  # before it the log of a run
    assert said.startswith("python -m vit_viz.training: error: ")
    return said


# files that are no exported model, each with the words that tell so
NO_MODELS = {
    "text.txt": "not a weight file",
    "text.safetensors": "that is whole",
    "other.safetensors": "its header",
    "odd.safetensors": "its header",
    "lies.safetensors": "other weights",
    "w.pth": "its header",
    "missing.safetensors": "There is no file",
}


@pytest.fixture
def no_models(tmp_path) -> Path:
    """The folder that they are in."""
    weights = {"x": torch.ones(1)}
    header = {"args": {"depth": 1, "embed_dim": 32, "num_heads": 2}, "preprocessing": {}, "training": {}}
    for name in ("text.txt", "text.safetensors"):
        (tmp_path / name).write_text("no weights")
    save_file(weights, tmp_path / "other.safetensors")
    save_file(weights, tmp_path / "odd.safetensors", {"vit_viz": "[1"})
    save_file(weights, tmp_path / "lies.safetensors", {"vit_viz": json.dumps(header)})
    torch.save(weights, tmp_path / "w.pth")
    return tmp_path


@pytest.mark.parametrize(("name", "words"), NO_MODELS.items())
def test_commands_refuse_what_is_no_model_of_ours(
    name, words, no_models, exported, end_to_end, tmp_path, monkeypatch, capsys
):
    file = no_models / name
    told = [f"--{k}={getattr(end_to_end, k.replace('-', '_'))}" for k in ("data", "teacher", "decode-sizes")]
    said = refused(monkeypatch, capsys, "evaluate", exported[0], file, f"--out={tmp_path}", *told)
    assert words in said
    train(end_to_end, tmp_path / "run", steps=1)
    average = "--average", file, "--file", tmp_path / "mean.safetensors"
    assert words in refused(monkeypatch, capsys, "export", f"--out={tmp_path / 'run'}", *average)
    assert not (tmp_path / "mean.safetensors").exists()
    small = [*told, "--img-size=32", "--patch-size=8", "--embed-dim=32", "--num-heads=2", "--device=cpu"]
    assert words in refused(monkeypatch, capsys, "train", f"--out={tmp_path / 'n'}", f"--init={file}", *small)


@pytest.mark.parametrize(
    ("teacher", "options", "words"),
    [
        ("text.safetensors", [], "that is whole"),
        ("other.safetensors", [], "do not fit deit_tiny_patch16_224"),
        ("other.safetensors", ["--teacher-arch=none"], "no model named 'none'"),
        ("missing.safetensors", [], "No teacher at"),
        ("text.txt", [], "no model named"),
    ],
)
def test_training_refuses_a_teacher_that_is_none(
    teacher, options, words, no_models, tmp_path, monkeypatch, capsys
):
    asked = "train", f"--out={tmp_path / 'run'}", f"--teacher={no_models / teacher}", *options
    assert words in refused(monkeypatch, capsys, *asked)


def test_a_file_of_other_sizes_is_no_start(exported, end_to_end, tmp_path):
    with pytest.raises(TrainingError, match=r"not of this student's sizes: .* \(Error.*head\.weight"):
        train(replace(end_to_end, num_classes=1001, init=str(exported[0])), tmp_path, steps=1)


def test_an_empty_folder_has_nothing_to_export(tmp_path, monkeypatch, capsys):
    asked = "export", f"--out={tmp_path}", f"--file={tmp_path / 'm.safetensors'}"
    assert f"run `train --out {tmp_path}` first" in refused(monkeypatch, capsys, *asked)


def test_photos_are_normalised_as_the_header_says(exported, config):
    module, photos = load_exported(exported[0]), load_photos(config, kept_out=True)
    ours = pixels(module, photos, torch.tensor([1]))
    plain = plain_views(photos, torch.tensor([1]), 32).images
    torch.testing.assert_close(ours[0, 2], (plain[0, 2] - 0.406) / 0.225)
