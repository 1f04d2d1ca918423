"""Figures of the Embedding page."""

import io

import numpy as np
from PIL import Image

GAP = 1
ENLARGED = 8
COLUMNS = 7


def filter_sheet(pictures: np.ndarray) -> Image.Image:
    """Pictures (n, h, w, 3) uint8 on one sheet, row by row, enlarged without blending."""
    count, height, width, _ = pictures.shape
    rows = -(-count // COLUMNS)
    sheet = np.full((rows * (height + GAP) - GAP, COLUMNS * (width + GAP) - GAP, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = (index // COLUMNS) * (height + GAP), (index % COLUMNS) * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    size = (sheet.shape[1] * ENLARGED, sheet.shape[0] * ENLARGED)
    return Image.fromarray(sheet).resize(size, Image.Resampling.NEAREST)


def png(picture: Image.Image) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
