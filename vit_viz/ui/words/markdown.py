"""Text that stays as it is where Streamlit reads Markdown."""

import re

# what emphasises, links, draws or becomes mathematics; underscores within a word are read as they are
_MARKS = re.compile(r"[\\`*\[\]<>$]|(?<!\w)_|_(?!\w)|:(?=//)|(?<=www)\.")


def plain(text: object) -> str:
    """The text with nothing in it read as Markdown: names in it come from links and files, so from anybody."""
    return _MARKS.sub(r"\\\g<0>", str(text))
