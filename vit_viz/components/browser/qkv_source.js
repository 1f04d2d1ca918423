import { RouteSource, SourceError } from "./attention_source.js";
import { unpack } from "./unpack.js";

const KEPT_LAYERS = 6;
const SENTENCE_LENGTH = 200;

/** What the page needs of one trace: photo and heads by attention_routes.py, layers by qkv_routes.py. */
export class QkvSource {
  #layers = new Map();
  #stop = new AbortController();

  constructor({ routes, traceId, version }) {
    this.shared = new RouteSource({ routes, traceId, version });
    this.address = (layer) => `${routes}/projections/${encodeURIComponent(traceId)}/${layer}?v=${version}`;
  }

  async photo() {
    return createImageBitmap(await this.shared.photo());
  }

  /** q, k, v (T, K), scores, attn (T, T) of a head; normed (T, D), concat (T, H·K), projected (T, D) of its layer. */
  async arrays(layer, head) {
    const [ofHead, ofLayer] = await Promise.all([this.shared.head(layer, head), this.#layer(layer)]);
    return { ...ofHead.arrays, ...ofLayer.arrays };
  }

  #layer(layer) {
    const found = this.#layers.get(layer) ?? this.#fetch(layer);
    this.#layers.delete(layer);
    this.#layers.set(layer, found);
    found.catch(() => this.#layers.delete(layer));
    if (this.#layers.size > KEPT_LAYERS) this.#layers.delete(this.#layers.keys().next().value);
    return found;
  }

  async #fetch(layer) {
    let answer;
    try {
      answer = await fetch(this.address(layer), { signal: this.#stop.signal });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new SourceError("The app does not answer. Check that it is still running, then try again.");
    }
    if (!answer.ok) throw new SourceError(sentence(answer.status, await answer.text()));
    return unpack(await answer.arrayBuffer());
  }

  close() {
    this.shared.close();
    this.#stop.abort();
  }
}

// the route answers with one sentence; a proxy's page of HTML is not for the reader
function sentence(status, text) {
  const isSentence = text.length < SENTENCE_LENGTH && !text.includes("<") && /[.!]$/.test(text);
  return isSentence ? text : `The app answered with error ${status}. Try again, or reload the page.`;
}
