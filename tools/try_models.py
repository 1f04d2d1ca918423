"""Trace every row of the model table, and models beside it, and write what came out to docs/models.md.

    python tools/try_models.py --checkpoint deit_tiny_patch16_224.fb_in1k=path/to/file.safetensors

Real weights are used for the bundled model and for every file given; the others are redrawn, which shows
that the forward pass is timm's, though not what the trained model sees.
"""

import argparse
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from helpers import NoInitialisation, photo, redraw  # noqa: E402

from vit_viz import MODELS, Model, VitVizError, load_model, parity, trace  # noqa: E402
from vit_viz.errors import UnsupportedModelError  # noqa: E402
from vit_viz.model_table import BUNDLED, ModelRow  # noqa: E402

OTHERS = (
    "vit_medium_patch16_gap_240",
    "vit_base_patch16_rpn_224",
    "vit_so150m_patch16_reg4_map_256",
    "vit_small_patch16_36x1_224",
    "vit_base_patch32_clip_quickgelu_224",
    "vit_tiny_r_s16_p8_224",
    "flexivit_small",
    "deit3_medium_patch16_224",
    "beit3_base_patch16_224",
    "eva02_base_patch16_clip_224",
    "vit_base_patch16_rope_reg1_gap_256",
    "vit_small_patch16_rope_mixed_224",
    "vit_pe_core_tiny_patch16_384",
    "vit_small_plus_patch16_dinov3",
    "vit_base_patch16_xp_224",
    "vit_small_patch16_18x2_224",
    "vit_dlittle_patch16_reg1_gap_256",
    "resnet50",
    "swin_tiny_patch4_window7_224",
    "mvitv2_tiny",
    "beit_base_patch16_224",
    "samvit_base_patch16",
    "naflexvit_base_patch16_gap",
)

HEAD = """# Models that were tried

Written by `tools/try_models.py` on {date} with timm {timm} and PyTorch {torch}, on the CPU. *Weights* says
what was run: **real** is the checkpoint's own file; *redrawn* is the same architecture at full depth with
random weights under which every part counts (the hub was not within reach). *Difference* is the largest
difference between the trace's answer and timm's own `model(x)` on one photo, relative to its largest value.
*Memory* is one trace: the stream, queries, keys, values, attention and outputs of every layer, and the photo.

## The table

| Model | timm id | Weights | Layers × heads | Tokens | Positions | Read from | Memory | Difference |
|---|---|---|---|---|---|---|---|---|
"""
OTHERS_HEAD = """
## Beside the table

Any timm id can be typed in. These stand for families that the table has no row for.

| timm id | Layers × heads | Tokens | Positions | Read from | Memory | Difference |
|---|---|---|---|---|---|---|
"""
REFUSED_HEAD = """
## Refused

| timm id | What the reader is told |
|---|---|
"""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One model's line: its facts, memory in MiB and the relative difference to timm."""

    model: Model
    weights: str
    mebibytes: float
    difference: float

    @property
    def cells(self) -> list[str]:
        """The columns that both tables share."""
        info = self.model.info
        prefix = f"{len(info.prefix_names)} + " if info.prefix_names else ""
        return [
            f"{info.depth} × {info.num_heads}",
            f"{prefix}{info.num_patches}",
            info.pos_kind,
            info.pool,
            f"{self.mebibytes:.0f} MiB",
            f"{self.difference:.1e}",
        ]


def try_model(name: str, checkpoint: Path | None) -> Tried:
    """Load, trace and compare one model."""
    if name == BUNDLED or checkpoint:
        model, weights = load_model(name, checkpoint=checkpoint, device="cpu"), "**real**"
    else:
        # the tag of a published checkpoint only decides classes and preprocessing here
        with NoInitialisation():
            model = load_model(name, pretrained=False, device="cpu")
        redraw(model.module)
        weights = "redrawn"
    traced = trace(model, photo())
    return Tried(
        model=model, weights=weights, mebibytes=traced.nbytes / 2**20, difference=parity(model, traced)
    )


def row_line(row: ModelRow, checkpoint: Path | None) -> str:
    """A line of the first table."""
    tried = try_model(row.name, checkpoint)
    side = tried.model.info.img_size[0]
    size = f" at {side} px" if f"{side}" not in row.name else ""
    return line([row.title, f"`{row.name}`{size}", tried.weights, *tried.cells])


def line(cells: list[str]) -> str:
    """A line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def checkpoint_option(text: str) -> tuple[str, Path]:
    """name=path → (name, path)."""
    name, _, path = text.partition("=")
    return name, Path(path)


def main() -> None:
    """Try everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--checkpoint", action="append", default=[], type=checkpoint_option, metavar="NAME=PATH"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "models.md")
    options = parser.parse_args()
    files = dict(options.checkpoint)
    unknown = files.keys() - {row.name for row in MODELS}
    if unknown:
        parser.error(f"no row named {', '.join(unknown)}; rows are {', '.join(row.name for row in MODELS)}")

    rows, others, refused = [], [], []
    for row in MODELS:
        rows.append(row_line(row, files.get(row.name)))
        print(rows[-1], flush=True)
    for name in OTHERS:
        try:
            others.append(line([f"`{name}`", *try_model(name, None).cells]))
            print(others[-1], flush=True)
        except UnsupportedModelError as error:
            refused.append(line([f"`{name}`", str(error)]))
            print(refused[-1], flush=True)
        except VitVizError as error:
            sys.exit(f"{name}: {error}")

    head = HEAD.format(
        date=datetime.now(UTC).date().isoformat(), timm=version("timm"), torch=version("torch").split("+")[0]
    )
    parts = [head, *(f"{text}\n" for text in rows), OTHERS_HEAD, *(f"{text}\n" for text in others)]
    parts += [REFUSED_HEAD, *(f"{text}\n" for text in refused)]
    options.output.write_text("".join(parts), "utf-8")


if __name__ == "__main__":
    main()
