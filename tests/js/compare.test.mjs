import assert from "node:assert/strict";
import test from "node:test";
import { fullColours, sameIndex, sameToken } from "../../vit_viz/components/browser/compare/places.js";
import { TokenGrid } from "../../vit_viz/components/browser/shared/tokens.js";

const grid = (rows, cols, prefixNames) => new TokenGrid({ grid: [rows, cols], patchSize: [16, 16], prefixNames });

// the same cases as tests/unit/test_compare.py
test("layers map first to first and last to last", () => {
  for (const [index, count, other, expected] of [
    [3, 6, 6, 3], [0, 6, 12, 0], [5, 6, 12, 11], [2, 6, 12, 4], [11, 12, 6, 5], [0, 1, 6, 0], [4, 6, 1, 0],
  ]) {
    assert.equal(sameIndex(index, count, other), expected);
  }
});

test("tokens map by name or relative place", () => {
  const [one, small, none, two] = [grid(14, 14, ["CLS"]), grid(7, 7, ["CLS"]), grid(7, 7, []), grid(14, 14, ["CLS", "DIST"])];
  assert.equal(sameToken(0, one, small), 0);
  assert.equal(sameToken(1, two, small), null);
  assert.equal(sameToken(0, one, none), null);
  assert.equal(sameToken(1, one, grid(14, 14, ["CLS", "REG 1"])), 2);
  assert.equal(sameToken(196, one, none), 48);
  assert.equal(sameToken(1 + 2 * 14 + 5, one, small), 1 + 7 + 2);
  assert.equal(sameToken(1, small, one), 1 + 14 + 1);
  assert.equal(sameToken(0, grid(2, 3, []), grid(4, 3, [])), 3);
});

test("full colour is its own or the same multiple of an even share", () => {
  assert.deepEqual(fullColours([0.5, 0.25], [4, 16], false), [0.5, 0.25]);
  assert.deepEqual(fullColours([0.5, 0.25], [4, 16], true), [1, 0.25]); // 4 even shares on both
  assert.deepEqual(fullColours([0.5, 0.125], [10, 10], true), [0.5, 0.5]);
  assert.deepEqual(fullColours([0, 0.125], [4, 8], true), [0.25, 0.125]); // the first is not there yet
});
