import assert from "node:assert/strict";
import test from "node:test";
import { cosines, mostAlike, partSums, products, runningSums } from "../../vit_viz/components/browser/embedding/embedding_arithmetic.js";

test("products, their sums by plane, and the sum as it grows", () => {
  const terms = products(Float32Array.of(1, 2, -1, 0, 0.5, 4), Float32Array.of(2, 1, 3, 9, 2, -1));
  assert.deepEqual([...terms], [2, 2, -3, 0, 1, -4]);
  assert.deepEqual(partSums(terms, 3), [4, -3, -3]);
  assert.deepEqual([...runningSums(terms, 0.5)], [2, 4, 1, 1, 2, -2, -1.5]);
  assert.deepEqual([...runningSums(terms, null)], [2, 4, 1, 1, 2, -2]);
});

test("cosines with one row, of which a row of zeros has none", () => {
  const rows = Float32Array.of(3, 4, 6, 8, -3, -4, 0, 0, 4, -3);
  const found = cosines(rows, 2, 0);
  [1, 1, -1, 0, 0].forEach((expected, i) => assert.ok(Math.abs(found[i] - expected) < 1e-12, String(i)));
});

test("most alike leaves the row itself out, and of equals takes the earlier", () => {
  assert.deepEqual(mostAlike([0.2, 1, 0.9, 0.2, -1], 1, 3), [2, 0, 3]);
  assert.deepEqual(mostAlike([1, 0.5], 0, 5), [1]);
});
