// Cross-entropy, its gradient by the logits, and one step on a linear head (vit_viz/analysis/training.py).

import { atTemperature } from "../shared/temperature.js";

/** −ln softmax(logits)[label], in nats. */
export function crossEntropy(logits, label) {
  const top = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return Math.log(total) + top - logits[label];
}

/**
 * Logits after a step of that size for a photo with these logits; `gain` is |y|² + 1. For another photo, with
 * features y' and the logits `of`, it is y · y' + 1.
 */
export function afterStep(logits, label, rate, gain, of = logits) {
  const probs = atTemperature(logits, 1);
  return Float64Array.from(of, (value, i) => value - rate * gain * (probs[i] - (i === label ? 1 : 0)));
}

/** Mean loss of other photos, and how many are right, after that step; each is {logits, label, gain}. */
export function othersAfter(others, logits, label, rate) {
  let [loss, right] = [0, 0];
  for (const other of others) {
    const moved = afterStep(logits, label, rate, other.gain, other.logits);
    loss += crossEntropy(moved, other.label) / others.length;
    right += moved.every((value) => value <= moved[other.label]);
  }
  return { loss, right };
}
