// Where the same place is in another model, as vit_viz/analysis/compare.py has it.

/** The layer or head at the same relative place: first to first, last to last. */
export function sameIndex(index, count, otherCount) {
  return count === 1 ? 0 : Math.floor((index * (otherCount - 1)) / (count - 1) + 0.5);
}

/** The prefix token of the same name, or the patch under the middle of this one; null where there is none. */
export function sameToken(token, tokens, other) {
  if (tokens.isPrefix(token)) {
    const place = other.prefixNames.indexOf(tokens.prefixNames[token]);
    return place < 0 ? null : place;
  }
  const scaled = (index, count, otherCount) => Math.floor(((index + 0.5) / count) * otherCount);
  return other.at(scaled(tokens.row(token), tokens.rows, other.rows), scaled(tokens.col(token), tokens.cols, other.cols));
}

/**
 * The weight that gets full colour on each side, of the largest weights `tops` and the `counts` of tokens: its own,
 * or the same multiple of an even share on both, since one weight is less among more tokens.
 */
export function fullColours(tops, counts, isShared) {
  if (!isShared) return tops;
  const most = Math.max(...tops.map((top, side) => top * counts[side]));
  return counts.map((count) => most / count);
}
