"""Photos as the sidebar's strip shows them."""

import base64
import io

from PIL import Image, ImageOps

SIDE = 96


def thumbnail(photo: Image.Image) -> str:
    """A small square of the photo's middle, as an address that holds the picture itself."""
    buffer = io.BytesIO()
    ImageOps.fit(photo, (SIDE, SIDE)).save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
