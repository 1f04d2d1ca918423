import { pictures, Bitmaps } from "./bitmaps.js";

const KEPT = 24;

/**
 * Fetches what a layer and head need, and what their neighbours will; keeps the last few.
 *
 * `on` is {parts(parts, {layer, head}), later(), problem(error)}: parts arrive complete but for the MLP, which follows.
 */
export class Loader {
  #kept = new Map();
  #wanted = null;
  #closed = false;

  constructor(source, on) {
    Object.assign(this, { source, on });
  }

  async open() {
    this.base = await this.source.get("base");
    const { photo, batch_thumbs: thumbs } = this.base.arrays;
    const picture = await createImageBitmap(new Blob([photo.values], { type: "image/jpeg" }));
    return new Bitmaps(picture, pictures(thumbs));
  }

  /** Ask for a layer and head; an older wish that is still on its way is let go. */
  async want({ layer, head }) {
    const wish = { layer, head };
    this.#wanted = wish;
    try {
      const [ofLayer, ofHead] = await Promise.all([
        this.#get("layer", layer),
        this.#get("head", layer, head),
      ]);
      if (this.#closed || this.#wanted !== wish) return;
      const parts = { base: this.base, layer: ofLayer, head: ofHead, mlp: null, memo: new Map() };
      this.on.parts(parts, wish);
      parts.mlp = await this.#get("mlp", layer);
      if (this.#closed || this.#wanted !== wish) return;
      this.on.later();
      this.#prefetch(layer, head);
    } catch (error) {
      if (!this.#closed && this.#wanted === wish && error.name !== "AbortError") this.on.problem(error);
    }
  }

  #prefetch(layer, head) {
    const { H, L } = this.base.meta;
    const near = [
      [layer, head + 1],
      [layer, head - 1],
      [layer + 1, head],
      [layer - 1, head],
    ];
    for (const [l, h] of near) {
      if (l < 0 || h < 0 || l >= L || h >= H || !this.source.has(l, h)) continue;
      // what fails here is asked for again when it is wanted
      this.#get("head", l, h).catch(() => {});
      this.#get("layer", l).catch(() => {});
    }
  }

  #get(part, layer, head) {
    const name = `${part} ${layer} ${head}`;
    const found = this.#kept.get(name) ?? this.source.get(part, layer, head);
    this.#kept.delete(name);
    this.#kept.set(name, found);
    found.catch(() => this.#kept.delete(name));
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    return found;
  }

  close() {
    this.#closed = true;
    this.source.close();
  }
}
