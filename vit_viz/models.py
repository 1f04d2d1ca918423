"""Loading a model: a bundled one, any timm Vision Transformer, or a local weight file."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import index
from pathlib import Path
from typing import Any

import timm
import torch
from timm.data.config import resolve_model_data_config
from timm.data.imagenet_info import ImageNetInfo, infer_imagenet_subset
from timm.models import get_pretrained_cfg, is_model, split_model_name_tag
from torch import Tensor, nn

from vit_viz import families
from vit_viz.checkpoints import (
    BUILDING,
    LABELS,
    bundled_module,
    first_line,
    read_header,
    read_state_dict,
    untrained_module,
)
from vit_viz.devices import choose_device, memory_errors, total_memory, use_full_precision
from vit_viz.errors import CheckpointError, UnknownModelError, UnsupportedModelError
from vit_viz.hub import download_weights
from vit_viz.model_table import BUNDLED, UNTRAINED, ModelRow, rows_titled, table_row

FLOAT32_BYTES = 4
MEMORY_SHARE = 0.5  # of the machine's memory, for one model and one trace

# numbers in a space of photos and captions: CLIP's go up to 1280; Bamboo's 115,217 outputs are classes
MAX_SHARED_SPACE = 4096

OWN = {
    BUNDLED: (bundled_module, "bundled, trained by this project"),
    UNTRAINED: (untrained_module, "random initialisation, not trained"),
}


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """Facts of a loaded model, for the reader and for drawing.

    `weights` says where they come from; `pos_kind` is absolute, rotary, absolute + rotary or none;
    `pool` is how the features are read: token, avg, map …, and `pools_prefix` whether pooling takes in the prefix
    tokens; `img_size`, `patch_size` in pixels and `grid` in patches are (height, width) or (rows, cols);
    `learnt_grid` is that of the checkpoint: absolute positions are resized from it to `grid` as they are loaded.
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
    learnt_grid: tuple[int, int]
    prefix_names: tuple[str, ...]
    pos_kind: str
    pool: str
    pools_prefix: bool
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

    @property
    def read_tokens(self) -> list[int]:
        """The tokens that the answer is read from: CLS (and the distillation token), or all that are pooled.

        A model that pools by attention weighs what it pools; here all count alike.
        """
        if self.pool == "token" and self.prefix_names:
            return [token for token, name in enumerate(self.prefix_names) if name in ("CLS", "DIST")]
        return list(range(0 if self.pools_prefix else len(self.prefix_names), self.num_tokens))


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A timm module ready to trace, its facts, and its class names.

    A classifier with as many classes as a set of ImageNet has that set's names; any other has its classes numbered,
    "class 1" the first; `labels` is empty where the output is no classes.

    Shared between sessions: never change the module in place.
    """

    module: nn.Module
    info: ModelInfo
    labels: tuple[str, ...]

    @property
    def has_numbered_classes(self) -> bool:
        """Whether its classes are there without their names."""
        return bool(self.labels) and self.labels == numbered_classes(len(self.labels))

    @property
    def has_assumed_names(self) -> bool:
        """Whether nothing but their number says that its classes are ImageNet's."""
        config = getattr(self.module, "pretrained_cfg", None) or {}
        return bool(self.labels) and not self.has_numbered_classes and not config.get(LABELS)


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

    name        "bundled", "untrained" (the same before its training), or any timm architecture,
                with or without its checkpoint's tag
    checkpoint  a local .safetensors or .pth with the weights of that architecture
    img_size    input size in pixels, (height, width) or one number for both, multiples of the patch size; positions
                are interpolated to it
    pretrained  False keeps timm's random initialisation
    progress    called with (bytes so far, bytes in all) while weights are downloaded

    Raises a ModelError with a sentence for the reader.
    """
    if not isinstance(name, str):
        raise UnknownModelError(
            f"A model is loaded by its name, such as 'bundled' or 'deit_tiny_patch16_224'; this is of the kind "
            f"{type(name).__name__}. as_model takes a timm module of your own."
        )
    place = choose_device(device)
    row = row_of(name)
    size = row.img_size if row and img_size is None else img_size
    if name in OWN:
        if checkpoint is not None:
            raise CheckpointError(
                "A weight file needs the name of its timm architecture, for example deit_tiny_patch16_224."
            )
        module, weights = _own_module(name if pretrained else UNTRAINED, size)
    else:
        architecture = _check_name(name)
        size = _fitting_size(name, size)
        state_dict, weights = _weights(name, checkpoint, pretrained, progress)
        module = _create(architecture, name, state_dict, size)
        module.pretrained_cfg[LABELS] = _said_labels(module, checkpoint)
    # what the table says is true of the checkpoint it names, not of a reader's own file or of random weights
    title = row.title if row and checkpoint is None else name
    note = row.note if row and checkpoint is None and pretrained else ""
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

    TensorFloat-32 is switched off for the whole process, or a GPU's trace would differ from timm's answer.

    Raises UnsupportedModelError where no family fits it, DeviceError where it cannot go to the device.
    """
    families.family_of(module)
    place = choose_device(device)
    use_full_precision()
    with memory_errors(place, title or name):
        module = module.eval().requires_grad_(False).float().to(place)
    info = _info(module, name=name, title=title or name, note=note, weights=weights, device=place)
    return Model(module=module, info=info, labels=_labels(module))


