import assert from "node:assert/strict";
import { test } from "node:test";

import { scaleOf } from "../../vit_viz/components/browser/shared/picture.js";

test("a picture is drawn twice as large as on screen", () => {
  assert.equal(scaleOf({ width: 1038, height: 2500 }), 2);
});

test("a large one is no larger than what an iPad's canvas holds", () => {
  const size = { width: 1400, height: 6000 };
  const scale = scaleOf(size);
  assert.ok(scale < 2);
  assert.ok(Math.floor(scale * size.width) * Math.floor(scale * size.height) <= 16_777_216);
});

test("a long one has no side that is longer than a canvas may be", () => {
  assert.equal(scaleOf({ width: 300, height: 10_000 }), 1.6);
});
