const KEYS = ["token", "layer", "head"];

/**
 * A choice as Python is told of it. Streamlit passes on only what differs from what it was sent last, and Python
 * may have gone elsewhere meanwhile: with its time, a choice that is made again differs.
 */
export const dated = (value) => ({ value, at: Date.now() });

export const sameSelection = (a, b, keys = KEYS) => keys.every((key) => a?.[key] === b?.[key]);

/**
 * Tells Python which token, layer and head (or what else `keys` name) the reader settled on: once, after `delay`
 * ms of quiet.
 *
 * What was told comes back with a later run, maybe when the reader is already elsewhere;
 * `isEcho` recognises it, so that it does not throw the reader back.
 */
export class SelectionReport {
  #timer = null;
  #told = [];
  #last = null;
  #heard = null;

  constructor(send, delay = 250, keys = KEYS) {
    this.send = send;
    this.delay = delay;
    this.keys = keys;
  }

  settle(selection) {
    clearTimeout(this.#timer);
    const next = Object.fromEntries(this.keys.map((key) => [key, selection[key]]));
    this.#timer = setTimeout(() => this.#tell(next), this.delay);
  }

  #tell(selection) {
    this.#timer = null;
    if (sameSelection(selection, this.#last, this.keys)) return;
    this.#last = selection;
    this.#told.push(selection);
    this.send(selection);
  }

  /** Whether what Python says now is news: not what it said before, and no answer to something told. */
  isNews(selection) {
    const isOld = sameSelection(selection, this.#heard, this.keys);
    this.#heard = selection;
    return !isOld && !this.isEcho(selection);
  }

  /** What Python says now: an answer to something told before, or news? */
  isEcho(selection) {
    const place = this.#told.findIndex((told) => sameSelection(told, selection, this.keys));
    if (place >= 0) this.#told.splice(0, place + 1);
    else this.#last = selection;
    return place >= 0;
  }

  cancel() {
    clearTimeout(this.#timer);
  }
}

/** Calls `tell` once, after `delay` ms of quiet, with what it was given last. */
export class Settled {
  #timer = null;

  constructor(tell, delay = 250) {
    Object.assign(this, { tell, delay });
  }

  give(value) {
    this.cancel();
    this.#timer = setTimeout(() => this.tell(value), this.delay);
  }

  cancel() {
    clearTimeout(this.#timer);
  }
}