def row_of(name: str) -> ModelRow | None:
    """The table's row of that name; an architecture alone means the checkpoint that timm takes for it."""
    config = None if "." in name else get_pretrained_cfg(name)
    return table_row(f"{name}.{config.tag}" if config and config.tag else name)


def _check_name(name: str) -> str:
    architecture, tag = split_model_name_tag(name)
    if not is_model(architecture):
        raise UnknownModelError(
            f"timm has no model named {name!r}.{_hint(name, architecture)} A name looks like deit_tiny_patch16_224."
        )
    known = [checkpoint.split(".", 1)[1] for checkpoint in timm.list_pretrained(f"{architecture}.*")]
    if name != architecture and tag not in known:
        raise UnknownModelError(
            f"{architecture} has no checkpoint {tag!r}. There are: {', '.join(known) or 'none'}."
        )
    return architecture


def _hint(name: str, architecture: str) -> str:
    """What may have been meant: rows of the table whose titles hold these letters, or names that are alike."""
    if rows := rows_titled(name):
        return f" For {name} choose {' or '.join(f'{row.title} ({row.name})' for row in rows[:3])}."
    if not architecture:
        return ""
    architecture = architecture.rpartition("/")[2].strip()  # as the hub writes it: timm/vit_tiny_patch16_224
    family = architecture.split("_")[0]
    own = timm.list_models(f"{family}_*")
    near = difflib.get_close_matches(architecture, own) or own[:3] or timm.list_models(f"*{family}*")[:3]
    return f" Did you mean {', '.join(near)}?" if near else ""


