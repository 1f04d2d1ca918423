"""Style sheets say it in a way that Safari knows, also that of two years ago."""

import re
from pathlib import Path

import pytest

import vit_viz

FOLDER = Path(vit_viz.__file__).parent
SHEETS = sorted(FOLDER.rglob("*.css"))
PREFIXED = ("user-select", "backdrop-filter")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_what_safari_knows_with_a_prefix_has_it(sheet):
    for name in PREFIXED:
        said = re.findall(rf"(?<![\w-]){name}: ([^;}}]+)", sheet.read_text())
        assert re.findall(rf"-webkit-{name}: ([^;}}]+)", sheet.read_text()) == said


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_property_is_lost_with_light_dark(sheet):
    """A declaration with an unknown function is dropped, but not a custom property: what uses it is invalid."""
    known = re.sub(r"@supports \(color: light-dark.*?\n}", "", sheet.read_text(), flags=re.DOTALL)
    assert not re.search(r"--[\w-]+: light-dark", known)
