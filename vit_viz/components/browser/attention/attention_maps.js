import { sharedTop } from "../shared/tone.js";

// A budget for layers of very large models, which arrive one by one; older ones make room.
const MAX_BYTES = 192 * 2 ** 20;

/**
 * All attention of one trace as uint8, for painting only: weight ≈ codes / 255 · scale.
 *
 * Axes: L depth, H heads, T tokens. A layer holds codes (H, T, T) [query, key] and, float32 (H, T),
 * scale: the row's largest weight, rowTop and columnTop: the largest weight on a patch in a token's
 * row and column. Direction "to" reads a token's row, "by" its column.
 */
export class AttentionMaps {
  #layers = new Map();

  constructor({ depth, numHeads, numTokens }) {
    this.depth = depth;
    this.numHeads = numHeads;
    this.numTokens = numTokens;
  }

  /** Take one or more layers from an unpacked payload; meta.first is the first one's index. */
  add({ meta, arrays }) {
    const count = arrays.codes.shape[0];
    const part = (name, layer) => {
      const size = arrays[name].values.length / count;
      return arrays[name].values.subarray(layer * size, (layer + 1) * size);
    };
    for (let layer = 0; layer < count; layer += 1) {
      this.#layers.set(meta.first + layer, {
        codes: part("codes", layer),
        scale: part("scale", layer),
        rowTop: part("row_top", layer),
        columnTop: part("column_top", layer),
      });
    }
    this.#makeRoom();
  }

  #makeRoom() {
    const size = this.numHeads * this.numTokens ** 2;
    for (const layer of this.#layers.keys()) {
      if (this.#layers.size === 1 || this.#layers.size * size <= MAX_BYTES) return;
      this.#layers.delete(layer);
    }
  }

  has(layer) {
    return this.#layers.has(layer);
  }

  get complete() {
    return this.#layers.size === this.depth;
  }

  /** Weights (T,) of one token in one head, written into `out` from `start`. */
  line(layer, head, token, direction, out, start = 0) {
    const { codes, scale } = this.#layers.get(layer);
    const T = this.numTokens;
    const first = head * T * T;
    const scales = head * T;
    if (direction === "to") {
      const factor = scale[scales + token] / 255;
      const row = first + token * T;
      for (let key = 0; key < T; key += 1) out[start + key] = codes[row + key] * factor;
    } else {
      let index = first + token;
      for (let query = 0; query < T; query += 1, index += T) {
        out[start + query] = (codes[index] * scale[scales + query]) / 255;
      }
    }
  }

  /** The largest weight on a patch in that token's row or column: float32, exact. */
  top(layer, head, token, direction) {
    const { rowTop, columnTop } = this.#layers.get(layer);
    return (direction === "to" ? rowTop : columnTop)[head * this.numTokens + token];
  }

  /** One head as it is painted: codes (T, T), scale (T,) and rowTop (T,). */
  matrix(layer, head) {
    const { codes, scale, rowTop } = this.#layers.get(layer);
    const T = this.numTokens;
    return {
      codes: codes.subarray(head * T * T, (head + 1) * T * T),
      scale: scale.subarray(head * T, (head + 1) * T),
      rowTop: rowTop.subarray(head * T, (head + 1) * T),
    };
  }
}

/** Weights of one token in all heads of all layers, for the overview: (L, H, T) and the tops (L, H). */
export class TokenLines {
  constructor({ depth, numHeads, numTokens }) {
    this.depth = depth;
    this.numHeads = numHeads;
    this.numTokens = numTokens;
    this.weights = new Float32Array(depth * numHeads * numTokens);
    this.tops = new Float32Array(depth * numHeads);
    this.known = new Uint8Array(depth);
  }

  /** Read every layer that has arrived. */
  fill(maps, token, direction) {
    for (let layer = 0; layer < this.depth; layer += 1) {
      this.known[layer] = maps.has(layer) ? 1 : 0;
      if (this.known[layer]) this.#fillLayer(maps, layer, token, direction);
    }
  }

  #fillLayer(maps, layer, token, direction) {
    for (let head = 0; head < this.numHeads; head += 1) {
      const index = layer * this.numHeads + head;
      maps.line(layer, head, token, direction, this.weights, index * this.numTokens);
      this.tops[index] = maps.top(layer, head, token, direction);
    }
  }

  /** Take the answer of the route for one token: codes (L, H, T), scale and top (L, H). */
  take({ arrays: { codes, scale, top } }) {
    this.known.fill(1);
    this.tops.set(top.values);
    for (let index = 0; index < scale.values.length; index += 1) {
      const factor = scale.values[index] / 255;
      const start = index * this.numTokens;
      for (let i = start; i < start + this.numTokens; i += 1) this.weights[i] = codes.values[i] * factor;
    }
  }

  line(layer, head) {
    const start = (layer * this.numHeads + head) * this.numTokens;
    return this.weights.subarray(start, start + this.numTokens);
  }

  /** Weights averaged over the heads of one layer. */
  mean(layer) {
    const mean = new Float32Array(this.numTokens);
    for (let head = 0; head < this.numHeads; head += 1) {
      const line = this.line(layer, head);
      for (let i = 0; i < mean.length; i += 1) mean[i] += line[i] / this.numHeads;
    }
    return mean;
  }

  /** Where the scale shared by all maps is full. */
  get sharedTop() {
    return sharedTop(this.tops.filter((_, index) => this.known[Math.floor(index / this.numHeads)]));
  }
}

/** float32 attn (T, T) → {codes, scale, rowTop} as the route sends them: for maps that the browser averages itself. */
export function quantiseRows(attn, T, numPrefix) {
  const [codes, scale, rowTop] = [new Uint8Array(T * T), new Float32Array(T), new Float32Array(T)];
  for (let query = 0; query < T; query += 1) {
    const row = attn.subarray(query * T, (query + 1) * T);
    rowTop[query] = row.subarray(numPrefix).reduce((a, b) => Math.max(a, b), 0);
    scale[query] = row.reduce((a, b) => Math.max(a, b), 0);
    for (let key = 0; key < T; key += 1) codes[query * T + key] = Math.round((row[key] / scale[query]) * 255);
  }
  return { codes, scale, rowTop };
}
