"""Everything a training run depends on, in one frozen dataclass."""

from dataclasses import dataclass, fields

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# may change while a run goes on: where, how fast and how exactly it computes, and what it writes how often
OF_THE_MACHINE = (
    "device", "precision", "compile", "threads", "prefetch", "checkpoint_minutes", "part_bytes", "watch",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Config:
    """One run: student, teacher, data, plan, losses, views, machine.

    What a step sees follows from (Config, step), so no generator is stored: the order of the photos and every
    random number of a batch are functions of `seed`, the number of runs that `init` comes from, and the step.
    With anneal_minutes > 0 a step's stage (phase, size, learning rate, labels, mixup) follows the clock instead,
    and such a run cannot be repeated exactly. A run goes on with the options it began with, those OF_THE_MACHINE
    excepted.
    """

    # student: the arguments of timm's VisionTransformer
    img_size: int = 224
    patch_size: int = 16
    embed_dim: int = 192
    depth: int = 12
    num_heads: int = 6
    num_classes: int = 1000
    init: str = ""  # an exported file to start from, of this depth or a divisor; empty: random from `seed`
    init_saw: str = ""  # sources whose kept-out photos `init` may have met: measured apart

    # teacher: a timm model name, or a local file and its architecture
    teacher: str = "../shared/models/deit_tiny_patch16_224.safetensors"
    teacher_arch: str = "deit_tiny_patch16_224"

    # data: .npz shards, or a folder with one folder per class
    data: str = "../shared/data"
    keep_out_every: int = 50  # photo i is kept out where i % 50 == 0
    decode_sizes: str = "84,208"  # photos are stored as squares of one of these sides
    limit: int = 0  # photos read per shard or folder; 0: all

    # plan: by passes over the data, or, where the machine is shared, by wall time
    seed: int = 0
    passes: float = 100.0
    anneal_minutes: float = 0.0  # > 0: the schedule follows the clock instead of the passes
    blocks_share: float = 0.5  # share of the plan spent on teacher-forced blocks
    small_size: int = 160  # photo size of the first part of each phase ...
    small_share: float = 0.0  # ... which is this share of the plan; the rest runs at img_size
    batch_size: int = 512
    lr_blocks: float = 4e-3
    # of CLS token and positions in the first phase, in lr_blocks: a teacher's may have entries beyond 10, and
    # one step of Adam is no longer than its learning rate
    token_speed: float = 100.0
    # much less for the whole than for blocks one by one: at 1e-3 thirty steps undid what blocks had learnt
    lr: float = 1.5e-4
    warmup: float = 0.02  # share of each phase
    weight_decay: float = 0.05
    clip: float = 1.0
    ema_half_life: int = 20_000  # photos after which the moving average has forgotten half

    # losses of the end-to-end phase; `head` and `hidden` also serve the first phase
    hidden: float = 1.0
    soft: float = 1.0
    head: float = 0.5
    correct: float = 0.0  # share of the teacher's mass on classes with photos that goes to the label
    hard: float = 0.3
    hard_from: float = 0.5  # hard labels fade in from this share of the plan on

    # views
    crop_min: float = 0.3  # smallest share of the photo's area in a crop
    colour: float = 0.3  # brightness, contrast and saturation move by up to this factor
    blur: float = 0.5  # share of the sharp photos that are first reduced to a random side
    blur_side: int = 72  # ... between this and their own side
    mixup: float = 0.0  # share of the batches that are mixed ...
    mixup_from: float = 0.5  # ... from this share of the plan on

    # machine
    device: str = "auto"  # auto: cuda where there is one
    precision: str = "auto"  # auto: bf16 where the hardware multiplies it, else fp32
    compile: str = "auto"  # auto: with bf16; slower than eager in fp32 on CPUs when tried
    threads: int = 0  # 0: torch's own choice
    prefetch: int = 0  # batches that one other thread prepares, teacher included; 2 on CPUs
    checkpoint_minutes: float = 8.0
    part_bytes: int = 15_000_000  # checkpoints are written in parts of at most this size
    watch: int = 256  # kept-out photos measured at each checkpoint

    def differences(self, other: "Config") -> list[str]:
        """What makes the two different runs: names of options, without those of the machine."""
        names = (entry.name for entry in fields(self) if entry.name not in OF_THE_MACHINE)
        return [name for name in names if getattr(self, name) != getattr(other, name)]

    def student_args(self) -> dict[str, int]:
        """The arguments of timm's VisionTransformer."""
        names = ("img_size", "patch_size", "embed_dim", "depth", "num_heads", "num_classes")
        return {name: getattr(self, name) for name in names}

    def stored_sides(self) -> tuple[int, ...]:
        """decode_sizes as numbers, smallest first."""
        return tuple(sorted(int(side) for side in self.decode_sizes.split(",")))
