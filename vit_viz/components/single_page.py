"""One HTML file that needs nothing else: modules, styles and data inside, for notebooks and for keeping."""

import base64
import gzip
import html
import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vit_viz.components.attention_payloads import GZIP_LEVEL

BROWSER = Path(__file__).parent / "browser"
IMPORT = re.compile(r'^import (\{[^}]*\}|\w+) from "(\.[\w./]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (default )?(async function|function|class|const) (\w+)", re.MULTILINE)
LEFT_OVER = re.compile(r"^(import|export)\b.*$", re.MULTILINE)


def single_page(
    *,
    title: str,
    root: str,
    entry: str,
    styles: Sequence[str],
    data: Mapping[str, Any],
    payload: bytes,
    lang: str = "en",
) -> str:
    """The page: an empty <main> named `root`, `data` as JSON #facts, `payload` gzipped as #payload, `entry` run.

    `entry` and `styles` are files below browser/.
    """
    packed = base64.b64encode(gzip.compress(payload, GZIP_LEVEL)).decode()
    css = "".join((BROWSER / name).read_text("utf-8") for name in styles)
    facts = json.dumps(data, allow_nan=False, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<style>{css}</style></head><body><main id="{root}"></main>'
        f'<script type="application/json" id="facts">{facts}</script>'
        f'<script type="application/octet-stream" id="payload">{packed}</script>'
        f"<script>{inlined(entry)}</script></body></html>"
    )


def inlined(entry: str) -> str:
    """One classic script of a module and all it imports: each becomes a function that returns its exports."""
    order: list[str] = []
    _collect(entry, order, ())
    return '"use strict";\nconst modules = {};\n' + "".join(map(_as_function, order))


def _collect(name: str, order: list[str], importers: tuple[str, ...]) -> None:
    if name in importers:
        raise ValueError(f"{' imports '.join((*importers, name))}: a circle cannot be put into one file.")
    for _, imported in IMPORT.findall(_source(name)):
        if _below(name, imported) not in order:
            _collect(_below(name, imported), order, (*importers, name))
    order.append(name)


def _source(name: str) -> str:
    return (BROWSER / name).read_text("utf-8")


def _below(importer: str, imported: str) -> str:
    """The path of an imported module below browser/."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), imported))


def _as_function(name: str) -> str:
    source = _source(name)
    exports = ", ".join(f"default: {found[3]}" if found[1] else found[3] for found in EXPORT.finditer(source))
    body = IMPORT.sub(lambda found: _import_as_const(name, found), EXPORT.sub(r"\2 \3", source))
    if odd := LEFT_OVER.search(body):
        raise ValueError(f"{name}: {odd[0]!r} is written in a way that single_page.py does not read.")
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();\n'


def _import_as_const(importer: str, found: re.Match) -> str:
    names = found[1] if found[1].startswith("{") else f"{{ default: {found[1]} }}"
    return f'const {names.replace(" as ", ": ")} = modules["{_below(importer, found[2])}"];\n'
