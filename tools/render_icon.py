"""Draws assets/icon.png: a patch grid with one patch picked."""

from pathlib import Path

from PIL import Image, ImageDraw

SIDE, CELLS = 96, 4


def icon() -> Image.Image:
    """A grid of patches in attention purple, one of them CLS orange."""
    image = Image.new("RGBA", (SIDE, SIDE))
    pen = ImageDraw.Draw(image)
    step = SIDE / CELLS
    for row in range(CELLS):
        for col in range(CELLS):
            shade = "#E69F00" if (row, col) == (1, 2) else "#CC79A7"
            box = (col * step + 3, row * step + 3, (col + 1) * step - 4, (row + 1) * step - 4)
            pen.rounded_rectangle(box, radius=4, fill=shade)
    return image


if __name__ == "__main__":
    icon().save(Path(__file__).parents[1] / "assets" / "icon.png", optimize=True)
