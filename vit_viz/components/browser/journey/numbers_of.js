// What is computed in the browser from a film's float32 arrays: the numbers that are printed.

import { strongestFew } from "../shared/measures.js";
import { fixed } from "../shared/numbers.js";
import { WeightRows } from "../shared/weight_rows.js";

/** (T,) scores of one query: q · k / √K. */
export function scoresOf(film, token) {
  return film.remember(`scores ${token}`, () => {
    const [from, keys, { K }] = [film.array("q").values, film.array("k").values, film];
    return Float64Array.from({ length: film.T }, (_, key) => {
      let sum = 0;
      for (let i = 0; i < K; i += 1) sum += from[token * K + i] * keys[key * K + i];
      return sum * film.meta.qk_scale;
    });
  });
}

/** (T · K,) one query times every key, number by number: a row's sum is q · k. */
export function termsOf(film, token) {
  return film.remember(`terms ${token}`, () => {
    const [q, k] = [film.array("q").values, film.array("k").values];
    return Float64Array.from(k, (value, i) => value * q[token * film.K + (i % film.K)]);
  });
}

/** (T,) softmax weights of one query: the model's own, or computed where an export holds q and k only. */
export function weightsOf(film, token) {
  const attn = film.array("attn_head");
  if (attn) return attn.values.subarray(token * film.T, (token + 1) * film.T);
  return film.remember(`weights ${token}`, () => {
    const scores = scoresOf(film, token);
    const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = scores.map((score) => Math.exp(score - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  });
}

/** (T, K) what the head gives: weights · v. */
export function headOut(film) {
  const there = film.array("head_out");
  if (there) return there.values;
  return film.remember("head_out", () => {
    const [v, { T, K }] = [film.array("v").values, film];
    const out = new Float64Array(T * K);
    for (let query = 0; query < T; query += 1) {
      const weights = weightsOf(film, query);
      for (let key = 0; key < T; key += 1) {
        for (let i = 0; i < K; i += 1) out[query * K + i] += weights[key] * v[key * K + i];
      }
    }
    return out;
  });
}

const LEVELS = 127;

/** Float values of an array that may travel as whole numbers with a scale per row. */
export function decoded(array, film, name) {
  if (!(array.values instanceof Int8Array)) return array.values;
  return film.remember(`decoded ${name}`, () => {
    const scale = film.array(`${name}_scale`).values;
    const width = array.values.length / scale.length;
    return Float32Array.from(array.values, (code, i) => (code * scale[Math.floor(i / width)]) / LEVELS);
  });
}

/** One head's weights of the layer, for painting: WeightRows of T. */
export function headRows(film, head) {
  const [codes, scale, prefix] = ["codes", "scale", "prefix"].map((name) => film.array(`attn_${name}`).values);
  return new WeightRows({ codes, scale, prefix }).slice(head * film.T, (head + 1) * film.T);
}

/** One patch and one filter: {pixels, filter, products: Float32Array(3·P·P) by channel, sum, bias, value}. */
export function projection(film, patch) {
  return film.remember(`projection ${patch}`, () => {
    const filter = film.array("filter").values;
    const pixels = normalisedPatch(film, patch);
    const products = pixels.map((pixel, i) => pixel * filter[i]);
    const sum = products.reduce((a, b) => a + b, 0);
    const bias = film.array("filter_bias").values[0];
    return { pixels, filter, products, sum, bias, value: film.array("patch_value").values[patch] };
  });
}

/** (3, P, P) of a patch: (pixel / 255 − mean) / std, the red plane first. */
export function normalisedPatch(film, patch) {
  const { patchHeight: ph, patchWidth: pw } = film.tokens;
  const { mean, std } = film.meta;
  const image = film.array("image").values;
  const [top, left] = [Math.floor(patch / film.cols) * ph, (patch % film.cols) * pw];
  return Float32Array.from({ length: 3 * ph * pw }, (_, i) => {
    const channel = Math.floor(i / (ph * pw));
    const [row, col] = [Math.floor((i % (ph * pw)) / pw), i % pw];
    return (
      (image[((top + row) * film.imageWidth + left + col) * 3 + channel] / 255 - mean[channel]) / std[channel]
    );
  });
}

/** The pixel in the middle of a patch: {rgb 0 … 255, normalised}. */
export function middlePixel(film, patch) {
  const { patchHeight: ph, patchWidth: pw } = film.tokens;
  const place = Math.floor(ph / 2) * pw + Math.floor(pw / 2);
  const normalised = normalisedPatch(film, patch);
  const values = [0, 1, 2].map((channel) => normalised[channel * ph * pw + place]);
  const rgb = values.map((value, c) => Math.round((value * film.meta.std[c] + film.meta.mean[c]) * 255));
  return { rgb, values };
}

/** Which share of a token's row of weights lies on the patches. */
export const onPatches = (film, weights) => weights.subarray(film.R).reduce((a, b) => a + b, 0);

/** Weights (T,) with which the read token, or the mean patch, attends in one layer: mean over heads. */
export function readRow(film, layer) {
  const { values } = film.array("cls_attn");
  return values.subarray(layer * film.T, (layer + 1) * film.T);
}

export const largest = (values) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

/** {span, zero}: from the smallest value to the largest, zero between them, and the share that is below zero. */
export function spanOf(values) {
  const low = values.reduce((a, b) => Math.min(a, b), 0);
  const high = values.reduce((a, b) => Math.max(a, b), 0);
  const span = high - low || 1;
  return { span, zero: -low / span };
}

/** Index of the largest. */
export const strongestOf = (values) => strongestFew(values, 1)[0];

/** Three decimals, with a true minus sign. */
export const formatFine = (value) => fixed(value, 3);

/** As an addend: a negative number in brackets. */
export const bracketed = (value) => (value < 0 ? `(${formatFine(value)})` : formatFine(value));
