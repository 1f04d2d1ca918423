import { unpack } from "./unpack.js";

/** Raised with a sentence for the reader. */
export class SourceError extends Error {}

/** What the reader is told where `what` cannot be drawn: a source's own sentence, any other error in brackets. */
export function sentenceOf(error, what) {
  return error instanceof SourceError ? error.message : `The ${what} cannot be drawn here (${error.message}).`;
}

const KEPT_HEADS = 24;
const KEPT_LAYERS = 6;

/** Promises by name, the most recently used `size` of them; a failed one is forgotten, so it can be tried again. */
class Kept {
  #entries = new Map();

  constructor(size) {
    this.size = size;
  }

  get(name, load) {
    const entry = this.#entries.get(name) ?? load();
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    entry.catch(() => this.#entries.delete(name));
    if (this.#entries.size > this.size) this.#entries.delete(this.#entries.keys().next().value);
    return entry;
  }
}

/** Attention of one trace by the app's own HTTP routes (vit_viz/components/attention_routes.py). */
export class RouteSource {
  #heads = new Kept(KEPT_HEADS);
  #lines = new Kept(KEPT_HEADS);
  #layers = new Kept(KEPT_LAYERS);
  #stop = new AbortController();

  constructor({ routes, traceId }) {
    this.routes = routes;
    this.trace = encodeURIComponent(traceId);
  }

  photo() {
    return this.#fetch(`photo/${this.trace}`).then((response) => response.blob());
  }

  /** uint8 maps of all layers, or of one; `progress` is called with the bytes so far. */
  attention(layer = null, progress = () => {}) {
    const query = layer === null ? {} : { layer };
    return this.#fetch(`attention/${this.trace}`, query).then(async (response) =>
      unpack(await readAll(response, progress)),
    );
  }

  /** uint8 rows ("to") or columns ("by") of one token in all layers. */
  token(token, direction) {
    const axis = direction === "to" ? "query" : "key";
    return this.#lines.get(`${axis} ${token}`, () =>
      this.#payload(`attention/${this.trace}`, { [axis]: token }),
    );
  }

  /** float32 arrays of one head; head "mean" has attn only. */
  head(layer, head) {
    const path = `head/${this.trace}/${layer}/${head}`;
    return this.#heads.get(path, () => this.#payload(path));
  }

  /** float32 normed, concat and projected of one layer (vit_viz/components/qkv_routes.py). */
  projections(layer) {
    const path = `projections/${this.trace}/${layer}`;
    return this.#layers.get(path, () => this.#payload(path));
  }

  /** float32 rows of the rollout from tokens [first, last] (vit_viz/components/rollout_routes.py). */
  rollout([first, last], settings) {
    return this.#payload(`rollout/${this.trace}/${first}-${last}`, settings);
  }

  /** float32 inputs, weight, bias and outputs of the patch projection (vit_viz/components/embedding_routes.py). */
  embedding() {
    return this.#payload(`embedding/${this.trace}`);
  }

  /** Whether float32 numbers can be had of that layer. */
  hasNumbers() {
    return true;
  }

  close() {
    this.#stop.abort();
  }

  async #payload(path, query = {}) {
    const response = await this.#fetch(path, query);
    return unpack(await response.arrayBuffer());
  }

  #fetch(path, query = {}) {
    return answerOf(`${this.routes}/${path}?${new URLSearchParams(query)}`, { signal: this.#stop.signal });
  }
}

/** The app's answer; where none comes, or a refusal, a SourceError is thrown. `options` are fetch's. */
export async function answerOf(url, options = {}) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new SourceError("The app does not answer. Check that it is still running, then try again.");
  }
  if (!response.ok) throw new SourceError(await refusal(response));
  return response;
}

async function refusal(response) {
  const text = await response.text();
  // the routes answer with one sentence; a proxy's page of HTML is not for the reader
  const isSentence = text.length < 200 && !text.includes("<") && /[.!]$/.test(text);
  return isSentence ? text : `The app answered with error ${response.status}. Try again, or reload the page.`;
}

async function readAll(response, progress) {
  if (!response.body) return response.arrayBuffer();
  const chunks = [];
  let size = 0;
  for (const reader = response.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
    progress(size);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes.buffer;
}

/** The same from one blob inside the page, for notebooks: photo, maps, and the float32 heads of some layers. */
export class EmbeddedSource {
  constructor(blob) {
    const { meta, arrays } = unpack(blob);
    this.layers = meta.layers;
    this.parts = arrays;
  }

  async photo() {
    return new Blob([this.parts.photo.values], { type: "image/png" });
  }

  async attention(layer = null) {
    if (layer !== null && !this.hasNumbers(layer)) throw new SourceError(this.#onlySome());
    return unpack(this.parts.attention.values);
  }

  async token() {
    throw new SourceError(this.#onlySome());
  }

  async head(layer, head) {
    if (!this.hasNumbers(layer)) throw new SourceError(this.#onlySome());
    return unpack(this.parts[`head/${layer}/${head}`].values);
  }

  hasNumbers(layer) {
    return this.layers.includes(layer);
  }

  close() {}

  #onlySome() {
    const names = this.layers.map((layer) => layer + 1).join(", ");
    return `This file holds the numbers of layer ${names} only.`;
  }
}

/** The picture the model saw, by the app's route. */
export async function loadPhoto(source) {
  const answer = await answerOf(source);
  return createImageBitmap(await answer.blob());
}
