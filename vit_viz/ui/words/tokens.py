"""What tokens, patches and models are called in sentences."""

from collections.abc import Sequence


def patch_name(patch: int, grid: tuple[int, int]) -> str:
    """Row and column, counted from 1."""
    return f"({patch // grid[1] + 1}, {patch % grid[1] + 1})"


def token_name(token: int, prefix_names: Sequence[str], grid: tuple[int, int]) -> str:
    """CLS and its like by name, a patch by row and column."""
    R = len(prefix_names)
    return prefix_names[token] if token < R else f"patch {patch_name(token - R, grid)}"


def without_classes(headless: bool) -> str:
    """Why a model gives no answer in words."""
    if headless:
        return "has no classifier: it gives features, which other models build on."
    return "answers in a space of its own, whose directions have no class names."


def sentence_start(text: str) -> str:
    """The text with a capital first letter."""
    return text[0].upper() + text[1:]
