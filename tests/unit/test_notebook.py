"""The explorer as one piece of HTML: nothing left to import, nothing that breaks out of its frame."""

import html
import re
import shutil
import subprocess

import pytest
import torch
from helpers import photo

from vit_viz import Interventions, trace
from vit_viz.components.notebook import ENTRY, attention_explorer
from vit_viz.components.single_page import inlined


def test_no_module_is_left_to_fetch():
    script = inlined(ENTRY)
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert script.count('modules["shared/unpack.js"] =') == 1
    assert script.index('modules["shared/unpack.js"] =') < script.index('modules["shared/route_source.js"] =')


@pytest.mark.skipif(
    shutil.which("node") is None, reason="Node is not installed; it checks the script's syntax"
)
def test_the_script_is_well_formed(tmp_path):
    file = tmp_path / "script.cjs"
    file.write_text(inlined(ENTRY), encoding="utf-8")
    subprocess.run(["node", "--check", str(file)], check=True)


def test_jupyter_gets_a_frame_with_the_page_inside(bundled_trace):
    explorer = attention_explorer(bundled_trace, layer=-1)
    frame = explorer._repr_html_()
    assert frame.startswith("<iframe ")
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1]) == explorer.to_html()
    assert not re.search(r'(src|href)="(?!data:)', explorer.to_html())
    assert f'"layer": {bundled_trace.depth - 1},' in explorer.to_html()


def test_a_layer_that_is_not_there(bundled_trace):
    L = bundled_trace.depth
    with pytest.raises(IndexError, match=f"There is no layer {L}; there are 0 to {L - 1}"):
        attention_explorer(bundled_trace, layer=L)


def test_a_trace_without_some_patches_has_no_maps_of_the_photo(bundled):
    some = trace(bundled, photo(), interventions=Interventions(keep=torch.arange(9)))
    with pytest.raises(ValueError, match="went on with 10 of 197 tokens"):
        attention_explorer(some)
