"""Where arrays cross between numpy and torch."""

import numpy as np
import torch
from torch import Tensor


def batch_of(array: np.ndarray, device: torch.device) -> Tensor:
    """array (…) → (1, …) on the device: a copy, because what is shared is read-only and a tensor is not."""
    return torch.from_numpy(np.array(array))[None].to(device)


def read_only_array(values: Tensor) -> np.ndarray:
    """float32 on the CPU; it may lie over the tensor's own memory, so nobody writes into it."""
    return read_only(values.detach().float().cpu().numpy())


def read_only(array: np.ndarray) -> np.ndarray:
    """The very array, into which nobody writes from now on."""
    array.flags.writeable = False
    return array
