import { sharedTop } from "../shared/tone.js";
import { WeightRows } from "../shared/weight_rows.js";

// A budget for layers of very large models, which arrive one by one; older ones make room.
const MAX_BYTES = 192 * 2 ** 20;

/**
 * All attention of one trace, for painting only.
 *
 * Axes: L depth, H heads, T tokens. A layer holds its H · T rows as WeightRows, and columnTop, float32 (H, T):
 * the largest weight of a patch in a token's column. Direction "to" reads a token's row, "by" its column.
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
        rows: new WeightRows({
          codes: part("codes", layer),
          scale: part("scale", layer),
          prefix: part("prefix", layer),
        }),
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
    const { rows } = this.#layers.get(layer);
    const first = head * this.numTokens;
    if (direction === "to") rows.read(first + token, out, start);
    else for (let query = 0; query < this.numTokens; query += 1) out[start + query] = rows.at(first + query, token);
  }

  /** The largest weight on a patch in that token's row, or of a patch in its column: float32, exact. */
  top(layer, head, token, direction) {
    const { rows, columnTop } = this.#layers.get(layer);
    return (direction === "to" ? rows.scale : columnTop)[head * this.numTokens + token];
  }

  /** One head's rows, WeightRows of T. */
  matrix(layer, head) {
    return this.#layers.get(layer).rows.slice(head * this.numTokens, (head + 1) * this.numTokens);
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

  /** Take the answer of the route for one token: one of WeightRows for each head. */
  take({ arrays: { codes, scale, prefix } }) {
    const rows = new WeightRows({ codes: codes.values, scale: scale.values, prefix: prefix.values });
    this.known.fill(1);
    this.tops.set(rows.scale);
    for (let index = 0; index < rows.scale.length; index += 1) rows.read(index, this.weights, index * this.numTokens);
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
