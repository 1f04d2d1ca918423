"""What the stream explorer is sent: lengths and cosines of every token in every layer."""

import base64

import numpy as np

from vit_viz.analysis.stream import Contributions
from vit_viz.components.payload import pack


def stream_payload(found: Contributions) -> str:
    """The five tables as float32 in one blob, base64: a component's data is JSON."""
    arrays = {name: table.astype(np.float32) for name, table in found._asdict().items()}
    return base64.b64encode(pack(arrays)).decode()
