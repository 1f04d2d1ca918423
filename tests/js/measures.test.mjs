import assert from "node:assert/strict";
import test from "node:test";
import * as measures from "../../vit_viz/components/browser/shared/measures.js";
import { TokenGrid } from "../../vit_viz/components/browser/shared/tokens.js";

const close = (found, expected, tolerance = 1e-9) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected}`);

test("entropy by hand", () => {
  close(measures.entropy([1, 0, 0]), 0);
  close(measures.entropy([0.5, 0.5, 0]), Math.log(2));
});

test("distance leaves the prefix out and does not renormalise", () => {
  const tokens = new TokenGrid({ grid: [1, 3], patchSize: [10, 10], prefixNames: ["CLS"] });
  close(measures.rowDistance([0.5, 0.25, 0.25, 0], 3, tokens), 0.25 * 20 + 0.25 * 10);
});

test("ranks: of equal weights the earlier first, in all three ways of asking", () => {
  const row = [0.1, 0.4, 0.1, 0.4, 0];
  assert.deepEqual(measures.strongest(row), [1, 3, 0, 2, 4]);
  assert.deepEqual(measures.strongestFew(row, 3), [1, 3, 0]);
  assert.deepEqual(
    row.map((_, i) => measures.rank(row, i)),
    [3, 1, 4, 2, 5],
  );
});

test("the strongest few agree with sorting everything", () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) % 50;
  for (let round = 0; round < 200; round += 1) {
    const row = Array.from({ length: 30 }, random);
    assert.deepEqual(measures.strongestFew(row, 5), measures.strongest(row, 5));
  }
});

test("a column is what all queries give one key", () => {
  assert.deepEqual(Array.from(measures.column(Float32Array.of(1, 2, 3, 4), 2, 1)), [2, 4]);
});

test("a weight by hand", () => {
  const terms = measures.weightTerms([2, 0, 0, 0, 1, 1, 0, 0], [1, 0, 0, 0, 0, 3, 0, 0], 4, 1, 1);
  assert.deepEqual(Array.from(terms.products), [0, 3, 0, 0]);
  close(terms.score, 1.5);
  close(terms.denominator, Math.exp(0.5) + Math.exp(1.5));
  close(terms.weight, Math.exp(1.5) / terms.denominator);
});
