import assert from "node:assert/strict";
import test from "node:test";
import { atTemperature, classesFor, temperatureSentence } from "../../vit_viz/components/browser/shared/temperature.js";

const close = (found, expected) =>
  expected.forEach((value, i) => assert.ok(Math.abs(found[i] - value) < 1e-12, `${found[i]} is not ${value}`));

test("temperature 1 is the softmax, another divides the logits", () => {
  const logits = Float32Array.from([Math.log(4), Math.log(1)]);
  const exact = logits.map((value) => value);
  close(atTemperature(exact, 1), [Math.exp(exact[0]) / (Math.exp(exact[0]) + 1), 1 / (Math.exp(exact[0]) + 1)]);
  close(atTemperature([2, 0], 2), [Math.E / (Math.E + 1), 1 / (Math.E + 1)]);
});

test("large logits do not overflow", () => {
  close(atTemperature([1000, 1000], 0.1), [0.5, 0.5]);
});

test("temperature 0 is the limit: all on the largest, shared where several are", () => {
  close(atTemperature([1, 3, 2], 0), [0, 1, 0]);
  close(atTemperature([3, 3, 2], 0), [0.5, 0.5, 0]);
});

test("the sentence counts the classes that hold 90%", () => {
  assert.equal(classesFor([0.5, 0.1, 0.4], 0.9), 2);
  assert.equal(classesFor([0.95, 0.05], 0.9), 1);
  assert.match(temperatureSentence([0.5, 0.1, 0.4], 2), /T = 2\.0 the first class has 50\.0%, and 2 classes hold/);
  assert.match(temperatureSentence([0.5, 0.5], 1), /model's own answer/);
  assert.match(temperatureSentence([1, 0], 0), /divide by zero/);
});
