"""The table of models that the reader is offered."""

from dataclasses import dataclass

BUNDLED = "bundled"
UNTRAINED = "untrained"


@dataclass(frozen=True, kw_only=True)
class ModelRow:
    """One line of the table; `img_size` pins an input size where the checkpoint's own is too large."""

    name: str
    title: str
    note: str
    img_size: int | None = None


MODELS = (
    ModelRow(name=BUNDLED, title="ViT Viz/16", note="Small; needs no network."),
    ModelRow(
        name=UNTRAINED,
        title="ViT Viz/16 untrained",
        note="The same architecture before its training: what is here is the drawing of lots.",
    ),
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
        note="784 small patches: the sharpest maps, 256 MiB a trace. No classifier.",
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
        note="Learnt without labels. No classifier.",
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


def table_row(name: str) -> ModelRow | None:
    """The table's row of that name, with its checkpoint's tag."""
    return next((row for row in MODELS if row.name == name), None)


def model_title(name: str) -> str:
    """What the table calls a model; one that is not in it keeps its name."""
    row = table_row(name)
    return row.title if row else name


def rows_titled(text: str) -> list[ModelRow]:
    """The rows whose titles hold this text, those that begin with it first; only letters and digits count."""
    asked = _plain(text)
    rows = [row for row in MODELS if asked and asked in _plain(row.title)]
    return sorted(rows, key=lambda row: not _plain(row.title).startswith(asked))


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()
