"""Runs tests/js with Node, and checks there that the browser's numbers are numpy's."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from oracles import row_distance, weight_terms

from vit_viz.analysis.attention import entropy, prefix_mass, strongest
from vit_viz.components.attention_payloads import head_payload
from vit_viz.components.payload import pack

TESTS = sorted((Path(__file__).parents[1] / "js").glob("*.test.mjs"))
LAYER, HEAD = 3, 2

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None, reason="Node is not installed; it is needed for tests/js"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, bundled_trace) -> Path:
    folder = tmp_path_factory.mktemp("payloads")
    types = {
        "uint8": np.array([0, 1, 255], np.uint8),
        "int32": np.array([-5, 7], np.int32),
        "float64": np.array([np.pi]),
        "float32": np.arange(6, dtype=np.float32).reshape(2, 3) / 2,
    }
    (folder / "types.bin").write_bytes(pack(types, {"title": "tête"}))
    (folder / "head.bin").write_bytes(head_payload(bundled_trace, LAYER, HEAD))
    (folder / "expected.json").write_text(json.dumps(_expected(bundled_trace)))
    return folder


def _expected(trace) -> dict:
    attn, R = trace.attn[LAYER, HEAD], trace.num_prefix_tokens
    distances = row_distance(attn, trace.grid, trace.patch_size, R)
    rows = []
    for token in (0, 1, 90, trace.num_tokens - 1):
        targets = strongest(attn[token]).tolist()
        terms = weight_terms(trace.q[LAYER, HEAD], trace.k[LAYER, HEAD], token, targets[1])
        rows.append(
            {
                "token": token,
                "entropy": float(entropy(attn[token])),
                "prefixMass": float(prefix_mass(attn[token], R)),
                "distance": None if token < R else float(distances[token - R]),
                "strongest": targets,
                "terms": {"dot": terms.dot, "denominator": terms.denominator, "weight": terms.weight},
            }
        )
    tokens = {"grid": trace.grid, "patchSize": trace.patch_size, "prefixNames": trace.prefix_names}
    return {"tokens": tokens, "rows": rows}


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.name)
def test_module(file: Path, folder: Path):
    run = subprocess.run(
        ["node", "--test", str(file)],
        capture_output=True,
        text=True,
        env=os.environ | {"TRACE_FOLDER": str(folder)},
    )
    assert run.returncode == 0, run.stdout + run.stderr
