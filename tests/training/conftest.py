"""A tiny data set, a tiny teacher with random weights, and a tiny student."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from timm.models.vision_transformer import VisionTransformer

from vit_viz.training.config import Config
from vit_viz.training.weights import export_weights

WNIDS = ("n01440764", "n02099601", "grocery_Lime")  # ImageNet 0 and 207, and no class
ARGS = dict(img_size=32, patch_size=8, embed_dim=32, num_heads=2, num_classes=1000)


def photo(i: int) -> np.ndarray:
    """Noise around a colour that says the class, 24 or 40 pixels wide [S, S, 3]."""
    side = 24 if i % 2 else 40
    noise = np.random.default_rng(i).integers(0, 120, (side, side, 3))
    noise[..., i % 3] += 120
    return noise.astype(np.uint8)


def encode(i: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(photo(i)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def shards(tmp_path_factory) -> Path:
    """Two shards of 60 photos each, as in ../shared/data."""
    folder = tmp_path_factory.mktemp("shards")
    for k in range(2):
        files = [encode(60 * k + i) for i in range(60)]
        np.savez(
            folder / f"photos-{k:02d}.npz",
            avif=np.frombuffer(b"".join(files), np.uint8),
            offsets=np.cumsum([0, *map(len, files)]),
            label=np.array([WNIDS[i % 3] for i in range(60)]),
            source=np.array([["sharp", "small"][i % 2] for i in range(60)]),
        )
    return folder


@pytest.fixture(scope="session")
def class_folders(tmp_path_factory) -> Path:
    """The same 120 photos as a folder of class folders."""
    folder = tmp_path_factory.mktemp("folders")
    for i in range(120):
        path = folder / WNIDS[i % 3] / f"{i:03d}.png"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode(i))
    return folder


@pytest.fixture(scope="session")
def teacher(tmp_path_factory) -> Path:
    """A teacher of 4 blocks; its random weights are enlarged so that answers differ."""
    torch.manual_seed(1)
    model = VisionTransformer(depth=4, **ARGS)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(3) if weights.ndim > 1 else None
    path = tmp_path_factory.mktemp("teacher") / "teacher.safetensors"
    export_weights(model.state_dict(), ARGS | {"depth": 4}, {"name": "tiny teacher"}, path)
    return path


@pytest.fixture(scope="session")
def config(shards, teacher) -> Config:
    return Config(
        depth=2,
        teacher=str(teacher),
        data=str(shards),
        decode_sizes="24,40",
        blur_side=20,
        batch_size=16,
        passes=4,
        blocks_share=0.25,
        lr=1e-3,
        ema_half_life=64,
        compile="no",
        device="cpu",
        precision="fp32",
        watch=4,
        **ARGS,
    )


@pytest.fixture
def end_to_end(config) -> Config:
    return replace(config, blocks_share=0.0)
