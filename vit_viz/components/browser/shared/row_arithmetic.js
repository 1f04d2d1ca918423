// Arithmetic in double precision on float32 arrays of the trace, and how its numbers are written.

import { equalSign, formatNumber, printed, trueMinus } from "./numbers.js";

/** Row of a matrix (rows, size), without a copy. */
export function row(values, size, index) {
  return values.subarray(index * size, (index + 1) * size);
}

/** The terms of one number of a head's output: weight × value for each of the T keys, and their sum. */
export function sumTerms(weights, v, K, index) {
  const terms = Float64Array.from(weights, (weight, token) => weight * v[token * K + index]);
  return { terms, total: terms.reduce((sum, term) => sum + term, 0) };
}

/** Indices of the `count` numbers of largest size. */
export function largestTerms(terms, count) {
  const order = Array.from(terms, (_, index) => index);
  return order.sort((a, b) => Math.abs(terms[b]) - Math.abs(terms[a]) || a - b).slice(0, count);
}

/** Largest size of any number; 1 where all are 0. */
export function largestSize(...lists) {
  let most = 0;
  for (const list of lists) for (const value of list) most = Math.max(most, Math.abs(value));
  return most || 1;
}

const tops = new WeakMap();

/**
 * The size at which a map of many numbers has its full colour: 99.5 % of them are smaller.
 * The very largest would let one outlier blank out all others. Remembered, for sorting takes long.
 */
export function fullColour(values) {
  if (!tops.has(values)) {
    const sizes = Float32Array.from(values, Math.abs).sort();
    tops.set(values, sizes[Math.floor((sizes.length - 1) * 0.995)] || 1);
  }
  return tops.get(values);
}

/** Four significant digits, with a true minus sign. */
export function four(value) {
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-4 || size >= 9999.5)) return formatNumber(value);
  return trueMinus(value.toPrecision(4));
}

/** How to read the colours of numbers whose largest sizes are `top`, each with what it is of. */
export function colourScale(top, of = "") {
  return `full colour at ±${four(top)}${of}`;
}

/** From where to where numbers drawn from 0 reach: "from −1.234 to 5.678". */
export function extent(values) {
  return `from ${four(Math.min(0, ...values))} to ${four(Math.max(0, ...values))}`;
}

/** "0.1234 × 5.678 ≈ 0.7006": = where the printed factors give the printed product. */
export function productText(a, b, product) {
  const [first, second, result] = [a, b, product].map(four);
  return `${first} × ${second} ${equalSign(printed(first) * printed(second), result)} ${result}`;
}

/** A term after the first: "+ 0.1234" or "− 0.1234". */
export function signed(value) {
  return value < 0 ? `− ${four(-value)}` : `+ ${four(value)}`;
}
