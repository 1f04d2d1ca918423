"""Photos as the sidebar's strip shows them, and small pictures that pages carry with them."""

import base64
import io

import numpy as np
from PIL import Image, ImageOps

SIDE = 96


def thumbnail(photo: Image.Image) -> str:
    """A small square of the photo's middle, as an address that holds the picture itself."""
    return jpeg_address(ImageOps.fit(photo, (SIDE, SIDE)), quality=80)


def small_picture(pixels: np.ndarray, side: int, quality: int) -> str:
    """uint8 pixels (H, W, 3), at most `side` long and high, as such an address."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side))
    return jpeg_address(picture, quality=quality)


def jpeg_address(picture: Image.Image, quality: int) -> str:
    """The picture as a JPEG inside its own address.

    Streamlit's own addresses of pictures are gone with the page they are on, which a browser may ask for later, and
    do not tell it to store none.
    """
    return _address(picture, "jpeg", quality=quality)


def png_address(picture: Image.Image) -> str:
    """The picture, which may have holes, as a PNG inside its own address."""
    return _address(picture, "png")


def _address(picture: Image.Image, kind: str, **options: int) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"
