import assert from "node:assert/strict";
import test from "node:test";
import * as arithmetic from "../../vit_viz/components/browser/distance/distance_arithmetic.js";
import { TokenGrid } from "../../vit_viz/components/browser/shared/tokens.js";

const close = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-9, `${found} is not ${expected}`);
const tokens = new TokenGrid({ grid: [1, 3], patchSize: [20, 20], prefixNames: ["CLS"] });

test("a row's sum by hand: 20 px × 0.5 + 40 px × 0.125", () => {
  const sum = arithmetic.rowSum([0.25, 0.125, 0.5, 0.125], 1, tokens);
  assert.deepEqual(Array.from(sum.terms), [0, 0, 10, 5]);
  assert.deepEqual([sum.total, sum.onPatches, sum.onPrefix], [15, 0.75, 0.25]);
  close(arithmetic.distanceOf(sum, false), 15);
  close(arithmetic.distanceOf(sum, true), 20);
});

test("a row with nothing on patches looks nowhere", () => {
  assert.equal(arithmetic.distanceOf(arithmetic.rowSum([1, 0, 0, 0], 1, tokens), true), 0);
});

test("a head is the mean over its patches' rows, not CLS's", () => {
  const even = Float32Array.from({ length: 16 }, () => 0.25);
  // distances 0 20 40, 20 0 20, 40 20 0: 160 in all, a quarter of it over three rows
  close(arithmetic.headDistance(even, tokens, false), 40 / 3);
  close(arithmetic.headDistance(even, tokens, true), 160 / 9);
});

test("heads stand from left to right around their layer's middle", () => {
  close(arithmetic.spread(0, 1), 0);
  const places = [0, 1, 2].map((head) => arithmetic.spread(head, 3));
  close(places[1], 0);
  close(places[0], -places[2]);
  assert.ok(places[0] < 0 && places[2] < 0.5);
});
