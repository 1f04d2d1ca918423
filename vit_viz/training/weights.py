"""The exported file: fp16 safetensors whose header says how to build and feed the model."""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from timm.models.vision_transformer import VisionTransformer

from vit_viz.training.config import IMAGENET_MEAN, IMAGENET_STD

HEADER = "vit_viz"  # the key of the header's JSON


def export_weights(
    weights: dict[str, torch.Tensor], args: dict[str, int], training: dict, path: Path
) -> None:
    """Write fp16 weights with the constructor's arguments, preprocessing and training facts."""
    header = {
        "architecture": "VisionTransformer",
        "args": args,
        "preprocessing": {
            "input_size": [3, args["img_size"], args["img_size"]],
            "mean": IMAGENET_MEAN,
            "std": IMAGENET_STD,
            "crop_pct": 0.9,
            "interpolation": "bicubic",
        },
        "labels": "imagenet-1k",
        "training": training,
    }
    half = {name: t.detach().cpu().half().contiguous() for name, t in weights.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(half, path, metadata={"format": "pt", HEADER: json.dumps(header)})
    path.chmod(0o644)  # safetensors lets only the owner read


def read_header(path: Path) -> dict:
    """How to build and feed the model; empty where another program wrote the file."""
    if path.suffix != ".safetensors":
        return {}
    with safe_open(path, "pt") as file:
        return json.loads((file.metadata() or {}).get(HEADER, "{}"))


def load_exported(path: Path, **options: bool) -> VisionTransformer:
    """The exported model in fp32, in eval mode; options go to timm's constructor."""
    header = read_header(path)
    if not header:
        raise ValueError(
            f"{path} does not say in its header how to build the model: "
            "it was not written by `python -m vit_viz.training export`."
        )
    model = VisionTransformer(**header["args"], **options)
    model.load_state_dict({name: t.float() for name, t in load_file(path).items()})
    model.pretrained_cfg = header["preprocessing"] | {"num_classes": model.num_classes}
    return model.eval()
