"""python -m vit_viz distance: mean attention distance over a folder or zip of photos, as CSV."""

import argparse
import hashlib
import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from vit_viz.analysis.distance import AttentionDistance, Skipped
from vit_viz.errors import VitVizError
from vit_viz.experiments.distance import average_distances, check_not_empty, empty_average
from vit_viz.model_table import BUNDLED
from vit_viz.models import Model, load_model
from vit_viz.photo_files import PhotoFile, photo_files

DONE, FAILED, INTERRUPTED = 0, 1, 130
DESCRIPTION = """\
Mean attention distance of every head (Dosovitskiy et al. 2021, Fig. 7), averaged over photos.
Writes a CSV with one line per head: distance by the paper's definition and renormalised, in pixels,
and the weight on prefix tokens, each with its standard error over the photos. Layers and heads are
counted from 1 in it, as in the app.

Interrupted runs go on where they stopped when the same command is given again."""
EPILOG = """\
exit status: 0 done (photos that cannot be read are skipped and named at the end), 1 nothing can be
computed or written, 2 wrong arguments, 130 interrupted (what was computed is kept beside the CSV)."""


def add_to(commands: Any) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "distance",
        help="mean attention distance over a folder or zip of photos, as CSV",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", type=Path, metavar="FOLDER", help="folder of photos, or a zip of them")
    parser.add_argument("--out", type=_writable, required=True, metavar="FILE", help="the CSV to write")
    parser.add_argument("--model", default=BUNDLED, help="timm name or 'bundled' (default: %(default)s)")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="local weights for that timm name")
    parser.add_argument(
        "--images", type=_positive, metavar="N", help="stop after N photos, by name (default: all)"
    )
    parser.add_argument("--batch-size", type=_positive, metavar="N", help="photos at a time")
    parser.add_argument("--device", help="cuda, mps or cpu (default: the fastest)")
    parser.set_defaults(run=run)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} photos cannot be averaged; give a whole number from 1")
    return int(text)


def _writable(text: str) -> Path:
    file = Path(text)
    if file.is_dir() or not file.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text} cannot be written: give a file in a folder that exists")
    return file


def run(chosen: argparse.Namespace) -> int:
    """Average, telling how far it is, and write the CSV; the exit status."""
    kept = chosen.out.with_name(chosen.out.name + ".unfinished.json")
    try:
        files = photo_files(chosen.photos)
        model = load_model(chosen.model, checkpoint=chosen.checkpoint, device=chosen.device)
        average = _average(model, files, chosen, kept)
        check_not_empty(average)
        _write(chosen.out, average.to_csv())
    except VitVizError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nStopped. Give the same command again to go on from here.", file=sys.stderr)
        return INTERRUPTED
    kept.unlink(missing_ok=True)
    _summarise(average, chosen, model)
    return DONE


def _average(
    model: Model, files: list[PhotoFile], chosen: argparse.Namespace, kept: Path
) -> AttentionDistance:
    name = work_name(model, files)
    average = resumed(kept, name, empty_average(model.info))
    if chosen.images and average.photos > chosen.images:
        average = empty_average(model.info)
    if average.seen:
        print(f"Going on after {average.seen} photos.", file=sys.stderr)
    line = ProgressLine(average.seen, min(chosen.images or len(files), len(files)))
    rest = files[average.seen :]
    steps = average_distances(model, rest, start=average, limit=chosen.images, batch_size=chosen.batch_size)
    for average in steps:
        keep(kept, name, average)
        line.show(average.seen)
    line.end()
    return average


def work_name(model: Model, files: list[PhotoFile]) -> str:
    """Digest of the very weights and photos: only the same work is gone on with."""
    digest = hashlib.sha256(model.info.name.encode())
    for value in model.module.state_dict().values():
        digest.update(value.cpu().contiguous().numpy())
    digest.update(json.dumps([[file.name, file.size] for file in files]).encode())
    return digest.hexdigest()


def keep(file: Path, name: str, average: AttentionDistance) -> None:
    """Write the average so far, so that a stopped run loses one batch at most."""
    assert average.squares is not None
    state = {
        "work": name,
        "photos": average.photos,
        "mean": average.mean.tolist(),
        "squares": average.squares.tolist(),
        "skipped": [asdict(photo) for photo in average.skipped],
    }
    _write(file, json.dumps(state))


def resumed(file: Path, name: str, empty: AttentionDistance) -> AttentionDistance:
    """The average that `keep` wrote for the same work, or the empty one."""
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
        if state["work"] != name:
            return empty
        return replace(
            empty,
            photos=state["photos"],
            mean=np.array(state["mean"]),
            squares=np.array(state["squares"]),
            skipped=tuple(Skipped(**photo) for photo in state["skipped"]),
        )
    except (OSError, ValueError, KeyError, TypeError):  # none there, or not one of ours
        return empty


def _write(file: Path, text: str) -> None:
    """All of it or nothing: a killed run leaves no half file. Raises VitVizError where the folder takes none."""
    draft = file.with_name(file.name + ".draft")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        raise VitVizError(f"{file} cannot be written: {error.strerror}.") from None


class ProgressLine:
    """One line on the terminal that is written over; in a log, a line now and then."""

    QUIET_SECONDS = 10.0

    def __init__(self, first: int, total: int) -> None:
        self._first, self._total = first, total
        self._start = self._told = time.monotonic()

    def show(self, done: int) -> None:
        """Photos seen so far."""
        now = time.monotonic()
        rate = (done - self._first) / max(now - self._start, 1e-9)
        left = max(0, self._total - done) / rate
        text = f"{done} of {self._total} photos · {rate:.1f} photos/s · {left:.0f} s left"
        if sys.stderr.isatty():
            print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)
        elif now - self._told > self.QUIET_SECONDS or done >= self._total:
            self._told = now
            print(text, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if sys.stderr.isatty():
            print(file=sys.stderr)


def _summarise(average: AttentionDistance, chosen: argparse.Namespace, model: Model) -> None:
    info = model.info
    print(f"{chosen.out}: {info.depth} layers × {info.num_heads} heads, mean of {average.photos} photos.")
    if chosen.images and average.photos < chosen.images:
        print(f"Fewer than the {chosen.images} asked for: there are no more.", file=sys.stderr)
    if average.skipped:
        print(f"{len(average.skipped)} could not be read and were skipped:", file=sys.stderr)
        for photo in average.skipped:
            print(f"  {photo.name}: {photo.reason}", file=sys.stderr)
