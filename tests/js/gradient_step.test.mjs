import assert from "node:assert/strict";
import test from "node:test";
import { afterStep, crossEntropy } from "../../vit_viz/components/browser/training/gradient_step.js";

const near = (found, expected) => assert.ok(Math.abs(found - expected) < 1e-12, `${found} is not ${expected}`);

test("cross-entropy by hand, also of large logits", () => {
  near(crossEntropy([Math.log(1), Math.log(3)], 0), Math.log(4));
  near(crossEntropy([1000, 0], 1), 1000);
});

test("a step moves the logits against their gradient", () => {
  const moved = afterStep([Math.log(1), Math.log(3)], 0, 0.1, 20);
  near(moved[0], 2 * 0.75);
  near(moved[1], Math.log(3) - 2 * 0.75);
});
