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
EXPORTED_CALL = re.compile(r"^export default (?=\w+\()", re.MULTILINE)  # export default entry(View, "name");
SHEET = re.compile(r'^@import "([\w./]+)";\n', re.MULTILINE)
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

    `entry` and `styles` are files below browser/, which may import others.
    """
    packed = base64.b64encode(gzip.compress(payload, GZIP_LEVEL)).decode()
    css = styled(styles)
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


def styled(styles: Sequence[str]) -> str:
    """One sheet of several and all they import, each once, before the one that asks for it first."""
    order: list[str] = []

    def collect(name: str) -> None:
        for imported in SHEET.findall(_source(name)):
            collect(_below(name, imported))
        if name not in order:
            order.append(name)

    for name in styles:
        collect(name)
    css = "".join(SHEET.sub("", _source(name)) for name in order)
    if "@import" in css:
        raise ValueError(
            f"{', '.join(styles)}: an @import is written in a way that single_page.py does not read."
        )
    return css


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
    source = EXPORTED_CALL.sub("export default const exported = ", _source(name))
    exports = ", ".join(f"default: {found[3]}" if found[1] else found[3] for found in EXPORT.finditer(source))
    body = IMPORT.sub(lambda found: _import_as_const(name, found), EXPORT.sub(r"\2 \3", source))
    if odd := LEFT_OVER.search(body):
        raise ValueError(f"{name}: {odd[0]!r} is written in a way that single_page.py does not read.")
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();\n'


def _import_as_const(importer: str, found: re.Match) -> str:
    names = found[1] if found[1].startswith("{") else f"{{ default: {found[1]} }}"
    return f'const {names.replace(" as ", ": ")} = modules["{_below(importer, found[2])}"];\n'
