"""The losses: what a student learns from its teacher on one batch.

Axes: B batch, T tokens, D embed_dim, C classes. A *stream* is the list of depth + 1 residual
streams [B, T, D]: after the embedding, then after every block. The classification token and
the patches are measured apart and count the same: among 197 tokens the one that carries the
answer would weigh half a percent.
"""

from dataclasses import dataclass
from pathlib import Path

import timm
import torch
from timm.data.config import resolve_model_data_config
from timm.models import is_model
from timm.models.vision_transformer import VisionTransformer
from torch import nn
from torch.nn import functional

from vit_viz.checkpoints import first_line, load_exported, read_header, read_state_dict
from vit_viz.errors import CheckpointError, TrainingError, UnknownModelError
from vit_viz.training.config import IMAGENET_MEAN, IMAGENET_STD, Config

HEAD_COPIES = 4  # disturbed copies of each final token that the head learns on
CLS_FLOOR = 0.05  # of the patches' variance: CLS tokens hardly differ in the first blocks


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the teacher says of one batch; stream is empty where it has no matching tokens."""

    stream: tuple[torch.Tensor, ...]
    logits: torch.Tensor
    probes: torch.Tensor | None
    probe_logits: torch.Tensor | None


def forward_stream(model: VisionTransformer, x: torch.Tensor) -> tuple[list, torch.Tensor]:
    """Stream and logits [B, C] of timm's VisionTransformer for normalised images [B, 3, S, S]."""
    x = model.norm_pre(model._pos_embed(model.patch_embed(x)))
    stream = [x]
    for block in model.blocks:
        stream.append(block(stream[-1]))
    return stream, model.forward_head(model.norm(stream[-1]))


def head_logits(model: VisionTransformer, cls: torch.Tensor) -> torch.Tensor:
    """Logits [M, C] of final classification tokens [M, D]."""
    return model.head(model.fc_norm(model.norm(cls)))


