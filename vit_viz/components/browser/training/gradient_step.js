// Cross-entropy, its gradient by the logits, and one step on a linear head (vit_viz/analysis/training.py).

import { atTemperature } from "../shared/temperature.js";

/** −log softmax(logits)[label], in nats. */
export function crossEntropy(logits, label) {
  const top = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const total = logits.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return Math.log(total) + top - logits[label];
}

/** Logits of the same photo after a step of that size; `gain` is |x|² + 1. */
export function afterStep(logits, label, rate, gain) {
  const probs = atTemperature(logits, 1);
  return Float64Array.from(logits, (value, i) => value - rate * gain * (probs[i] - (i === label ? 1 : 0)));
}
