"""docs/probes.ipynb: every cell runs, ends in what it says, and is stored with what it showed."""

import json
from pathlib import Path

import pytest

from tools.run_notebook import run, run_cell
from vit_viz.samples import samples

FILE = Path(__file__).parents[2] / "docs" / "probes.ipynb"


@pytest.fixture(scope="module")
def notebook() -> dict:
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_every_cell_runs(notebook):
    names = run(json.loads(json.dumps(notebook)))
    assert names["distances"].photos == len(samples())
    assert names["rolled"].sum(1) == pytest.approx(1)
    assert names["relevance"].shape == names["rolled"].shape
    assert abs(names["effect"].delta.sum()) < 1e-6


def test_it_is_stored_with_its_outputs(notebook):
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] for cell in code)
    assert sum("image/jpeg" in output.get("data", {}) for cell in code for output in cell["outputs"]) == 3
    assert FILE.stat().st_size < 200_000


def test_it_shows_all_five_probes(notebook):
    source = "".join("".join(cell["source"]) for cell in notebook["cells"])
    for name in ("attention_distance", "rollout", "relevance", "ablate", "mask"):
        assert f"vit_viz.{name}(" in source


def test_a_cell_shows_what_it_prints_and_its_last_value():
    names: dict = {}
    assert run_cell("x = 2\nprint('a')\nx + 1", names) == ("a\n", 3)
    assert run_cell("y = x", names) == ("", None)
    with pytest.raises(ZeroDivisionError):
        run_cell("1 / 0", names)
