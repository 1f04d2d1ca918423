"""Figures of one or more exported models on the photos kept out of training.

The first file is *the* model: its pictures are drawn, the others are only compared with it.
Photos that a file's header names as `maybe_seen` (sources of an earlier model it started from)
are reported apart: `never seen` leaves them out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from timm.data.config import resolve_model_data_config
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from vit_viz.analysis.answer import top_k
from vit_viz.analysis.attention import patch_distances
from vit_viz.analysis.distance import MEASURES
from vit_viz.analysis.positions import cosine_similarity, pair_correlation
from vit_viz.checkpoints import load_exported, read_header
from vit_viz.experiments.distance import distances_of_batch, empty_average
from vit_viz.models import Model, as_model, load_model
from vit_viz.samples import sample_photo, samples
from vit_viz.tracing import Trace, trace
from vit_viz.training.augment import plain_views
from vit_viz.training.config import Config
from vit_viz.training.data import Photos, load_photos
from vit_viz.training.distill import Teacher, forward_stream, load_teacher, relative_error

BATCH = 64
DISTANCE_PHOTOS = 128  # as in Dosovitskiy et al. 2021, Fig. 7
DISTANCE_BATCH = 8
ERROR_PHOTOS = 128


@dataclass(frozen=True, eq=False)
class Answers:
    """Most probable classes first [N, 5], for N photos."""

    top: torch.Tensor

    def hits(self, label: torch.Tensor, k: int) -> torch.Tensor:
        """Whether the label is among the first k [N]."""
        return (self.top[:, :k] == label[:, None]).any(1)


def evaluate(files: list[Path], config: Config) -> dict:
    """All figures as one JSON-like dict; photos and teacher are config's.

    Raises CheckpointError for a file that is none of ours, before anything is computed.
    """
    modules = [load_exported(file) for file in files]
    photos = load_photos(config, kept_out=True)
    teacher = load_teacher(config)
    truth = answers(teacher.model, photos)
    seen = {source for file in files for source in maybe_seen(file)}
    figures: dict = {
        "photos": len(photos),
        "maybe_seen": sorted(seen),
        "teacher": accuracy_by_group(truth, truth, photos, seen),
        "models": {},
    }
    for file, module in zip(files, modules, strict=True):
        figures["models"][file.stem] = {
            "training": read_header(file)["training"],
            "kept_out": accuracy_by_group(answers(module, photos), truth, photos, seen),
            "position_correlation": position_correlation(module),
            "block_errors": block_errors(module, teacher, photos),
        }
    figures["samples"] = sample_answers([exported_model(file) for file in files], config)
    figures["attention_distance"] = attention_distances(exported_model(files[0]), photos)
    return figures


def maybe_seen(file: Path) -> list[str]:
    """Sources whose kept-out photos this model, or the one it started from, may have met."""
    return read_header(file)["training"].get("maybe_seen", [])


def pixels(module: nn.Module, photos: Photos, chosen: torch.Tensor) -> torch.Tensor:
    """The chosen photos, whole, at the size and in the range the module wants [B, 3, S, S]."""
    wanted = resolve_model_data_config(module)
    mean, std = (torch.tensor(wanted[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    return (plain_views(photos, chosen, wanted["input_size"][-1]).images - mean) / std


@torch.no_grad()
def answers(module: nn.Module, photos: Photos) -> Answers:
    """The five most probable classes of every photo."""
    batches = torch.arange(len(photos)).split(BATCH)
    return Answers(torch.cat([module(pixels(module, photos, chosen)).topk(5).indices for chosen in batches]))


def accuracy_by_group(answer: Answers, teacher: Answers, photos: Photos, seen: set[str]) -> dict[str, dict]:
    """Figures over all photos, over those never seen, and by source."""
    sources = np.array(photos.source)
    groups = {"all": np.full(len(photos), True), "never seen": ~np.isin(sources, sorted(seen))}
    groups |= {source: sources == source for source in sorted(set(photos.source))}
    return {
        name: accuracy(answer, teacher, photos.label, torch.from_numpy(rows)) for name, rows in groups.items()
    }


def accuracy(
    answer: Answers, teacher: Answers, label: torch.Tensor, rows: torch.Tensor
) -> dict[str, float | None]:
    """Shares (0..1) over the chosen rows; top1 and top5 over those with a known class."""
    known = rows & (label >= 0)
    figures = {
        "photos": int(rows.sum()),
        "labelled": int(known.sum()),
        "agreement": share(answer.hits(teacher.top[:, 0], 1), rows),
        "teacher_in_top5": share(answer.hits(teacher.top[:, 0], 5), rows),
    }
    if known.any():
        figures["top1"] = share(answer.hits(label, 1), known)
        figures["top5"] = share(answer.hits(label, 5), known)
    return figures


def share(hits: torch.Tensor, rows: torch.Tensor) -> float | None:
    """Mean over the chosen rows; None where there are none."""
    if not rows.any():
        return None
    return round(hits[rows].float().mean().item(), 4)


def position_similarity(module: VisionTransformer) -> np.ndarray:
    """Cosine similarity of every two patch positions [N, N]."""
    pos = module.get_parameter("pos_embed")[0, module.num_prefix_tokens :]
    return cosine_similarity(pos.detach().numpy())


def position_correlation(module: VisionTransformer) -> float:
    """Pearson correlation of position similarity with grid distance, over pairs of patches."""
    distance = patch_distances(tuple(module.patch_embed.grid_size), (1, 1))
    return round(pair_correlation(position_similarity(module), distance), 4)


@torch.no_grad()
def block_errors(
    module: VisionTransformer, teacher: Teacher, photos: Photos, count: int = ERROR_PHOTOS
) -> dict[str, list[float]]:
    """How far each block [L] is from the teacher's on kept-out photos, as distill.relative_error counts it.

    `forced` is the error of its change of the teacher's own stream, `own` that of the stream after it where all
    blocks before it are the module's too. Both are empty unless the teacher has as many blocks of that width.
    """
    same = teacher.has_head and module.embed_dim == teacher.model.embed_dim
    if not same or len(module.blocks) != len(teacher.model.blocks):
        return {"forced": [], "own": []}
    batches = torch.arange(min(count, len(photos))).split(BATCH)
    errors = torch.stack([errors_of_batch(module, teacher, photos, chosen) for chosen in batches]).mean(0)
    forced, own = errors.numpy().round(4).tolist()
    return {"forced": forced, "own": own}


def errors_of_batch(
    module: VisionTransformer, teacher: Teacher, photos: Photos, chosen: torch.Tensor
) -> torch.Tensor:
    """[2, L] the errors `forced` and `own` of block_errors on the chosen photos, at the module's size for both."""
    side = resolve_model_data_config(module)["input_size"][-1]
    own, _ = forward_stream(module, pixels(module, photos, chosen))
    truth, _ = teacher.forward_stream(plain_views(photos, chosen, side).images)
    pairs = list(zip(module.blocks, truth, truth[1:], strict=False))
    forced = [relative_error(block(z) - z, after - z) for block, z, after in pairs]
    chained = [relative_error(guess, after) for guess, after in zip(own[1:], truth[1:], strict=True)]
    return torch.stack([torch.stack(forced), torch.stack(chained)])


