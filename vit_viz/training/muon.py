"""Muon (Jordan et al. 2024): the step of a matrix is its momentum, made orthogonal.

The arithmetic is that of torch.optim.Muon with adjust_lr_fn="match_rms_adamw", but for two things. Queries, keys
and values are stepped apart, as Jordan et al. advise: timm's one matrix holds all three, and what a step of the
whole leaves to each depends on the gradients of the others. And all matrices of one shape are stacked and stepped
at once: for twelve blocks a card runs some 70 kernels a step instead of 1,100.
"""

# pyright: reportPrivateImportUsage=false
# torch has no public names yet for what it does with lists of tensors at once

from collections import defaultdict
from collections.abc import Callable, Iterable

import torch

# Jordan et al.: steep at 0, so that small singular values grow fast
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    """Steps named matrices [rows, columns]; one named `*.qkv.weight` [3D, D] as three.

    A step is 0.2 lr √max(rows, columns) times an orthogonal matrix, so that its entries' root mean square is 0.2
    lr, about that of AdamW's steps (Liu et al. 2025); decay is decoupled, too. The state of a parameter is one
    `momentum_buffer` of its shape.
    """

    def __init__(
        self,
        named: Iterable[tuple[str, torch.Tensor]],
        lr: float,
        weight_decay: float,
        momentum: float = 0.95,
    ) -> None:
        super().__init__(named, dict(lr=lr, weight_decay=weight_decay, momentum=momentum))

    @torch.no_grad()
    def step(self, closure: Callable | None = None) -> None:
        """One step of every matrix; each has a gradient."""
        for group in self.param_groups:
            lr, momentum, params = group["lr"], group["momentum"], group["params"]
            for p in params:
                if p not in self.state:
                    self.state[p]["momentum_buffer"] = torch.zeros_like(p)
            grads = [p.grad for p in params]
            buffers = [self.state[p]["momentum_buffer"] for p in params]
            torch._foreach_lerp_(buffers, grads, 1 - momentum)
            updates = torch._foreach_lerp(grads, buffers, momentum)  # Nesterov: one step of momentum ahead
            torch._foreach_mul_(params, 1 - lr * group["weight_decay"])
            for shape, pairs in by_shape(group["param_names"], params, updates).items():
                matrices, stack = zip(*pairs, strict=True)
                steps = orthogonal(torch.stack(stack)).unbind()
                torch._foreach_add_(matrices, steps, alpha=-0.2 * lr * max(shape) ** 0.5)


def by_shape(
    names: Iterable[str], params: Iterable[torch.Tensor], updates: Iterable[torch.Tensor]
) -> dict[torch.Size, list[tuple[torch.Tensor, torch.Tensor]]]:
    """What is stepped apart, as views of the parameters, each beside its update, by shape."""
    groups = defaultdict(list)
    for name, p, update in zip(names, params, updates, strict=True):
        count = 3 if name.endswith(".qkv.weight") else 1
        for pair in zip(p.chunk(count), update.chunk(count), strict=True):
            groups[pair[0].shape].append(pair)
    return groups


def orthogonal(stack: torch.Tensor) -> torch.Tensor:
    """Of matrices U S Vᵀ [M, rows, columns] nearly U Vᵀ, by Newton–Schulz: singular values of about 0.7 to 1.2.

    In bfloat16, which is as exact as the iteration is.
    """
    a, b, c = NEWTON_SCHULZ
    tall = stack.shape[1] > stack.shape[2]
    x = (stack.mT if tall else stack).bfloat16()
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).to(stack.dtype).contiguous()
