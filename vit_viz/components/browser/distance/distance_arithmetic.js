// Attention distance as vit_viz/analysis/distance.py computes it, on float32 rows that came from the trace.

/**
 * The sum behind one patch's distance: terms (T,), distance × weight in pixels by key, 0 for prefix tokens;
 * their sum; the row's weight on patches and on prefix tokens.
 */
export function rowSum(row, token, tokens) {
  const sum = { terms: new Float64Array(tokens.numTokens), total: 0, onPatches: 0, onPrefix: 0 };
  for (let key = 0; key < tokens.numTokens; key += 1) {
    if (tokens.isPrefix(key)) sum.onPrefix += row[key];
    else {
      sum.terms[key] = tokens.distance(token, key) * row[key];
      sum.total += sum.terms[key];
      sum.onPatches += row[key];
    }
  }
  return sum;
}

/** A row's distance in pixels, by either definition; a row without weight on patches looks nowhere. */
export function distanceOf({ total, onPatches }, renormalised) {
  if (!renormalised) return total;
  return onPatches > 0 ? total / onPatches : 0;
}

/** A head's mean over its patches' rows of attn (T, T), by either definition. */
export function headDistance(attn, tokens, renormalised) {
  const T = tokens.numTokens;
  let sum = 0;
  for (let query = tokens.numPrefix; query < T; query += 1) {
    sum += distanceOf(rowSum(attn.subarray(query * T, (query + 1) * T), query, tokens), renormalised);
  }
  return sum / tokens.numPatches;
}

/** Where a layer's heads stand: from the layer's middle, in widths of a layer, first head leftmost. */
export function spread(head, numHeads) {
  return ((head + 0.5) / numHeads - 0.5) * 0.7;
}
