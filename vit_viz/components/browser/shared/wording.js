// Sentences about what is shown, for the caption, the read-out lines and screen readers.

import { rank, strongestFew } from "./measures.js";
import { formatWeight } from "./numbers.js";

const SPOKEN = 3;

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What the current token does in direction "to" (its row) or "by" (its column). */
export function verb(direction) {
  return direction === "to" ? "attends to" : "is attended by";
}

export function where({ layer, head, heads }) {
  return heads === "mean" ? `layer ${layer + 1}, mean of its heads` : `layer ${layer + 1}, head ${head + 1}`;
}

/** One of the current token's weights (T,), with its rank. */
export function weightText(weights, target, { tokens, direction }) {
  const pair = direction === "to" ? "Weight on" : "Weight from";
  const place = `rank ${rank(weights, target)} of ${weights.length}`;
  return `${pair} ${tokens.label(target)}: ${formatWeight(weights[target])}, ${place}`;
}

/** One cell {query, key} of the matrix, after the softmax or `before` it; arrays of null are on their way. */
export function cellText(cell, arrays, { tokens, before }) {
  const pair = `${capital(tokens.label(cell.query))} → ${tokens.label(cell.key)}`;
  if (!arrays) return `${pair}: …`;
  const values = before ? arrays.scores.values : arrays.attn.values;
  const value = values[cell.query * tokens.numTokens + cell.key];
  return `${pair}: ${before ? value.toFixed(4) : formatWeight(value)}`;
}

/** What is said aloud: the token, and its strongest three, or the one `other` whose pair is open. */
export function speech(weights, { tokens, token, other, state }) {
  const named = other === null ? strongestFew(weights, SPOKEN) : [other];
  const list = named.map(
    (index) =>
      `${tokens.spoken(index)}, weight ${formatWeight(weights[index])}, rank ${rank(weights, index)}`,
  );
  return `${capital(tokens.spoken(token))}, ${where(state)}, ${verb(state.direction)}: ${list.join("; ")}.`;
}
