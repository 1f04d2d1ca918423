import assert from "node:assert/strict";
import test from "node:test";
import { afterStep, crossEntropy, othersAfter } from "../../vit_viz/components/browser/training/gradient_step.js";

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

test("a step moves other photos by what their features share with this one's", () => {
  const logits = [Math.log(1), Math.log(3)];
  const alike = { logits: [0, 0], label: 0, gain: 20 };
  const unlike = { logits: [0, 0.1], label: 1, gain: 0 };
  const { loss, right } = othersAfter([alike, unlike], logits, 0, 0.1);
  near(loss, (Math.log(1 + Math.exp(-3)) + Math.log(1 + Math.exp(-0.1))) / 2);
  assert.equal(right, 2);
  assert.equal(othersAfter([alike], logits, 1, 0.1).right, 0);
});
