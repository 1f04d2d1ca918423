"""Which tokens a model's answer is read from. Axes: T tokens = R prefix tokens + N patches."""

from collections.abc import Sequence

import numpy as np


def read_tokens(
    pool: str, prefix_names: Sequence[str], num_tokens: int, *, pools_prefix: bool = False
) -> list[int]:
    """CLS (and the distillation token), or all patches where the model pools them; all tokens if `pools_prefix`.

    `pool` is timm's global_pool. A model that pools by attention weighs what it pools; here all count alike.
    """
    if pool == "token" and prefix_names:
        return [token for token, name in enumerate(prefix_names) if name in ("CLS", "DIST")]
    return list(range(0 if pools_prefix else len(prefix_names), num_tokens))


def read_weights(read: Sequence[int], num_tokens: int) -> np.ndarray:
    """(T,) the same share for each token that is read, together 1."""
    weights = np.zeros(num_tokens)
    weights[list(read)] = 1 / len(read)
    return weights
