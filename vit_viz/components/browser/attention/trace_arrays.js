import { AttentionMaps } from "./attention_maps.js";
import { SourceError, sentenceOf } from "../shared/route_source.js";

// a slider that is dragged passes many heads: ask only for those it rests on
const FETCH_AFTER = 60;

/**
 * The arrays of one trace as they arrive from a source: photo, uint8 maps, float32 numbers of the chosen head.
 *
 * `on` is {photo(bitmap), maps(), numbers(), line(payload, what), status(text), problem(sentence)}.
 * maps     AttentionMaps, whole or layer by layer
 * numbers  {layer, head, arrays, note}: arrays is null where they cannot be had, and note says why;
 *          null while they are on their way
 */
export class TraceArrays {
  #timers = {};
  #closed = false;
  #asked = new Set();
  #wanted = null;
  #gone = new AbortController();

  constructor(source, { whole, ...sizes }, on) {
    Object.assign(this, { source, whole, sizes, on });
    this.maps = new AttentionMaps(sizes);
    this.numbers = null;
    const { signal } = this.#gone;
    window.addEventListener("online", () => this.#retryNumbers(), { signal });
    document.addEventListener("visibilitychange", () => this.#retryNumbers(), { signal });
  }

  close() {
    this.#closed = true;
    this.#gone.abort();
    this.source.close();
    Object.values(this.#timers).forEach(clearTimeout);
  }

  wantPhoto() {
    this.#guard(async () => {
      const bitmap = await createImageBitmap(await this.source.photo());
      if (!this.#closed) this.on.photo(bitmap);
    });
  }

  /** The maps: all of them, or those of one layer where all would be too many. */
  wantMaps(layer) {
    const part = this.whole ? null : layer;
    clearTimeout(this.#timers.maps);
    if (this.maps.has(layer) || this.#asked.has(part)) return;
    if (this.#asked.size === 0) this.#fetchMaps(part);
    else this.#later("maps", () => this.#fetchMaps(part));
  }

  #fetchMaps(part) {
    const { depth, numHeads, numTokens } = this.sizes;
    const what = part === null ? "attention of all layers" : `attention of layer ${part + 1}`;
    const total = (part === null ? depth : 1) * numHeads * numTokens ** 2;
    const percent = (size) => Math.min(99, Math.floor((100 * size) / total));
    this.on.status(`Fetching the ${what} …`);
    this.#asked.add(part);
    this.#guard(async () => {
      const progress = (size) => this.on.status(`Fetching the ${what}: ${percent(size)}%`);
      const payload = await this.source.attention(part, progress);
      if (this.#closed) return;
      this.maps.add(payload);
      // kept in the browser only within limits: a layer that has made room can be asked for again
      this.#asked.delete(part);
      this.on.status("");
      this.on.maps();
    });
  }

  /**
   * Float32 arrays of {layer, head}; head "mean" is the average of the layer's heads.
   *
   * What did not come can be wished for again; until it is here, the note stays.
   */
  wantNumbers(wanted) {
    if (sameHead(this.#wanted, wanted)) return;
    this.#wanted = wanted;
    if (!sameHead(this.numbers, wanted)) this.numbers = null;
    this.#later("numbers", async () => {
      const found = await this.#numbersOf(wanted);
      if (this.#closed || this.#wanted !== wanted) return;
      if (!found.arrays) this.#wanted = null;
      this.numbers = { ...wanted, ...found };
      this.on.numbers();
    });
  }

  // the reader is back, or the network: what failed may come now
  #retryNumbers() {
    if (this.numbers?.arrays === null && document.visibilityState === "visible") this.wantNumbers(this.numbers);
  }

  async #numbersOf({ layer, head }) {
    try {
      return { arrays: (await this.source.head(layer, head)).arrays, note: "" };
    } catch (error) {
      return { arrays: null, note: error.message };
    }
  }

  /** One token's maps in all layers, {token, direction}, for models whose layers are not all here. */
  wantLine(what) {
    this.#later("line", async () => {
      try {
        const payload = await this.source.token(what.token, what.direction);
        if (!this.#closed) this.on.line(payload, what);
      } catch (error) {
        // without it the overview shows the layers that are here
        if (!(error instanceof SourceError) && error.name !== "AbortError") throw error;
      }
    });
  }

  #later(name, work) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(work, FETCH_AFTER);
  }

  async #guard(work) {
    try {
      await work();
    } catch (error) {
      if (!this.#closed) this.on.problem(sentenceOf(error, "attention"));
    }
  }
}

function sameHead(a, b) {
  return a !== null && a.layer === b.layer && a.head === b.head;
}
