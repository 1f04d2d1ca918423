"""Where a run computes, and with which arithmetic."""

from contextlib import nullcontext
from dataclasses import dataclass

import torch
from timm.layers.attention import Attention
from torch import nn

from vit_viz.devices import available
from vit_viz.training.config import Config


@dataclass(frozen=True)
class Machine:
    """Where and how to compute, after `auto` has been decided."""

    device: torch.device
    bf16: bool
    compiled: bool

    def autocast(self):
        """The context in which losses are computed."""
        if not self.bf16:
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def choose_attention(self, model: nn.Module) -> None:
        """On CPUs plain matrix products: a compiled step of 160 px took 1.6 times as long with the fused kernel."""
        for module in model.modules():
            if isinstance(module, Attention):
                module.fused_attn = self.device.type != "cpu"


def choose_machine(config: Config) -> Machine:
    """Decide every `auto` of the configuration."""
    auto = config.device == "auto"
    device = torch.device(("cuda" if "cuda" in available() else "cpu") if auto else config.device)
    bf16 = config.precision == "bf16" or (config.precision == "auto" and multiplies_bf16(device))
    compiled = config.compile == "yes" or (config.compile == "auto" and bf16)
    return Machine(device, bf16, compiled)


def multiplies_bf16(device: torch.device) -> bool:
    """Without such instructions bf16 is emulated, and 4 times slower than fp32 on one Xeon."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
