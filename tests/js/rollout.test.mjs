import assert from "node:assert/strict";
import test from "node:test";
import { MULTIPLY } from "../../vit_viz/components/browser/shared/ramps.js";
import { patchRange, sumsText, valueText } from "../../vit_viz/components/browser/rollout/rollout_map.js";
import { TokenGrid } from "../../vit_viz/components/browser/shared/tokens.js";

const tokens = new TokenGrid({ grid: [1, 3], patchSize: [16, 16], prefixNames: ["CLS"] });
const row = Float32Array.of(0.5, 0.25, 0.125, 0.125);

test("the scale is of patches alone", () => {
  assert.deepEqual(patchRange(row, 1), [0.125, 0.25]);
});

test("a value beside an even share", () => {
  assert.equal(valueText(row, 1, tokens), "patch (1, 1): 0.250000, 25.0%, 1.00 × even");
});

test("rows that sum to one say so once, others their range", () => {
  assert.equal(sumsText(1, [0.99999999, 1.0000001]), "Sums to 1.000000, all rows to 1.000000");
  assert.equal(sumsText(1.1, [0.936, 1.143]), "Sums to 1.100000, rows to 0.936 – 1.143");
});

test("multiplying: the strongest patch is left as it is, the weakest is black", () => {
  assert.equal(MULTIPLY[255], 0);
  assert.equal(MULTIPLY[0], 0xff000000);
});
