"""What the stream explorer is sent: lengths and cosines of every token in every layer."""

import numpy as np

from vit_viz.analysis.stream import Contributions
from vit_viz.components.payload import as_text


def stream_payload(found: Contributions) -> str:
    """The six tables as float32 in one blob."""
    return as_text({name: table.astype(np.float32) for name, table in found._asdict().items()})
