"""The optimizer of the blocks' matrices, beside torch's own, and the moving average."""

from collections import Counter

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from vit_viz.training.distill import load_teacher
from vit_viz.training.machine import choose_machine
from vit_viz.training.muon import Muon, orthogonal
from vit_viz.training.run import new_run

RATES = dict(lr=0.02, weight_decay=0.1)


class Calls(TorchDispatchMode):
    """Counts what torch is asked to compute: about the kernels that a card would run."""

    def __init__(self):
        super().__init__()
        self.names: Counter[str] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names[func.name().split(".")[0]] += 1
        return func(*args, **(kwargs or {}))


def stepped(
    optimizer: torch.optim.Optimizer, params: list[torch.Tensor], steps: int = 3
) -> list[torch.Tensor]:
    """The parameters after steps along random gradients, the same for every optimizer."""
    generator = torch.Generator().manual_seed(1)
    for _ in range(steps):
        for p in params:
            p.grad = torch.randn(p.shape, generator=generator)
        optimizer.step()
    return [p.detach() for p in params]


def matrices(*shapes: tuple[int, int]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]


def torchs(params: list[torch.Tensor]) -> torch.optim.Optimizer:
    return torch.optim.Muon(params, adjust_lr_fn="match_rms_adamw", **RATES)


def test_plain_matrices_are_stepped_as_torch_steps_them():
    """Square, tall and wide ones, two of each shape."""
    shapes = [(24, 24), (48, 24), (24, 48)] * 2
    ours, theirs = matrices(*shapes), matrices(*shapes)
    found = stepped(Muon([(f"m{i}", p) for i, p in enumerate(ours)], **RATES), ours)
    expected = stepped(torchs(theirs), theirs)
    for one, other, before in zip(found, expected, matrices(*shapes), strict=True):
        assert (other - before).abs().mean() > 0.005
        torch.testing.assert_close(one, other, rtol=0, atol=5e-4)


def test_queries_keys_and_values_are_stepped_apart():
    """As three matrices of torch's; each as long as any other, though the values' gradients are 30 times larger."""
    scales = torch.tensor([1.0, 1.0, 30.0])
    (qkv,), apart = matrices((72, 24)), matrices((24, 24), (24, 24), (24, 24))
    before = qkv.detach().clone()
    for p, part in zip(apart, before.chunk(3), strict=True):
        p.data.copy_(part)
    grad = torch.randn(3, 24, 24, generator=torch.Generator().manual_seed(2)) * scales[:, None, None]
    qkv.grad = grad.flatten(0, 1)
    for p, part in zip(apart, grad, strict=True):
        p.grad = part
    Muon([("blocks.0.attn.qkv.weight", qkv)], **RATES).step()
    torchs(apart).step()
    torch.testing.assert_close(qkv.detach(), torch.cat(apart).detach(), rtol=0, atol=5e-4)
    lengths = (qkv.detach() - before * (1 - 0.02 * 0.1)).view(3, -1).square().mean(1).sqrt()
    torch.testing.assert_close(lengths, torch.full((3,), 0.2 * 0.02), rtol=0.2, atol=0)


def test_singular_values_become_about_one():
    stack = torch.randn(3, 20, 40, generator=torch.Generator().manual_seed(0))
    for made in (orthogonal(stack), orthogonal(stack.mT).mT):
        values = torch.linalg.svdvals(made)
        assert 0.6 < values.min() < values.max() < 1.3


@pytest.mark.parametrize("depth", [1, 4])
def test_more_blocks_are_no_more_matrix_products(depth):
    """Three shapes, five iterations of three products."""
    shapes = {"attn.qkv": (72, 24), "attn.proj": (24, 24), "mlp.fc1": (96, 24), "mlp.fc2": (24, 96)}
    params = matrices(*list(shapes.values()) * depth)
    names = [f"blocks.{i}.{name}.weight" for i in range(depth) for name in shapes]
    muon = Muon(zip(names, params, strict=True), **RATES)
    with Calls() as calls:
        stepped(muon, params, steps=1)
    assert calls.names["aten::bmm"] + calls.names["aten::baddbmm"] == 3 * 5 * 3


def test_the_moving_average_is_one_call_and_follows_the_weights(config):
    run = new_run(config, load_teacher(config), choose_machine(config))
    before = {name: value.clone() for name, value in run.ema.items()}
    for p in run.distiller.student.parameters():
        p.data.add_(1)
    with Calls() as calls:
        run.update_ema(0.75)
    assert calls.names == {"aten::_foreach_lerp_": 1}
    for name, value in run.ema.items():
        torch.testing.assert_close(value, before[name] + 0.25)
