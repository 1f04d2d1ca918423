// Arithmetic of the patch projection, in double precision on the model's float32 numbers.

import { strongest } from "../shared/measures.js";

/** Products of a patch's F numbers with one filter's. */
export function products(inputs, filter) {
  return Float64Array.from(inputs, (value, i) => value * filter[i]);
}

/** Sums over `count` parts of equal length: one per colour plane. */
export function partSums(terms, count) {
  const size = terms.length / count;
  return Array.from({ length: count }, (_, part) =>
    terms.subarray(part * size, (part + 1) * size).reduce((sum, term) => sum + term, 0),
  );
}

/** The sum after each term, and at the end with the bias: F + 1 numbers; F where there is none (null). */
export function runningSums(terms, bias) {
  const sums = new Float64Array(terms.length + (bias === null ? 0 : 1));
  let sum = 0;
  terms.forEach((term, i) => {
    sum += term;
    sums[i] = sum;
  });
  if (bias !== null) sums[terms.length] = sum + bias;
  return sums;
}

/** Cosine of every row of a matrix (rows, size) with the row at `index`; 0 where a row is nothing but zeros. */
export function cosines(values, size, index) {
  const count = values.length / size;
  const start = index * size;
  const own = length(values, start, size);
  return Float64Array.from({ length: count }, (_, row) => {
    let dot = 0;
    for (let i = 0; i < size; i += 1) dot += values[row * size + i] * values[start + i];
    const lengths = own * length(values, row * size, size);
    return lengths > 0 ? dot / lengths : 0;
  });
}

function length(values, start, size) {
  let sum = 0;
  for (let i = start; i < start + size; i += 1) sum += values[i] * values[i];
  return Math.sqrt(sum);
}

/** Indices of the `count` largest, `index` itself left out; of equal ones the earlier. */
export function mostAlike(similarities, index, count) {
  return strongest(similarities).filter((other) => other !== index).slice(0, count);
}
