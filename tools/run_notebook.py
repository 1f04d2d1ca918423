"""Run the notebooks of docs/ and store what their cells show: text, and pictures as small JPEGs.

python tools/run_notebook.py
"""

import ast
import base64
import contextlib
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Rewrite every notebook with its outputs."""
    for file in sorted(DOCS.glob("*.ipynb")):
        notebook = json.loads(file.read_text(encoding="utf-8"))
        run(notebook)
        file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(file)


def run(notebook: dict[str, Any]) -> dict[str, Any]:
    """Run the code cells in order in one namespace, put outputs beside them, return the namespace."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for count, cell in enumerate(cells, start=1):
        text, value = run_cell("".join(cell["source"]), names)
        cell["execution_count"] = count
        cell["outputs"] = _outputs(text, value, count)
    return names


def run_cell(source: str, names: dict[str, Any]) -> tuple[str, Any]:
    """What the cell prints, and the value of its last line where that is an expression."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(body, []), "cell", "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    return printed.getvalue(), value


def _outputs(text: str, value: Any, count: int) -> list[dict[str, Any]]:
    outputs = []
    if text:
        outputs.append({"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)})
    if value is not None:
        shown = {"output_type": "execute_result", "execution_count": count, "metadata": {}}
        outputs.append(shown | {"data": _data(value)})
    return outputs


def _data(value: Any) -> dict[str, Any]:
    if not isinstance(value, Image.Image):
        return {"text/plain": repr(value).splitlines(keepends=True)}
    buffer = io.BytesIO()
    value.save(buffer, "JPEG", quality=85)
    label = [f"<{value.width} × {value.height} pixels>"]
    return {"image/jpeg": base64.b64encode(buffer.getvalue()).decode(), "text/plain": label}


if __name__ == "__main__":
    main()
