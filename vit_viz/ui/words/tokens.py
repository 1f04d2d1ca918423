"""What tokens, patches and models are called in sentences."""

from collections.abc import Sequence


def patch_name(patch: int, grid: tuple[int, int]) -> str:
    """Row and column, counted from 1."""
    return f"({patch // grid[1] + 1}, {patch % grid[1] + 1})"


def token_name(token: int, prefix_names: Sequence[str], grid: tuple[int, int]) -> str:
    """CLS and its like by name, a patch by row and column."""
    R = len(prefix_names)
    return prefix_names[token] if token < R else f"patch {patch_name(token - R, grid)}"


UNNAMED = (
    "These weights come without names for their classes, which are numbered in the order of the head's rows."
)


def without_classes(num_outputs: int) -> str:
    """Why a model gives no answer in words."""
    if num_outputs == 1:
        return "answers with a single number, so there are no classes to choose from."
    if num_outputs == 0:
        return "has no classifier: it gives features, which other models build on."
    return "answers in a space of its own, whose directions have no class names."


def sentence_start(text: str) -> str:
    """The text with a capital first letter."""
    return text[0].upper() + text[1:]
