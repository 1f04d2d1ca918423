"""The house rules that can be read off the source: who imports whom, what is public, what is required."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import vit_viz

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "vit_viz").rglob("*.py")], key=str
)
SOURCES = [file for file in SOURCES if file.is_file()]


def imports(file: Path) -> set[str]:
    """Every module a file names in an import, also within functions: `from a import b` gives a and a.b."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno} imports relatively; write vit_viz in full"
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def names_any(file: Path, *modules: str) -> set[str]:
    return {name for name in imports(file) for module in modules if f"{name}.".startswith(f"{module}.")}


def part(file: Path) -> str:
    """The part of the house a file is in: pages, ui, analysis … or the module's own name."""
    inside = file.relative_to(ROOT).with_suffix("").parts
    if inside[0] != "vit_viz":
        return inside[0]
    return inside[1]


# What each part may not name. Absent parts have no rule of their own.
NOT_UPWARD = {
    "errors": ("vit_viz.models", "vit_viz.tracing", "vit_viz.photos", "torch", "numpy"),
    "arrays": ("vit_viz.models", "vit_viz.tracing", "vit_viz.photos"),
    "devices": ("vit_viz.models", "vit_viz.tracing", "vit_viz.families"),
    "photos": ("vit_viz.models", "vit_viz.tracing", "vit_viz.families"),
    "hub": ("vit_viz.models", "vit_viz.tracing", "vit_viz.families", "torch"),
    "families": ("vit_viz.models", "vit_viz.tracing", "vit_viz.photos", "numpy"),
    "model_table": ("torch", "timm", "vit_viz.models"),
    "checkpoints": ("vit_viz.models", "vit_viz.tracing"),
    "models": ("vit_viz.tracing", "vit_viz.photos", "vit_viz.analysis"),
    "tracing": ("vit_viz.analysis", "vit_viz.experiments", "vit_viz.figures"),
    "experiments": ("vit_viz.figures",),
    "analysis": ("torch", "timm", "plotly", "altair", "vit_viz.models", "vit_viz.figures"),
    "figures": ("torch", "timm", "vit_viz.models", "vit_viz.families"),
    "training_record": ("torch", "timm", "vit_viz.models", "vit_viz.training", "vit_viz.tracing"),
    "components": ("torch", "timm"),
    "pages": ("torch", "timm", "vit_viz.families", "vit_viz.hub"),
}
# CONTRIBUTING.md names them in this order: each may name what is below it, and nothing beside or above
LAYERS = (
    ("pages",),
    ("ui",),
    ("components", "figures", "snippets"),
    ("experiments",),
    ("tracing",),
    ("models",),
    ("families", "analysis"),
)
ARRANGERS = ("app", "pages", "ui", "components")  # the only importers of streamlit, and imported by no other
LIBRARY = ("vit_viz.ui", "vit_viz.components", "streamlit")


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_point_downward(file):
    forbidden = NOT_UPWARD.get(part(file), ())
    if part(file) not in (*ARRANGERS, "__init__"):
        forbidden += LIBRARY
    assert not names_any(file, *forbidden)


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_layers_name_only_what_is_below(file):
    rank = {name: place for place, names in enumerate(LAYERS) for name in names}
    own = part(file)
    not_below = [name for name, place in rank.items() if place <= rank.get(own, -1) and name != own]
    assert not names_any(file, *(f"vit_viz.{name}" for name in not_below))


def test_the_layers_are_those_that_contributors_read():
    text = " ".join((ROOT / "CONTRIBUTING.md").read_text("utf-8").split())
    assert " → ".join(", ".join(names) for names in LAYERS) in text


def test_the_library_needs_no_streamlit():
    """A notebook gets the explorer and the journey too, but neither Streamlit nor a web server."""
    modules = "vit_viz, vit_viz.components.notebook, vit_viz.components.journey_export"
    program = f"import sys, {modules}; sys.exit(bool({{'streamlit', 'starlette'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0


def test_rules_are_about_files_that_are_there():
    parts = {part(file) for file in SOURCES}
    assert {"errors", "devices", "photos", "hub", "families", "models", "tracing"} <= parts


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("import torch.nn as nn", "torch"),
        ("def f():\n    from streamlit import session_state", "streamlit"),
        ("from vit_viz import models", "vit_viz.models"),
    ],
)
def test_imports_are_seen(source, module, tmp_path):
    file = tmp_path / "file.py"
    file.write_text(source)
    assert names_any(file, module)
    assert not names_any(file, "torchvision", "vit_viz.mod")


def test_analysis_names_numpy_and_the_standard_library_only():
    for file in SOURCES:
        if part(file) == "analysis":
            known = {name.split(".")[0] for name in imports(file)} - {"numpy", "vit_viz"}
            assert not known & {"scipy", "PIL", "pandas", "torch", "streamlit"}, file


def test_public_surface():
    public = vit_viz.__all__
    constants, classes, functions = (
        [name for name in public if name.isupper()],
        [name for name in public if name[0].isupper() and not name.isupper()],
        [name for name in public if name[0].islower()],
    )
    assert public == [*sorted(constants), *sorted(classes), *sorted(functions)]
    undocumented = [name for name in classes + functions if not inspect.getdoc(getattr(vit_viz, name))]
    assert undocumented == []


def test_shapes_are_documented():
    """Every array of a Trace is in the table of its docstring."""
    table = vit_viz.Trace.__doc__
    own = {*vit_viz.Trace.__dataclass_fields__} - {"prepared", "prefix_names", "grid", "layers"}
    fields = own | {*vit_viz.tracing.Layers._fields}
    listed = {name for row in re.findall(r"^ *\| ([\w, ]+?) +\|", table, re.M) for name in row.split(", ")}
    assert listed - {"field"} == fields | {"image", "pixels"}


def test_requirements_are_the_projects_dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    required = [line for line in lines if line and not line.startswith(("#", "-"))]
    assert sorted(required) == sorted(project["dependencies"])


def test_an_installed_package_has_all_files_and_its_types():
    """py.typed is what makes a type checker of another project read our annotations."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    package = ROOT / "vit_viz"
    packaged = {file for pattern in setuptools["package-data"]["vit_viz"] for file in package.glob(pattern)}
    others = {file for file in package.rglob("*.*") if file.suffix not in (".py", ".pyc")}
    assert others == packaged
    assert package / "py.typed" in packaged


def test_every_import_is_a_requirement():
    """A fresh install has what the code names: packages that only come along with others are told apart."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    packages = {re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]}
    required = packages - {"pillow"} | {"PIL", "vit_viz"}
    comes_along = {"altair", "numpy", "huggingface_hub", "safetensors", "tqdm", "starlette", "tornado"}
    named = {name.split(".")[0] for file in SOURCES for name in imports(file)}
    assert named - required - comes_along - set(sys.stdlib_module_names) == set()
