"""Sentences about choices that do not fit: a link's, and a photo too small to say much."""

from vit_viz.photos import share_in_reach
from vit_viz.ui.words.numbers import counted


def small_photo(name: str, size: tuple[int, int]) -> str:
    """Why the answer to a photo of size (width, height) means little."""
    width, height = size
    middle = "the middle of it" if share_in_reach(size) < 1 else "it"
    wide, high = ("", "only ") if height < width else ("only ", "")
    small = f"{wide}{counted(width, 'pixel')} wide and {high}{height} high"
    return f"{name} is {small}: the model sees {middle} enlarged, and its answer says little. Choose a larger one."


def own_photo(shown: str) -> str:
    """What a link to somebody's own photo shows in its place; also after a reload, which ends a session."""
    return (
        "This link was made with an uploaded photo, which is in no link and ends with its session: here is "
        f"{shown} instead. Upload the photo to see it."
    )


def own_file(shown: str) -> str:
    """What a link made with somebody's own weight file shows; also after a reload, which ends a session."""
    return (
        "This link was made with a weight file of the reader's own, which is in no link and ends with its session: "
        f"here is {shown} instead. Load the file to see its model."
    )


def unknown_photo(name: str, known: int) -> str:
    """What a link asked for, and what is shown."""
    return f"The link names the photo {name[:30]!r}, which is none of the {known} samples: the first one is shown."


def other_size(asked: str, shown: str) -> str:
    """What Compare shows for a resolution, width × height, that this model does not have."""
    return f"{asked} is none of the resolutions offered for this model; the nearest, {shown}, is shown."


def beyond_the_model(asked: tuple[int, int, int], depth: int, num_heads: int, num_tokens: int) -> str:
    """What a link asked for of (layer, head, token), from 0, that the model does not have; "" where it has all."""
    there = {"layer": depth, "head": num_heads, "token": num_tokens}
    first = {"layer": 1, "head": 1, "token": 0}  # as the link and the screen count
    missing = [
        f"{name} {index + first[name]}"
        for (name, count), index in zip(there.items(), asked, strict=True)
        if index >= count
    ]
    if not missing:
        return ""
    return (
        f"The link asks for {' and '.join(missing)}; this model has {depth} layers of {num_heads} heads and tokens "
        f"0 to {num_tokens - 1}. The nearest is shown."
    )
