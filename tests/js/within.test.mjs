import assert from "node:assert/strict";
import test from "node:test";
import { TokenGrid } from "../../vit_viz/components/browser/shared/tokens.js";
import { partAt, within } from "../../vit_viz/components/browser/shared/within.js";

test("an index stays among those that are there", () => {
  assert.deepEqual([-1, 0, 2, 3].map((index) => within(index, 3)), [0, 0, 2, 2]);
});

test("a share lies in one of equal parts, also at the edges and beyond", () => {
  assert.deepEqual([-0.1, 0, 0.24, 0.25, 0.99, 1, 1.2].map((share) => partAt(share, 4)), [0, 0, 0, 1, 3, 3, 3]);
});

test("the patch under a place on the photo, prefix tokens left out", () => {
  const tokens = new TokenGrid({ grid: [2, 4], patchSize: [16, 16], prefixNames: ["CLS"] });
  assert.equal(tokens.under([0, 0]), 1);
  assert.equal(tokens.under([0.3, 0.6]), 1 + 4 + 1);
  assert.equal(tokens.under([1.01, 1]), 8);
});