def attention_distances(model: Model, photos: Photos, count: int = DISTANCE_PHOTOS) -> dict:
    """Mean attention distance in pixels by block and head [L][H], over `count` kept-out photos.

    `distance` is the paper's (prefix dropped, rows not renormalised); `renormalised` divides each
    row by its mass on patches (Walmer et al. 2023); `prefix_mass` is what was dropped.
    `standard_deviation` is that of each of the three over the photos; absent for a single one.
    """
    average = empty_average(model.info)
    for chosen in torch.arange(min(count, len(photos))).split(DISTANCE_BATCH):
        average = average.with_photos(distances_of_batch(model, pixels(model.module, photos, chosen)))
    figures = {
        "photos": average.photos,
        "unit": "pixels",
        "grid": list(average.grid),
        "patch_size": list(average.patch_size),
        "num_prefix_tokens": average.num_prefix_tokens,
    }
    spread = average.standard_deviation
    return (
        figures
        | _by_measure(average.mean)
        | ({} if spread is None else {"standard_deviation": _by_measure(spread)})
    )


def _by_measure(values: np.ndarray) -> dict[str, list]:
    return dict(zip(MEASURES, values.round(4).tolist(), strict=True))


def exported_model(file: Path) -> Model:
    """An exported file, ready to trace."""
    return as_model(load_exported(file), name=file.stem, device="cpu")


