// At which value a colour is full: what a matrix is painted by, and what the key beside it says.

import { decoded, headOut, largest, scoresOf, weightsOf } from "./numbers_of.js";

const SHARE = 0.98;
const SAMPLE = 20000;
// what is added to the stream is painted on the stream's own scale, a head's output on that of all heads
const SCALE_OF = {
  attn_out: "resid_mid",
  mlp_out: "resid_mid",
  resid_before: "resid_mid",
  resid_after: "resid_mid",
  pos: "resid_in",
  tokens: "resid_in",
};
const everyRow = (film, of) => Array.from({ length: film.T }, (_, query) => of(film, query));
const FULL = {
  scores: (film) => Math.max(...everyRow(film, scoresOf).map((row) => percentile(row, SHARE))),
  attn: (film) => attentionFull(everyRow(film, weightsOf)),
  head_out: (film) => (film.has("concat") ? fullAt(film, "concat") : percentile(headOut(film), SHARE)),
  norms: (film) => percentile(film.array("resid_norm").values, 0.995),
};

export function fullAt(film, name) {
  const scale = SCALE_OF[name] ?? name;
  return film.remember(`full ${scale}`, () =>
    FULL[scale] ? FULL[scale](film) : percentile(decoded(film.array(scale), film, scale), SHARE),
  );
}

/** Half of the rows reach the full colour somewhere. */
export function attentionFull(rows) {
  const tops = rows.map(largest).sort((a, b) => a - b);
  return tops[Math.floor(tops.length / 2)];
}

/** The size that a share of all values stays below, from a sample of them. */
export function percentile(values, share) {
  const step = Math.max(1, Math.floor(values.length / SAMPLE));
  const sizes = Float32Array.from({ length: Math.floor(values.length / step) }, (_, i) =>
    Math.abs(values[i * step]),
  );
  return sizes.sort()[Math.floor(share * (sizes.length - 1))] || 1;
}
