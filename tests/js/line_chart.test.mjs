import assert from "node:assert/strict";
import test from "node:test";
import { ticks } from "../../vit_viz/components/browser/shared/line_chart.js";

test("ticks are round numbers within the range", () => {
  assert.deepEqual(ticks(-1, 1, 4), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticks(0, 16.1, 4), [0, 5, 10, 15]);
  assert.deepEqual(ticks(0, 0.083, 4), [0, 0.05]);
  assert.deepEqual(ticks(0, 1000, 4), [0, 500, 1000]);
});
