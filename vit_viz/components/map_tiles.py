"""Maps of patches side by side over their photos, with one cursor for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vit_viz.components.mounted import component

_tiles = component("map_tiles", js="rollout/map_tiles.js", css="rollout/map_tiles.css")


@dataclass(frozen=True, kw_only=True, eq=False)
class MapTile:
    """One map (N,) from 0 on, of the photo at address `photo`; `note` stands below its title."""

    title: str
    note: str
    photo: str
    values: np.ndarray


def map_tiles(
    tiles: Sequence[MapTile],
    grid: tuple[int, int],
    *,
    aspect: float,
    look: str = "patches",
    share: bool = False,
    alt: str,
    key: str,
) -> None:
    """Draw the tiles, each divided by its own largest value.

    aspect  the photos' width, divided by their height: their room is kept until they come
    look    "patches", or "paper": the photo, and beside it the photo times its smooth map
    share   whether all tiles are of one photo, so that one cursor goes over all of them
    alt     describes what is seen, with a full stop
    """
    _tiles(
        key=key,
        data={
            "tiles": [
                {
                    "title": tile.title,
                    "note": tile.note,
                    "photo": tile.photo,
                    "values": [float(f"{value:.7g}") for value in tile.values],
                }
                for tile in tiles
            ],
            "grid": list(grid),
            "aspect": aspect,
            "look": look,
            "share": share,
            "alt": alt,
        },
    )
