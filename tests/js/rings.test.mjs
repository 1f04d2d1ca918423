import assert from "node:assert/strict";
import { test } from "node:test";

import { ringsOf } from "../../vit_viz/components/browser/shared/rings.js";

test("a ring lies outside of those above it", () => {
  const shadow = "rgb(27, 31, 36) 0px 0px 0px 1.5px, color(srgb 0.8 0.4 0.6 / 0.3) 0px 0px 0px 3px";
  assert.deepEqual(ringsOf(shadow), [
    { color: "rgb(27, 31, 36)", from: 0, to: 1.5 },
    { color: "color(srgb 0.8 0.4 0.6 / 0.3)", from: 1.5, to: 3 },
  ]);
});

test("a ring below a wider one is not seen", () => {
  const [ring, ...more] = ringsOf("red 0px 0px 0px 3px, blue 0px 0px 0px 2px");
  assert.deepEqual([ring.color, more], ["red", []]);
});

test("shadows that are no rings are left alone", () => {
  for (const shadow of ["none", "red 0px -2px 0px 0px inset", "red 0px 0px 0px 2px inset", "red 0px 1px 3px 0px"]) {
    assert.deepEqual(ringsOf(shadow), []);
  }
});
