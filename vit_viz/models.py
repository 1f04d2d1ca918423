"""The table of models, and loading: the bundled one, any timm Vision Transformer, or a local weight file."""

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from timm.data.config import resolve_model_data_config
from timm.data.imagenet_info import ImageNetInfo, infer_imagenet_subset
from timm.models import VisionTransformer, get_pretrained_cfg, is_model, split_model_name_tag
from torch import Tensor, nn

from vit_viz import families
from vit_viz.devices import choose_device, memory_errors, use_full_precision
from vit_viz.errors import CheckpointError, UnknownModelError
from vit_viz.hub import download_weights

BUNDLED = "bundled"
BUNDLED_FILE = Path(__file__).parents[1] / "assets" / "model" / "vit_viz.safetensors"


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One line of the table; `img_size` pins an input size where the checkpoint's own is too large."""

    name: str
    title: str
    note: str
    img_size: int | None = None


MODELS = (
    ModelRow(name=BUNDLED, title="ViT Viz/16", note="Small, trained by this project; needs no network."),
    ModelRow(
        name="vit_tiny_patch16_224.augreg_in21k_ft_in1k",
        title="ViT-Ti/16 AugReg",
        note="The smallest ViT trained on 14 million pictures.",
    ),
    ModelRow(
        name="vit_small_patch16_224.augreg_in21k_ft_in1k",
        title="ViT-S/16 AugReg",
        note="Twice as wide as Ti.",
    ),
    ModelRow(
        name="vit_base_patch16_224.augreg2_in21k_ft_in1k",
        title="ViT-B/16 AugReg",
        note="The Base model of the paper, trained with stronger augmentation.",
    ),
    ModelRow(
        name="vit_large_patch16_224.augreg_in21k_ft_in1k",
        title="ViT-L/16 AugReg",
        note="24 layers of 16 heads.",
    ),
    ModelRow(
        name="vit_base_patch16_224.orig_in21k_ft_in1k",
        title="ViT-B/16 original",
        note="The paper's own weights.",
    ),
    ModelRow(
        name="vit_small_r26_s32_224.augreg_in21k_ft_in1k",
        title="R26 + ViT-S/32 hybrid",
        note="A ResNet stands in place of the patch projection.",
    ),
    ModelRow(name="deit_tiny_patch16_224.fb_in1k", title="DeiT-Ti/16", note="Trained on ImageNet-1k alone."),
    ModelRow(name="deit_small_patch16_224.fb_in1k", title="DeiT-S/16", note="Trained on ImageNet-1k alone."),
    ModelRow(name="deit_base_patch16_224.fb_in1k", title="DeiT-B/16", note="Trained on ImageNet-1k alone."),
    ModelRow(
        name="deit_tiny_distilled_patch16_224.fb_in1k",
        title="DeiT-Ti/16 distilled",
        note="A second prefix token learnt from a CNN teacher.",
    ),
    ModelRow(
        name="deit3_small_patch16_224.fb_in1k",
        title="DeiT-3-S/16",
        note="LayerScale; CLS has no position.",
    ),
    ModelRow(
        name="vit_small_patch16_224.dino",
        title="DINO S/16",
        note="Self-supervised: heads find objects without labels. No classifier.",
    ),
    ModelRow(
        name="vit_small_patch8_224.dino",
        title="DINO S/8",
        note="784 small patches: the sharpest maps, 255 MiB a trace. No classifier.",
    ),
    ModelRow(name="vit_base_patch16_224.dino", title="DINO B/16", note="Self-supervised. No classifier."),
    ModelRow(
        name="vit_base_patch16_224.mae",
        title="MAE B/16",
        note="Learnt by filling in hidden patches. No classifier.",
    ),
    ModelRow(
        name="vit_small_patch14_dinov2.lvd142m",
        title="DINOv2 S/14",
        note="Some patches become attention sinks. No classifier.",
        img_size=224,
    ),
    ModelRow(
        name="vit_small_patch14_reg4_dinov2.lvd142m",
        title="DINOv2 S/14 registers",
        note="Four register tokens take the sinks' place. No classifier.",
        img_size=224,
    ),
    ModelRow(
        name="vit_small_patch16_dinov3.lvd1689m",
        title="DINOv3 S/16",
        note="Rotary positions and four registers. No classifier.",
    ),
    ModelRow(
        name="vit_base_patch16_clip_224.openai",
        title="CLIP B/16",
        note="Learnt from captions: its output is a point near its caption's, not a class.",
    ),
    ModelRow(
        name="vit_base_patch16_siglip_224.webli",
        title="SigLIP B/16",
        note="No CLS token: attention pooling reads the patches. No classifier.",
    ),
    ModelRow(
        name="eva02_tiny_patch14_336.mim_in22k_ft_in1k",
        title="EVA-02 Ti/14",
        note="Rotary and absolute positions, gated MLP, averages its patches.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """Facts of a loaded model, for the reader and for drawing.

    `weights` says where they come from; `pos_kind` is absolute, rotary, absolute + rotary or none;
    `pool` is how the features are read: token, avg, map …; `img_size`, `patch_size` in pixels and
    `grid` in patches are (height, width) or (rows, cols).
    """

    name: str
    title: str
    note: str
    weights: str
    device: torch.device
    num_params: int
    depth: int
    num_heads: int
    embed_dim: int
    head_dim: int
    img_size: tuple[int, int]
    patch_size: tuple[int, int]
    grid: tuple[int, int]
    prefix_names: tuple[str, ...]
    pos_kind: str
    pool: str
    num_classes: int
    data_config: dict[str, Any]

    @property
    def num_patches(self) -> int:
        """N = rows × cols."""
        return self.grid[0] * self.grid[1]

    @property
    def num_tokens(self) -> int:
        """T = R + N."""
        return len(self.prefix_names) + self.num_patches


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A timm module ready to trace, its facts, and its class names (empty where it has no classes).

    Shared between sessions: never change the module in place.
    """

    module: nn.Module
    info: ModelInfo
    labels: tuple[str, ...]


def load_model(
    name: str = BUNDLED,
    *,
    device: str | None = None,
    checkpoint: str | Path | None = None,
    img_size: int | tuple[int, int] | None = None,
    pretrained: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Model:
    """Load a model for tracing: float32, evaluation mode, on the fastest device.

    name        "bundled", or any timm architecture with or without its checkpoint's tag
    checkpoint  a local .safetensors or .pth with the weights of that architecture
    img_size    input size in pixels, a multiple of the patch size; positions are interpolated to it
    pretrained  False keeps timm's random initialisation
    progress    called with (bytes so far, bytes in all) while weights are downloaded

    Raises a ModelError with a sentence for the reader.
    """
    place = choose_device(device)
    row = table_row(name)
    size = img_size or (row.img_size if row else None)
    if name == BUNDLED:
        if checkpoint is not None:
            raise CheckpointError(
                "A weight file needs the name of its timm architecture, for example deit_tiny_patch16_224."
            )
        module, weights = _bundled_module(size, pretrained), "bundled, trained by this project"
    else:
        architecture = _check_name(name)
        _check_fit(name, size)
        state_dict, weights = _weights(name, checkpoint, pretrained, progress)
        module = _create(architecture, name, state_dict, size)
    # what the table says is true of the checkpoint it names, not of a reader's own file
    title, note = (row.title, row.note) if row and checkpoint is None else (name, "")
    return as_model(module, name=name, title=title, note=note, weights=weights, device=str(place))


def as_model(
    module: nn.Module,
    *,
    name: str,
    title: str = "",
    note: str = "",
    weights: str = "as given",
    device: str | None = None,
) -> Model:
    """A timm module of your own made ready to trace: float32 and evaluation mode are set in place.

    Raises UnsupportedModelError where no family fits it, DeviceError where it cannot go to the device.
    """
    families.family_of(module)
    place = choose_device(device)
    use_full_precision()
    with memory_errors(place, title or name):
        module = module.eval().requires_grad_(False).float().to(place)
    info = _info(module, name=name, title=title or name, note=note, weights=weights, device=place)
    return Model(module=module, info=info, labels=_labels(module))


def table_row(name: str) -> ModelRow | None:
    """The table's row of that name, also where the checkpoint's tag is left out."""
    rows = [row for row in MODELS if name in (row.name, row.name.split(".")[0])]
    return rows[0] if rows else None


def _check_name(name: str) -> str:
    architecture, tag = split_model_name_tag(name)
    if not is_model(architecture):
        near = timm.list_models(f"*{architecture.split('_')[0]}*")[:3]
        hint = f" Did you mean {', '.join(near)}?" if near and architecture else ""
        raise UnknownModelError(
            f"timm has no model named {name!r}.{hint} A name looks like deit_tiny_patch16_224."
        )
    known = [checkpoint.split(".", 1)[1] for checkpoint in timm.list_pretrained(f"{architecture}.*")]
    if tag and tag not in known:
        raise UnknownModelError(
            f"{architecture} has no checkpoint {tag!r}. There are: {', '.join(known) or 'none'}."
        )
    return architecture


def _check_fit(name: str, size: int | tuple[int, int] | None) -> None:
    """Refuse what cannot be traced before any weights are fetched; on the meta device it costs no memory."""
    with torch.device("meta"):
        module = timm.create_model(name)
    families.family_of(module)
    _check_size(size, module.patch_embed.feat_ratio(as_scalar=False))


def _check_size(size: int | tuple[int, int] | None, patch_size: tuple[int, int]) -> None:
    if size is None:
        return
    sides = (size, size) if isinstance(size, int) else size
    if any(side < patch or side % patch for side, patch in zip(sides, patch_size, strict=True)):
        height, width = sides
        raise CheckpointError(
            f"The input size {height} × {width} must be a multiple of the patch size, {patch_size[0]}."
        )


def _weights(
    name: str, checkpoint: str | Path | None, pretrained: bool, progress: Callable[[int, int], None] | None
) -> tuple[dict[str, Tensor] | None, str]:
    if checkpoint is not None:
        return read_state_dict(Path(checkpoint)), f"file {Path(checkpoint).name}"
    if not pretrained:
        return None, "random initialisation"
    config = get_pretrained_cfg(name)
    if config is None or not config.hf_hub_id:
        raise UnknownModelError(
            f"There are no published weights for {name!r}. Give a file, or choose another model."
        )
    file = download_weights(config.hf_hub_id, config.hf_hub_filename, progress=progress)
    return read_state_dict(file), f"timm, {config.tag or 'default'}"


def read_state_dict(file: Path) -> dict[str, Tensor]:
    """Read a .safetensors or .pth file of plain tensors; never runs code from it.

    Raises CheckpointError.
    """
    if not file.is_file():
        raise CheckpointError(f"There is no file {file}. Give the path of a .safetensors or .pth file.")
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        if file.suffix not in (".pth", ".pt", ".bin"):
            raise CheckpointError(f"{file.name} is not a weight file; allowed are .safetensors and .pth.")
        content = torch.load(file, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except pickle.UnpicklingError:
        raise CheckpointError(
            f"{file.name} holds more than tensors, which could run code, so it is not opened. "
            "Save only the state dict, best as .safetensors."
        ) from None
    except Exception as error:  # on damaged bytes torch's unpickler raises almost anything
        raise CheckpointError(f"{file.name} cannot be read as weights: {_first_line(error)}") from error
    return _tensors_of(content, file)


def _tensors_of(content: Any, file: Path) -> dict[str, Tensor]:
    for key in ("state_dict", "model", "model_ema"):
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    if not isinstance(content, dict) or not any(isinstance(value, Tensor) for value in content.values()):
        raise CheckpointError(
            f"{file.name} holds no state dict (names and tensors), but a {type(content).__name__}."
        )
    return {key: value for key, value in content.items() if isinstance(value, Tensor)}


def _create(
    architecture: str, name: str, state_dict: dict[str, Tensor] | None, size: int | tuple[int, int] | None
) -> nn.Module:
    options: dict[str, Any] = {} if size is None else {"img_size": size}
    try:
        if state_dict is None:
            return timm.create_model(name, **options)
        overlay: dict[str, Any] = {"state_dict": state_dict, "custom_load": False}
        classes = state_dict.get("head.weight")
        if classes is not None and classes.ndim == 2:
            overlay["num_classes"] = options["num_classes"] = len(classes)
        return timm.create_model(name, pretrained=True, pretrained_cfg_overlay=overlay, **options)
    except (RuntimeError, KeyError, ValueError, IndexError) as error:
        raise CheckpointError(f"The weights do not fit {architecture}: {_first_line(error)}") from None
    except (AssertionError, TypeError) as error:
        reason = _first_line(error) or "it must fit the patch size"
        raise CheckpointError(f"{architecture} cannot be built at the input size {size}: {reason}") from None


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(lines[:2])
    return text if len(text) <= 200 else text[:199] + "…"


def _bundled_module(size: int | tuple[int, int] | None, pretrained: bool) -> nn.Module:
    header = bundled_header()
    module = VisionTransformer(**header["args"])
    if pretrained:
        module.load_state_dict({key: value.float() for key, value in load_file(BUNDLED_FILE).items()})
    module.pretrained_cfg = header["preprocessing"] | {"num_classes": header["args"]["num_classes"]}
    if size is not None:
        _check_size(size, module.patch_embed.feat_ratio(as_scalar=False))
        height, width = (size, size) if isinstance(size, int) else size
        module.set_input_size((height, width))
        module.pretrained_cfg["input_size"] = (3, height, width)
    return module


@cache
def bundled_header() -> dict[str, Any]:
    """What the bundled file says of itself: constructor arguments, preprocessing, training facts."""
    with safe_open(BUNDLED_FILE, "pt") as file:
        return json.loads(file.metadata()["vit_viz"])


def _info(
    module: nn.Module, *, name: str, title: str, note: str, weights: str, device: torch.device
) -> ModelInfo:
    grid = tuple(module.patch_embed.grid_size)
    height, width = module.patch_embed.img_size
    attn = module.blocks[0].attn
    return ModelInfo(
        name=name,
        title=title,
        note=note,
        weights=weights,
        device=device,
        num_params=sum(p.numel() for p in module.parameters()),
        depth=len(module.blocks),
        num_heads=attn.num_heads,
        embed_dim=module.embed_dim,
        head_dim=attn.head_dim,
        img_size=(height, width),
        patch_size=(height // grid[0], width // grid[1]),
        grid=grid,
        prefix_names=families.prefix_names(module),
        pos_kind=_pos_kind(module),
        pool=module.global_pool or "none",
        num_classes=0 if isinstance(module.head, nn.Identity) else module.num_classes,
        data_config=resolve_model_data_config(module) | {"input_size": (3, height, width)},
    )


def _pos_kind(module: nn.Module) -> str:
    kinds = {"absolute": module.pos_embed, "rotary": getattr(module, "rope", None)}
    return " + ".join(kind for kind, there in kinds.items() if there is not None) or "none"


def _labels(module: nn.Module) -> tuple[str, ...]:
    """Class names of the ImageNet set that the classifier was trained on; empty where it is none of them."""
    if isinstance(module.head, nn.Identity):
        return ()
    subset = infer_imagenet_subset(module)
    if subset is None:
        return ()
    return tuple(ImageNetInfo(subset).label_descriptions())