def relative_error(guess: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Squared error over the truth's variance around its mean token; CLS and patches alike."""
    error = (guess - truth).float().square()
    spread = (truth - truth.mean((0, 1), keepdim=True)).float()[:, 1:].square().mean()
    cls_spread = (truth[:, :1] - truth[:, :1].mean(0, keepdim=True)).float().square().mean()
    cls = error[:, :1].mean() / (cls_spread + CLS_FLOOR * spread)
    return 0.5 * (error[:, 1:].mean() / spread + cls)


class Teacher(nn.Module):
    """A frozen timm model. Its stream is used where it has the student's patches."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, model: nn.Module, config: Config):
        super().__init__()
        self.model = model.eval().requires_grad_(False)
        pretrained = resolve_model_data_config(model)
        self.register_buffer("mean", torch.tensor(pretrained["mean"]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(pretrained["std"]).view(1, 3, 1, 1))
        self.has_stream = has_matching_tokens(model, config)
        self.has_head = self.has_stream and has_plain_head(model) and model.embed_dim == config.embed_dim

    @torch.no_grad()
    def forward(self, images: torch.Tensor, noise: torch.Tensor) -> Lesson:
        """images [B, 3, S, S] in 0..1; noise [HEAD_COPIES, B, D_student]."""
        if not self.has_stream:
            return Lesson((), self.model(self.normalised(images)).float(), None, None)
        stream, logits = self.forward_stream(images)
        if not self.has_head:
            return Lesson(stream, logits.float(), None, None)
        cls = stream[-1][:, 0].float()
        # of the batch itself: a photo alone says nothing of how tokens differ
        spread = cls.std(0, correction=0)
        probes = (cls + noise * spread).flatten(0, 1)
        return Lesson(stream, logits.float(), probes, head_logits(self.model, probes).float())

    def normalised(self, images: torch.Tensor) -> torch.Tensor:
        """images [B, 3, S, S] in 0..1 as the model wants them."""
        return (images - self.mean) / self.std

    def forward_stream(self, images: torch.Tensor) -> tuple[tuple[torch.Tensor, ...], torch.Tensor]:
        """Stream of CLS and patches alone, and logits [B, C], for images [B, 3, S, S] in 0..1."""
        stream, logits = forward_stream(self.model, self.normalised(images))
        return tuple(without_extra_prefix(z, self.model.num_prefix_tokens) for z in stream), logits


def has_matching_tokens(model: nn.Module, config: Config) -> bool:
    """Whether the model cuts photos into the student's patches, and has as many blocks."""
    return (
        isinstance(model, VisionTransformer)
        and model.patch_embed.patch_size == (config.patch_size, config.patch_size)
        and model.global_pool == "token"
        and len(model.blocks) >= config.depth
    )


def has_plain_head(model: VisionTransformer) -> bool:
    """Whether head_logits is the model's answer: a distilled DeiT has a second head, on a token of its own."""
    return type(model).forward_head is VisionTransformer.forward_head


def without_extra_prefix(stream: torch.Tensor, num_prefix_tokens: int) -> torch.Tensor:
    """Keep CLS and the patches: [B, R + N, D] -> [B, 1 + N, D]."""
    if num_prefix_tokens == 1:
        return stream
    return torch.cat([stream[:, :1], stream[:, num_prefix_tokens:]], 1)


class Distiller(nn.Module):
    """The student, and one linear map per depth where the teacher is wider."""

    mean: torch.Tensor
    std: torch.Tensor
    seen: torch.Tensor

    def __init__(self, config: Config, teacher: Teacher):
        super().__init__()
        self.student = VisionTransformer(**config.student_args(), dynamic_img_size=config.small_share > 0)
        self.weights = (config.hidden, config.soft, config.head)
        self.correct = config.correct
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.register_buffer("seen", torch.ones(config.num_classes, dtype=torch.bool))
        self.depths: tuple[int, ...] = ()
        self.maps = nn.ModuleList()
        if teacher.has_stream:
            step = len(teacher.model.blocks) / config.depth
            self.depths = tuple(round(i * step) for i in range(config.depth + 1))
            self.maps.extend(self.width_map(teacher.model.embed_dim) for _ in self.depths)

    def set_seen(self, labels: torch.Tensor) -> None:
        """Tell which classes the photos' labels [N] (-1 unknown) name; without any, all stay."""
        known = labels[labels >= 0]
        if len(known):
            self.seen.zero_()
            self.seen[known] = True

    def width_map(self, teacher_dim: int) -> nn.Module:
        """From the student's width to the teacher's."""
        same = teacher_dim == self.student.embed_dim
        return nn.Identity() if same else nn.Linear(self.student.embed_dim, teacher_dim)

    def forward(
        self,
        phase: str,
        images: torch.Tensor,
        lesson: Lesson,
        labels: torch.Tensor,
        share: torch.Tensor,
        hard: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        """Loss and its parts for images [B, 3, S, S] in 0..1 and labels [2, B].

        share and hard are tensors [], because a compiled function is compiled again for every
        new Python number.
        """
        x = (images - self.mean) / self.std
        if phase == "blocks":
            return self.teacher_forced(x, lesson)
        return self.end_to_end(x, lesson, labels, share, hard)

    def teacher_forced(self, x: torch.Tensor, lesson: Lesson) -> dict[str, torch.Tensor]:
        """Each block gets the teacher's stream and learns its change up to the next depth."""
        if not self.maps or not isinstance(self.maps[0], nn.Identity):
            raise TrainingError(
                "Teacher-forced blocks need a teacher of the student's width and patch size. "
                "Choose another teacher, or blocks_share=0 to train end to end only."
            )
        student, stream = self.student, lesson.stream
        embedded = student.norm_pre(student._pos_embed(student.patch_embed(x)))
        error = relative_error(embedded, stream[0])
        # all of one length: torch 2.9 cannot compile a zip that ends early
        for block, i, j in zip(student.blocks, self.depths[:-1], self.depths[1:], strict=True):
            error = error + relative_error(block(stream[i]) - stream[i], stream[j] - stream[i])
        error = error / (len(student.blocks) + 1)
        head = self.head_error(lesson)
        return {"loss": error + self.weights[-1] * head, "hidden": error, "head": head}

    def end_to_end(
        self,
        x: torch.Tensor,
        lesson: Lesson,
        labels: torch.Tensor,
        share: torch.Tensor,
        hard: torch.Tensor,
    ) -> dict[str, torch.Tensor]:
        """Hidden states, soft logits, the head on disturbed final tokens, and hard labels.

        Labels tell apart the classes of which there are photos; compared with all classes they
        would also teach that no other class exists, against what the teacher knows. They correct the
        teacher's answer, or are a loss of their own beside it.
        """
        stream, logits = forward_stream(self.student, x)
        logits = logits.float()
        parts = {
            "hidden": self.hidden_error(stream, lesson),
            "soft": soft_error(
                logits, corrected_answer(lesson.logits, labels, share, self.seen, self.correct)
            ),
            "head": self.head_error(lesson),
            "hard": hard_error(logits.masked_fill(~self.seen, -torch.inf), labels, share),
        }
        weights = (*self.weights, hard)
        parts["loss"] = sum(w * p for w, p in zip(weights, parts.values(), strict=True))
        agree = logits.argmax(-1) == lesson.logits.argmax(-1)
        return parts | {"agreement": agree.float().mean()}

    def hidden_error(self, stream: list[torch.Tensor], lesson: Lesson) -> torch.Tensor:
        """Mean relative error over the student's blocks."""
        errors = [
            relative_error(to_teacher(z), lesson.stream[i])
            for to_teacher, z, i in zip(self.maps, stream, self.depths, strict=False)
        ]
        return torch.stack(errors[1:]).mean() if errors else stream[0].new_zeros(())

    def head_error(self, lesson: Lesson) -> torch.Tensor:
        """The teacher's head is a function of one token: learn it around the tokens met.

        This reaches the classes of which there is no photo: a token disturbed by as much as
        tokens differ gets other answers than any photo of the batch.
        """
        if lesson.probes is None or lesson.probe_logits is None:
            return lesson.logits.new_zeros(())
        guess = head_logits(self.student, lesson.probes).float()
        return functional.mse_loss(guess, lesson.probe_logits) / lesson.probe_logits.var()


def corrected_answer(
    teacher_logits: torch.Tensor,
    labels: torch.Tensor,
    share: torch.Tensor,
    seen: torch.Tensor,
    correct: float,
) -> torch.Tensor:
    """The teacher's probabilities [B, C], moved to the labels [2, B] (-1 unknown) among the classes `seen` [C].

    The other classes keep what the teacher gives them: what it knows of them is not contradicted. A photo without
    a label keeps all of its answer.
    """
    answer = teacher_logits.softmax(-1)
    among = answer * seen
    known = functional.one_hot(labels.clamp(min=0), answer.shape[-1]) * (labels >= 0)[..., None]
    label = share * known[0] + (1 - share) * known[1]
    return answer + correct * (among.sum(-1, keepdim=True) * label - label.sum(-1, keepdim=True) * among)


def soft_error(logits: torch.Tensor, answer: torch.Tensor) -> torch.Tensor:
    """KL divergence of the student's answer from the probabilities it should give, in nats."""
    return functional.kl_div(logits.log_softmax(-1), answer, reduction="batchmean")


def hard_error(logits: torch.Tensor, labels: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Cross entropy on the known labels [2, B] (-1 unknown), mean over the whole batch."""
    first, second = (
        functional.cross_entropy(logits, labels[k], ignore_index=-1, reduction="sum") for k in (0, 1)
    )
    return (share * first + (1 - share) * second) / len(logits)


def load_teacher(config: Config) -> Teacher:
    """A timm model by name with its published weights, or a local file.

    The file's architecture is config.teacher_arch, unless its header says how to build it. Where the class can, it
    takes photos of any side. Raises CheckpointError for a file and UnknownModelError for a name that is none.
    """
    path = Path(config.teacher)
    if path.suffix not in {".safetensors", ".pth"}:
        return Teacher(any_size(config.teacher, pretrained=True), config)
    if not path.is_file():
        raise CheckpointError(
            f"No teacher at {config.teacher}: give a local file with --teacher and its timm "
            "architecture with --teacher-arch, or the name of a timm model."
        )
    if read_header(path):
        return Teacher(load_exported(path, dynamic_img_size=True), config)
    model, weights = any_size(config.teacher_arch), read_state_dict(path)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"The weights of {path} do not fit {config.teacher_arch}. Give the timm architecture that they were "
            f"saved from with --teacher-arch ({first_line(error)})."
        ) from None
    return Teacher(model, config)


def any_size(name: str, pretrained: bool = False) -> nn.Module:
    """A timm model, told to fit its positions to the photo where its class knows how."""
    if not is_model(name):
        raise UnknownModelError(
            f"timm has no model named {name!r}. A teacher is a .safetensors or .pth file, or a timm name such as "
            "deit_tiny_patch16_224; --teacher-arch is always such a name."
        )
    try:
        return timm.create_model(name, pretrained=pretrained, dynamic_img_size=True)
    except TypeError:  # no such option: a CNN, which takes any size, or a class that takes only its own
        return timm.create_model(name, pretrained=pretrained)


@torch.no_grad()
def check_sizes(teacher: Teacher, config: Config) -> None:
    """Raise TrainingError where the teacher cannot take photos of a side that the plan has."""
    for side in {config.img_size, config.small_size if config.small_share > 0 else config.img_size}:
        try:
            teacher.model(torch.zeros(1, 3, side, side))
        except (AssertionError, RuntimeError, ValueError) as error:
            raise TrainingError(
                f"The teacher takes no photos of {side} px: {first_line(error)} Choose another side with "
                "--img-size and --small-size, or another teacher."
            ) from error