def sample_answers(models: list[Model], config: Config) -> dict[str, list[list]]:
    """Top-5 [label, probability] on every sample photo: each model, then the teacher."""
    everyone = models + sample_teacher(config)
    table = {}
    for name in samples():
        table[name] = [top5(trace(model, sample_photo(name)), model) for model in everyone]
    return table


def sample_teacher(config: Config) -> list[Model]:
    """The teacher as the app would load it."""
    if not Path(config.teacher).is_file():
        return [load_model(config.teacher, device="cpu")]
    if read_header(Path(config.teacher)):
        return [exported_model(Path(config.teacher))]
    return [load_model(config.teacher_arch, checkpoint=config.teacher, device="cpu")]


def top5(traced: Trace, model: Model) -> list[list]:
    """The five most probable labels with their probabilities."""
    guesses = top_k(traced.probs, model.labels, 5)
    return [[guess.short_label, round(guess.prob, 3)] for guess in guesses]


def tables(figures: dict) -> str:
    """The figures as Markdown, for the card."""
    models = figures["models"]
    names = list(models)
    kept_out = {name: entry["kept_out"] for name, entry in models.items()}
    lines = [row("source", "photos", *(f"{n} {f}" for n in names for f in FIGURES), *TEACHER)]
    lines.append(row(*["---"] * (lines[0].count("|") - 1)))
    for group, teacher in figures["teacher"].items():
        ours = [percent(kept_out[name][group].get(key)) for name in names for key in FIGURES.values()]
        theirs = [percent(teacher.get(key)) for key in TEACHER.values()]
        note = " (may have been seen)" if group in figures["maybe_seen"] else ""
        lines.append(row(group + note, teacher["photos"], *ours, *theirs))
    lines += ["", row("sample", *names, "teacher"), row(*["---"] * (len(names) + 2))]
    for sample, columns in figures["samples"].items():
        cells = (", ".join(f"{label} {prob:.2f}" for label, prob in column) for column in columns)
        lines.append(row(sample, *cells))
    lines.append("")
    for name, entry in models.items():
        value = entry["position_correlation"]
        lines.append(f"{name}: position similarity and grid distance correlate by {value:.2f}.")
    lines += ["", *error_table({name: entry["block_errors"] for name, entry in models.items()})]
    return "\n".join(lines)


def error_table(errors: dict[str, dict[str, list[float]]]) -> list[str]:
    """A column per block, a row per model and kind of error; nothing where none was measured."""
    depth = max(len(kinds["own"]) for kinds in errors.values())
    if not depth:
        return []
    rows = [
        row(f"{name}, {kind}", *(f"{error:.2f}" for error in values))
        for name, kinds in errors.items()
        for kind, values in kinds.items()
    ]
    return [row("error of block", *range(1, depth + 1)), row(*["---"] * (depth + 1)), *rows]


FIGURES = {
    "top-1": "top1",
    "top-5": "top5",
    "agreement": "agreement",
    "teacher's answer in top 5": "teacher_in_top5",
}
TEACHER = {"teacher top-1": "top1", "teacher top-5": "top5"}


def row(*cells: object) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def percent(value: float | None) -> str:
    """A share as a table shows it."""
    return "–" if value is None else f"{100 * value:.1f}"
