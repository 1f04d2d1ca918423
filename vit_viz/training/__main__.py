"""python -m vit_viz.training train | export | evaluate"""

import argparse
from dataclasses import fields
from pathlib import Path

from vit_viz.training.checkpoint import latest_checkpoint, read_checkpoint
from vit_viz.training.config import Config


def main() -> None:
    args = vars(parser().parse_args())
    command = args.pop("command")
    command(**args)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m vit_viz.training", description=__doc__)
    commands = top.add_subparsers(required=True)

    train = commands.add_parser("train", help="train, or continue what --out holds")
    train.add_argument("--out", type=Path, required=True, help="checkpoints and log.csv go here")
    train.add_argument("--minutes", type=float, default=0.0, help="stop cleanly after so long")
    add_config(train)
    train.set_defaults(command=run_train)

    export = commands.add_parser("export", help="write the moving average as fp16 safetensors")
    export.add_argument("--out", type=Path, required=True, help="folder of the checkpoints")
    export.add_argument("--file", type=Path, required=True, help="the file to write")
    export.add_argument("--name", default="", help="name of this model for its header")
    export.set_defaults(command=run_export)
    return top


def add_config(command: argparse.ArgumentParser) -> None:
    """One option per field of Config."""
    for entry in fields(Config):
        command.add_argument(
            f"--{entry.name.replace('_', '-')}", type=entry.type, default=entry.default,
            help=f"default: {entry.default!r}",
        )  # fmt: skip


def run_train(out: Path, minutes: float, **settings: object) -> None:
    from vit_viz.training.loop import train

    train(Config(**settings), out, minutes)


def run_export(out: Path, file: Path, name: str) -> None:
    from vit_viz.training.weights import export_weights

    newest = latest_checkpoint(out)
    if newest is None:
        raise FileNotFoundError(f"No checkpoint-*.json in {out}: run `train --out {out}` first.")
    tensors, facts = read_checkpoint(newest)
    config = Config(**facts["config"])
    weights = {k.removeprefix("ema."): v for k, v in tensors.items() if k.startswith("ema.")}
    training = {
        "name": name,
        "teacher": config.teacher_arch,
        "steps": facts["step"],
        "views": facts["step"] * min(config.batch_size, facts["photos"]),
        "minutes": round(facts["seconds"] / 60, 1),
    }
    export_weights(weights, config.student_args(), training, file)
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, step {facts['step']}")


if __name__ == "__main__":
    main()
