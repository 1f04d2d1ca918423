const KEYS = ["token", "layer", "head"];

export const sameSelection = (a, b) => KEYS.every((key) => a?.[key] === b?.[key]);

/**
 * Tells Python which token, layer and head the reader settled on: once, after `delay` ms of quiet.
 *
 * What was told comes back with a later run, maybe when the reader is already elsewhere;
 * `isEcho` recognises it, so that it does not throw the reader back.
 */
export class SelectionReport {
  #timer = null;
  #told = [];
  #last = null;

  constructor(send, delay = 250) {
    this.send = send;
    this.delay = delay;
  }

  settle(selection) {
    clearTimeout(this.#timer);
    const next = Object.fromEntries(KEYS.map((key) => [key, selection[key]]));
    this.#timer = setTimeout(() => this.#tell(next), this.delay);
  }

  #tell(selection) {
    this.#timer = null;
    if (sameSelection(selection, this.#last)) return;
    this.#last = selection;
    this.#told.push(selection);
    this.send(selection);
  }

  /** What Python says now: an answer to something told before, or news? */
  isEcho(selection) {
    const place = this.#told.findIndex((told) => sameSelection(told, selection));
    if (place >= 0) this.#told.splice(0, place + 1);
    else this.#last = selection;
    return place >= 0;
  }

  cancel() {
    clearTimeout(this.#timer);
  }
}
