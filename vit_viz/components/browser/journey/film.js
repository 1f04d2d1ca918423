import { TokenGrid } from "../shared/tokens.js";

/**
 * The arrays of one photo, followed through one layer and head: everything a scene may ask for.
 *
 * parts      {base, layer, mlp, head}, each {meta, arrays} as unpacked, and memo, a Map; mlp may be null while it is on its way
 * selection  {token, layer, head}, from 0; token is null until the reader has chosen one
 * words      what is written on stage, by key
 *
 * Numbers that are printed come from float32 arrays (numbers_of.js); int8 and uint8 arrays are for painting.
 */
export class Film {
  constructor(parts, selection, words = {}) {
    const { meta } = parts.base;
    Object.assign(this, { parts, meta, words });
    Object.assign(this, { D: meta.D, H: meta.H, K: meta.K, L: meta.L, C: meta.C, mlp: meta.mlp_hidden });
    this.tokens = new TokenGrid({
      grid: meta.grid,
      patchSize: meta.patch_size,
      prefixNames: meta.prefix_names,
    });
    this.R = this.tokens.numPrefix;
    this.N = this.tokens.numPatches;
    this.T = this.tokens.numTokens;
    [this.rows, this.cols] = meta.grid;
    [this.imageHeight, this.imageWidth] = meta.image_size;
    this.aspect = this.imageWidth / this.imageHeight;
    this.patchNumbers = 3 * this.tokens.patchHeight * this.tokens.patchWidth;
    this.token = Math.min(selection.token ?? this.R + this.#middle, this.T - 1);
    this.layer = selection.layer;
    this.head = selection.head;
    // shared by all films of these parts: what it holds is named by all it depends on
    this.memo = parts.memo;
  }

  /** {values, shape} of an array, or null where this model has none or it has not arrived. */
  array(name) {
    for (const part of [this.parts.base, this.parts.layer, this.parts.head, this.parts.mlp]) {
      if (part?.arrays[name]) return part.arrays[name];
    }
    return null;
  }

  has(name) {
    return this.array(name) !== null;
  }

  /** Which patch the scenes before the encoder follow: the chosen one, or the middle one where a prefix token is. */
  get patch() {
    if (this.token >= this.R) return this.token - this.R;
    return this.#middle;
  }

  get #middle() {
    return Math.floor(this.rows / 2) * this.cols + Math.floor(this.cols / 2);
  }

  get patchToken() {
    return this.R + this.patch;
  }

  /** The tokens as an axis of a matrix, for geometry.js. */
  axis(lead = 1) {
    return { R: this.R, N: this.N, lead };
  }

  label(token) {
    if (token < this.R) return this.tokens.prefixNames[token];
    return this.say("patch_name", { row: this.tokens.row(token) + 1, col: this.tokens.col(token) + 1 });
  }

  get positions() {
    return this.has("pos");
  }

  get classifies() {
    return this.meta.top5.length > 0;
  }

  /** Index of the token that the classifier reads; −1 where it reads all patches. */
  get readToken() {
    return this.meta.read_token;
  }

  /** What is written on stage, with {placeholders} filled. */
  say(key, values = {}) {
    return fill(this.words[key] ?? key, values);
  }

  remember(name, compute) {
    if (!this.memo.has(name)) this.memo.set(name, compute());
    return this.memo.get(name);
  }
}

/** "{N} patches" → "196 patches"; an unknown placeholder stays, so that a test sees it. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
