"""python -m vit_viz.training train | export | evaluate"""

import argparse
import json
from collections.abc import Collection, Sequence
from dataclasses import fields
from pathlib import Path

import torch

from vit_viz.errors import TrainingError, VitVizError
from vit_viz.training.checkpoint import latest_checkpoint, read_checkpoint
from vit_viz.training.config import Config

LOG_BYTES = 280_000  # of an exported log
# what evaluation reads of a Config; it runs on the CPU, so that its figures come out the same everywhere
EVALUATED = (
    "patch_size", "embed_dim", "depth", "teacher", "teacher_arch",
    "data", "keep_out_every", "decode_sizes", "limit", "threads",
)  # fmt: skip


def main() -> None:
    """Run the command that the arguments name; what cannot be done ends in a sentence and exit status 2."""
    top = parser()
    args = vars(top.parse_args())
    command = args.pop("command")
    try:
        command(**args)
    except VitVizError as error:
        top.exit(2, f"{top.prog}: error: {error}\n")


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="python -m vit_viz.training", description=__doc__)
    commands = top.add_subparsers(required=True)

    train = commands.add_parser("train", help="train, or continue what --out holds")
    train.add_argument("--out", type=Path, required=True, help="checkpoints and log.csv go here")
    train.add_argument("--minutes", type=float, default=0.0, help="stop cleanly after so long")
    add_config(train, [entry.name for entry in fields(Config)])
    train.set_defaults(command=run_train)

    export = commands.add_parser("export", help="write the moving average as fp16 safetensors")
    export.add_argument("--out", type=Path, required=True, help="folder of the checkpoints")
    export.add_argument("--file", type=Path, required=True, help="the file to write")
    export.add_argument("--name", default="", help="name of this model for its header")
    export.add_argument(
        "--average", type=Path, nargs="+", default=[], help="exported files to average the weights with"
    )
    export.set_defaults(command=run_export)

    evaluate = commands.add_parser("evaluate", help="figures on kept-out photos, and pictures")
    evaluate.add_argument("files", type=Path, nargs="+", help="exported files; the first is drawn")
    evaluate.add_argument("--out", type=Path, required=True, help="folder of figures and pictures")
    add_config(evaluate, EVALUATED)
    evaluate.set_defaults(command=run_evaluate)
    return top


def add_config(command: argparse.ArgumentParser, names: Collection[str]) -> None:
    """One option per named field of Config."""
    for entry in fields(Config):
        if entry.name in names:
            command.add_argument(
                f"--{entry.name.replace('_', '-')}", type=entry.type, default=entry.default,
                help=f"default: {entry.default!r}",
            )  # fmt: skip


def run_train(out: Path, minutes: float, **settings: object) -> None:
    """Train, or continue."""
    from vit_viz.training.loop import train

    train(Config(**settings), out, minutes)


def run_export(out: Path, file: Path, name: str, average: Sequence[Path] = ()) -> None:
    """Write the newest checkpoint of `out`, averaged with the files of `average`, as `file`; its log beside it."""
    from vit_viz.checkpoints import load_exported, read_header
    from vit_viz.training.weights import averaged, export_weights

    newest = latest_checkpoint(out)
    if newest is None:
        raise TrainingError(f"No checkpoint-*.json in {out}: run `train --out {out}` first.")
    tensors, facts = read_checkpoint(newest)
    config = Config(**facts["config"])
    init_saw = filter(None, config.init_saw.split(","))
    weights = {k.removeprefix("ema."): v for k, v in tensors.items() if k.startswith("ema.")}
    training = {
        "name": name,
        "teacher": config.teacher_arch,
        "steps": facts["step"],
        "views": facts["views"],
        "minutes": round(facts["seconds"] / 60, 1),
        "started_from": facts["started_from"],
        "maybe_seen": sorted({*facts["started_from"].get("maybe_seen", []), *init_saw}),
    }
    if average:
        weights = averaged([weights, *(load_exported(other).state_dict() for other in average)])
        training["averaged_with"] = [read_header(other)["training"]["name"] for other in average]
    export_weights(weights, config.student_args(), training, file)
    thin_log(out / "log.csv", file.with_name("training_log.csv"))
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, step {facts['step']}")


def thin_log(log: Path, short: Path, limit: int = LOG_BYTES) -> None:
    """Copy a log, leaving out lines evenly until it fits; lines with kept-out figures stay."""
    head, *lines = log.read_text().splitlines()
    kept_out = head.split(",").index("kept_out_agreement")
    every = -(-log.stat().st_size // limit)
    chosen = (line for i, line in enumerate(lines) if i % every == 0 or line.split(",")[kept_out])
    short.write_text("\n".join([head, *chosen]) + "\n")


def run_evaluate(files: list[Path], out: Path, **settings: object) -> None:
    """Write evaluation.json, attention_distance.json and the pictures; print the tables."""
    from vit_viz.training.evaluate import evaluate, tables
    from vit_viz.training.pictures import draw_all

    config = Config(**settings)
    if config.threads:
        torch.set_num_threads(config.threads)
    figures = evaluate(files, config)
    out.mkdir(parents=True, exist_ok=True)
    distances = figures.pop("attention_distance")
    (out / "attention_distance.json").write_text(json.dumps(distances, indent=1) + "\n")
    (out / "evaluation.json").write_text(json.dumps(figures, indent=1) + "\n")
    draw_all(files[0], distances, out)
    print(tables(figures))


if __name__ == "__main__":
    main()
