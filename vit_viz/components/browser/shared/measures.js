// The same measures as vit_viz/analysis/attention.py, on float32 rows that came from the trace.

/** Entropy of a row of weights in nats. */
export function entropy(row) {
  let sum = 0;
  for (const weight of row) if (weight > 0) sum -= weight * Math.log(weight);
  return sum;
}

/** Sum of the first `count` weights: the mass on the prefix tokens. */
export function mass(row, count = row.length) {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += row[i];
  return sum;
}

/** Attention distance of one patch's row in pixels: the paper's definition, without renormalising. */
export function rowDistance(row, token, tokens) {
  let sum = 0;
  for (let key = tokens.numPrefix; key < tokens.numTokens; key += 1)
    sum += row[key] * tokens.distance(token, key);
  return sum;
}

/** Indices by falling weight; of equal weights the earlier first. */
export function strongest(row, count = row.length) {
  const order = Array.from(row, (_, index) => index);
  order.sort((a, b) => row[b] - row[a] || a - b);
  return order.slice(0, count);
}

/** The `count` strongest without sorting all: this runs on every move of the mouse. */
export function strongestFew(row, count) {
  const best = [];
  for (let i = 0; i < row.length; i += 1) {
    let place = best.length;
    while (place > 0 && row[i] > row[best[place - 1]]) place -= 1;
    if (place < count) {
      best.splice(place, 0, i);
      if (best.length > count) best.pop();
    }
  }
  return best;
}

/** Place of one weight in its row, from 1; equal weights count in order. */
export function rank(row, index) {
  let place = 1;
  for (let i = 0; i < row.length; i += 1) {
    if (row[i] > row[index] || (row[i] === row[index] && i < index)) place += 1;
  }
  return place;
}

/** Column of a (T, T) matrix as its own row. */
export function column(matrix, T, index) {
  return Float32Array.from({ length: T }, (_, query) => matrix[query * T + index]);
}

/**
 * The arithmetic behind one weight, in double precision from float32 q and k (T, K):
 * products (K,), their sum, the score sum / √K, e^score, Σ e^score over the row, the weight.
 */
export function weightTerms(q, k, K, query, key) {
  const T = k.length / K;
  const root = Math.sqrt(K);
  const dot = (other) => {
    let sum = 0;
    for (let i = 0; i < K; i += 1) sum += q[query * K + i] * k[other * K + i];
    return sum;
  };
  const products = Float64Array.from({ length: K }, (_, i) => q[query * K + i] * k[key * K + i]);
  let denominator = 0;
  for (let other = 0; other < T; other += 1) denominator += Math.exp(dot(other) / root);
  const sum = dot(key);
  const score = sum / root;
  const exponential = Math.exp(score);
  return { products, sum, score, exponential, denominator, weight: exponential / denominator };
}
