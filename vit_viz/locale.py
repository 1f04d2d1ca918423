"""Words in the reader's language: one JSON file per language in locales/, all with the same keys."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "locales"
DEFAULT = "en"


@cache
def languages() -> dict[str, str]:
    """The languages there are, by their code: what each calls itself."""
    codes = sorted((file.stem for file in FOLDER.glob("*.json")), key=lambda code: (code != DEFAULT, code))
    return {code: strings(code)["language"] for code in codes}


@cache
def strings(lang: str) -> dict[str, Any]:
    """All words of one language; shared, so never change them."""
    return json.loads((FOLDER / f"{lang}.json").read_text(encoding="utf-8"))


def language_of(locale: str | None) -> str:
    """The language for a browser's locale such as ko-KR; English where there is none."""
    code = (locale or DEFAULT).split("-")[0].lower()
    return code if code in languages() else DEFAULT


def text(lang: str, path: str, **values: object) -> str:
    """One sentence, e.g. `text("ko", "app.journey.question")`, its {placeholders} filled in."""
    found: Any = strings(lang)
    for key in path.split("."):
        found = found[key]
    return found.format(**values)
