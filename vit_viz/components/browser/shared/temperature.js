// Softmax with temperature.

import { formatPercent } from "./numbers.js";

/** logits → probabilities at temperature T; at 0 the limit: all on the largest, shared where several are. */
export function atTemperature(logits, T) {
  const top = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const powers = Float64Array.from(logits, (value) => (T === 0 ? Number(value === top) : Math.exp((value - top) / T)));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

/** How many of the most probable classes hold that share together. */
export function classesFor(probs, share) {
  let held = 0;
  const sorted = Array.from(probs).sort((a, b) => b - a);
  const count = sorted.findIndex((value) => (held += value) >= share - 1e-12);
  return count < 0 ? sorted.length : count + 1;
}

/** What the temperature does to this answer. */
export function temperatureSentence(probs, T) {
  if (T === 0) {
    return "At T = 0 the formula would divide by zero. Its limit puts everything on the largest logit: the answer without any doubt left.";
  }
  const count = classesFor(probs, 0.9);
  const first = formatPercent(probs.reduce((most, value) => Math.max(most, value), 0));
  const many = count === 1 ? "1 class holds" : `${count} classes hold`;
  const own = T.toFixed(1) === "1.0" ? " This is the model's own answer." : "";
  return `At T = ${T.toFixed(1)} the first class has ${first}, and ${many} 90% together.${own}`;
}
