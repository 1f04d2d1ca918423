import assert from "node:assert/strict";
import test from "node:test";
import { cellAt, extremes, formatCosine, middleOf } from "../../vit_viz/components/browser/position/tile_panel.js";

test("a place in shares leads to a cell and back to its middle, on any grid", () => {
  assert.deepEqual(cellAt([0.99, 0], [14, 14]), { row: 13, col: 0 });
  assert.deepEqual(cellAt([1.2, -0.1], [7, 21]), { row: 6, col: 0 });
  for (const grid of [[14, 14], [7, 21], [1, 1]]) {
    const cell = { row: grid[0] - 1, col: 0 };
    assert.deepEqual(cellAt(middleOf(cell, grid), grid), cell);
  }
  // the same place on a grid half as fine
  assert.deepEqual(cellAt(middleOf({ row: 5, col: 8 }, [14, 14]), [7, 7]), { row: 2, col: 4 });
});

test("the most and the least alike leave out the position itself", () => {
  const tile = new Float32Array([1, 0.5, -0.25, 0.75]);
  assert.equal(extremes(tile, 0, [2, 2]), "most like (2, 2) 0.750 · least (2, 1) −0.250");
  assert.equal(extremes(new Float32Array([1]), 0, [1, 1]), "the only position");
});

test("cosines have three decimals and a true minus", () => {
  assert.equal(formatCosine(-0.12345), "−0.123");
  assert.equal(formatCosine(1), "1.000");
});
