import { answerOf, SourceError } from "../shared/route_source.js";
import { unpack } from "../shared/unpack.js";

/** The journey's parts by the app's HTTP routes; urls are templates with {layer} and {head}. */
export class RouteParts {
  #stop = new AbortController();

  constructor(urls) {
    this.urls = urls;
  }

  get(part, layer, head) {
    return this.#fetch(this.urls[part].replace("{layer}", layer).replace("{head}", head));
  }

  has() {
    return true;
  }

  async #fetch(url) {
    const response = await answerOf(url, { signal: this.#stop.signal });
    return unpack(await response.arrayBuffer());
  }

  close() {
    this.#stop.abort();
  }
}

/** The same out of one blob that holds them all: the exported page. */
export class EmbeddedParts {
  constructor(blob) {
    this.arrays = unpack(blob).arrays;
  }

  async get(part, layer, head) {
    const name = nameOf(part, layer, head);
    if (!this.arrays[name]) throw new SourceError(`Layer ${layer + 1} is not in this file.`);
    return unpack(this.arrays[name].values);
  }

  has(layer, head) {
    return nameOf("layer", layer) in this.arrays && nameOf("head", layer, head) in this.arrays;
  }

  close() {}
}

function nameOf(part, layer, head) {
  return {
    base: "base",
    layer: `layer/${layer}`,
    mlp: `layer/${layer}/mlp`,
    head: `layer/${layer}/head/${head}`,
  }[part];
}
