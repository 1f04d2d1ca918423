import assert from "node:assert/strict";
import test from "node:test";
import { formatPoints } from "../../vit_viz/components/browser/shared/delta_bars.js";

test("changes carry their sign, a true minus, and nothing has none", () => {
  assert.equal(formatPoints(0.1234), "+12.3");
  assert.equal(formatPoints(-0.07), "−7.0");
  assert.equal(formatPoints(0), "0.0");
  assert.equal(formatPoints(-0.0004), "0.0");
});
