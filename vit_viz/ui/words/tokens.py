"""What tokens, patches and models are called in sentences."""

from collections.abc import Sequence

from vit_viz.locale import text


def patch_name(patch: int, grid: tuple[int, int]) -> str:
    """Row and column, counted from 1."""
    return f"({patch // grid[1] + 1}, {patch % grid[1] + 1})"


def token_name(token: int, prefix_names: Sequence[str], grid: tuple[int, int]) -> str:
    """CLS and its like by name, a patch by row and column."""
    R = len(prefix_names)
    return prefix_names[token] if token < R else f"patch {patch_name(token - R, grid)}"


def without_classes(lang: str, title: str, num_outputs: int) -> str:
    """Why the model of this title gives no answer in words."""
    why = {0: "no_classifier", 1: "one_number"}.get(num_outputs, "own_space")
    return text(lang, f"app.answer.{why}", model=title)


def sentence_start(said: str) -> str:
    """It with a capital first letter."""
    return said[0].upper() + said[1:]