def _fitting_size(name: str, size: int | tuple[int, int] | None) -> int | tuple[int, int] | None:
    """The input size to build; None is timm's own, unless its patches leave a margin that the model would not see.

    Refuses what cannot be traced, or does not fit into this machine, before any weights are fetched; on the meta
    device it costs no memory.
    """
    with BUILDING, torch.device("meta"):
        module = timm.create_model(name)
    families.family_of(module)
    embed = module.patch_embed
    patch_size = embed.feat_ratio(as_scalar=False)
    _check_size(size, patch_size)
    covered = tuple(side // patch * patch for side, patch in zip(embed.img_size, patch_size, strict=True))
    wanted = covered if size is None and covered != tuple(embed.img_size) else size
    _check_memory(name, module, _sides(wanted) if wanted else covered, patch_size)
    return wanted


def _check_memory(name: str, module: nn.Module, size: tuple[int, int], patch_size: tuple[int, int]) -> None:
    """Refuse what would fill the machine: an operating system then ends the whole app, without an error."""
    rows, cols = (side // patch for side, patch in zip(size, patch_size, strict=True))
    tokens = rows * cols + len(families.prefix_names(module))
    depth, num_heads = len(module.blocks), module.blocks[0].attn.num_heads
    attention = FLOAT32_BYTES * depth * num_heads * tokens**2
    weights = FLOAT32_BYTES * sum(parameter.numel() for parameter in module.parameters())
    # twice, because a trace lays its layers side by side when it is first asked for all of them
    needed, memory = weights + 2 * attention, total_memory()
    if memory is not None and needed > MEMORY_SHARE * memory:
        raise UnsupportedModelError(
            f"{name} needs {needed / 2**30:.1f} GiB here, {weights / 2**30:.1f} of them for its weights and the "
            f"rest for the attention of {tokens} tokens in {depth} layers of {num_heads} heads; this machine has "
            f"{memory / 2**30:.1f} GiB, of which it may take half. Choose a model with fewer patches or layers."
        )


def _sides(size: int | tuple[int, int]) -> tuple[int, int]:
    try:
        height, width = map(index, size if isinstance(size, (tuple, list)) else (size, size))
    except (TypeError, ValueError):
        raise CheckpointError(
            f"The input size {size!r} is none. Give pixels as a whole number, such as 224, or (height, width)."
        ) from None
    return height, width


def _check_size(size: int | tuple[int, int] | None, patch_size: tuple[int, int]) -> None:
    if size is None:
        return
    height, width = _sides(size)
    if any(side < patch or side % patch for side, patch in zip((height, width), patch_size, strict=True)):
        raise CheckpointError(
            f"The input size {height} × {width} must be a multiple of the patch size, "
            f"{patch_size[0]} × {patch_size[1]}."
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


def _create(
    architecture: str, name: str, state_dict: dict[str, Tensor] | None, size: int | tuple[int, int] | None
) -> nn.Module:
    options: dict[str, Any] = {} if size is None else {"img_size": size}
    if state_dict is not None:
        overlay: dict[str, Any] = {"state_dict": state_dict, "custom_load": False}
        classes = state_dict.get("head.weight")
        if classes is not None and classes.ndim == 2:
            overlay["num_classes"] = options["num_classes"] = len(classes)
        options |= {"pretrained": True, "pretrained_cfg_overlay": overlay}
    try:
        with BUILDING:
            return timm.create_model(name, **options)
    except (RuntimeError, KeyError, ValueError, IndexError) as error:
        raise CheckpointError(
            f"The weights do not fit {architecture}. Name the timm architecture that they were saved from "
            f"({first_line(error)})."
        ) from None
    except (AssertionError, TypeError) as error:
        reason = first_line(error) or "it must fit the patch size"
        raise CheckpointError(f"{architecture} cannot be built at the input size {size}: {reason}") from None


def _info(
    module: nn.Module, *, name: str, title: str, note: str, weights: str, device: torch.device
) -> ModelInfo:
    grid = tuple(module.patch_embed.grid_size)
    height, width = module.patch_embed.img_size
    patch_size = height // grid[0], width // grid[1]
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
        patch_size=patch_size,
        grid=grid,
        learnt_grid=_learnt_grid(module, patch_size),
        prefix_names=families.prefix_names(module),
        pos_kind=_pos_kind(module),
        pool=module.global_pool or "none",
        pools_prefix=families.family_of(module).pools_prefix(module),
        num_classes=_num_classes(module),
        data_config=resolve_model_data_config(module) | {"input_size": (3, height, width)},
    )


def _learnt_grid(module: Any, patch_size: tuple[int, int]) -> tuple[int, int]:
    """The grid (rows, cols) that the checkpoint was trained on; the model's own where nothing is known of it."""
    config = getattr(module, "pretrained_cfg", None) or {}
    height, width = config.get("input_size", (3, *module.patch_embed.img_size))[1:]
    return height // patch_size[0], width // patch_size[1]


def _num_classes(module: Any) -> int:
    return 0 if isinstance(module.head, nn.Identity) else module.num_classes


def _pos_kind(module: nn.Module) -> str:
    kinds = {"absolute": module.pos_embed, "rotary": getattr(module, "rope", None)}
    return " + ".join(kind for kind, there in kinds.items() if there is not None) or "none"


def _said_labels(module: nn.Module, checkpoint: str | Path | None) -> str | None:
    """The ImageNet set whose classes these are by timm's list, or by what a file says of itself."""
    return infer_imagenet_subset(module) if checkpoint is None else read_header(Path(checkpoint)).get(LABELS)


def _labels(module: nn.Module) -> tuple[str, ...]:
    """Class names of the ImageNet set of that many classes, else numbers; empty without classes."""
    count = _num_classes(module)
    if count < 2:
        return ()
    if subset := infer_imagenet_subset(module):
        return tuple(ImageNetInfo(subset).label_descriptions())
    return () if _is_projection(module, count) else numbered_classes(count)


def numbered_classes(count: int) -> tuple[str, ...]:
    """What classes without names are called, in the order of the head's rows."""
    return tuple(f"class {number}" for number in range(1, count + 1))


def _is_projection(module: nn.Module, num_classes: int) -> bool:
    """Whether the head leads into the space of captions (CLIP): as wide as in a checkpoint of this architecture."""
    architecture = (getattr(module, "pretrained_cfg", None) or {}).get("architecture")
    names = timm.list_pretrained(f"{architecture}.*") if architecture else []
    published = {config.num_classes for config in map(get_pretrained_cfg, names) if config}
    return num_classes in published and num_classes <= MAX_SHARED_SPACE


@cache
def classes_by_wnid(subset: str) -> dict[str, int]:
    """The classes of one of timm's ImageNet sets by WordNet id, such as n02123045."""
    return {name: index for index, name in enumerate(ImageNetInfo(subset).label_names())}


def _own_module(name: str, size: int | tuple[int, int] | None) -> tuple[nn.Module, str]:
    make, weights = OWN[name]
    module = make()
    if size is not None:
        patch_size = module.patch_embed.feat_ratio(as_scalar=False)
        _check_size(size, patch_size)
        _check_memory(name, module, _sides(size), patch_size)
        module.set_input_size(_sides(size))
        module.pretrained_cfg["input_size"] = (3, *_sides(size))
    return module, weights
