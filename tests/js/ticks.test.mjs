import assert from "node:assert/strict";
import test from "node:test";
import { ticksUpTo, ticksWithin } from "../../vit_viz/components/browser/shared/ticks.js";

test("ticks are round numbers within the range", () => {
  assert.deepEqual(ticksWithin(-1, 1, 4), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticksWithin(0, 16.1, 4), [0, 5, 10, 15]);
  assert.deepEqual(ticksWithin(0, 0.083, 4), [0, 0.05]);
  assert.deepEqual(ticksWithin(0, 1000, 4), [0, 500, 1000]);
  assert.deepEqual(ticksWithin(0, 0.6, 6), [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
});

test("or they reach the top", () => {
  assert.deepEqual(ticksUpTo(145.6, 6), [0, 50, 100, 150]);
  assert.deepEqual(ticksUpTo(9.1, 6), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticksUpTo(100, 5), [0, 20, 40, 60, 80, 100]);
});
