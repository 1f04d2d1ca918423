"""Sheets and modules that import others become one page."""

import pytest

from vit_viz.components import single_page
from vit_viz.components.single_page import inlined, styled


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(single_page, "BROWSER", tmp_path)

    def write(name: str, source: str) -> None:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(source, encoding="utf-8")

    return write


def test_imported_sheets_come_first_and_once(folder):
    folder("shared/base.css", "p { margin: 0 }\n")
    folder("shared/plots.css", '@import "base.css";\n.plot { top: 0 }\n')
    folder(
        "page/page.css", '@import "../shared/base.css";\n@import "../shared/plots.css";\n.page { top: 1px }\n'
    )
    folder("page/own.css", ".own { top: 2px }\n")
    assert styled(["page/own.css", "page/page.css"]) == (
        ".own { top: 2px }\np { margin: 0 }\n.plot { top: 0 }\n.page { top: 1px }\n"
    )


@pytest.mark.parametrize("line", ["@import url(x.css);", "@import 'x.css';", '@import "x.css" screen;'])
def test_an_import_that_is_not_read_is_said(folder, line):
    folder("page.css", f"{line}\n")
    with pytest.raises(ValueError, match="@import is written in a way"):
        styled(["page.css"])


def test_a_call_can_be_the_default_export(folder):
    folder("view.js", "export class View {}\n\nexport default entry(View, 'view');\n")
    script = inlined("view.js")
    assert "const exported = entry(View, 'view');" in script
    assert "return { View, default: exported };" in script
