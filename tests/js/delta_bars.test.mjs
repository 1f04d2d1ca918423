import assert from "node:assert/strict";
import test from "node:test";
import { formatChange, formatPoints } from "../../vit_viz/components/browser/shared/delta_bars.js";

test("changes carry their sign, a true minus, and nothing has none", () => {
  assert.equal(formatPoints(0.1234), "+12.3");
  assert.equal(formatPoints(-0.07), "−7.0");
  assert.equal(formatPoints(0), "0.0");
  assert.equal(formatPoints(-0.0004), "0.0");
});

test("a change has a sign where the printed percentages do not give it", () => {
  assert.equal(formatChange(0.4296, 0.2222), "≈ −20.7"); // 43.0 and 22.2
  assert.equal(formatChange(0.43, 0.223), "−20.7");
  assert.equal(formatChange(0.1004, 0.1006), "≈ 0.0"); // 10.0 and 10.1
  assert.equal(formatChange(0, 1), "+100.0");
  assert.equal(formatChange(0.5, 0.5), "0.0");
});
