/** What a place in the model is named by. */
export const KEYS = ["token", "layer", "head"];

/**
 * A choice as Python is told of it. Streamlit passes on only what differs from what it was sent last, and Python
 * may have gone elsewhere meanwhile: with its time, a choice that is made again differs.
 */
export const dated = (value) => ({ value, at: Date.now() });

const sameSelection = (a, b, keys = KEYS) => keys.every((key) => a?.[key] === b?.[key]);

/** Whether a trace of these facts has that token. */
export const hasToken = (token, { grid, prefix_names }) => token < prefix_names.length + grid[0] * grid[1];

/** Whether it has that token, layer and head. */
export const isWithin = ({ token, layer, head }, facts) =>
  hasToken(token, facts) && layer < facts.depth && head < facts.num_heads;

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
  #shown = null;

  constructor(send, delay = 250, keys = KEYS) {
    this.send = send;
    this.delay = delay;
    this.keys = keys;
  }

  settle(selection) {
    clearTimeout(this.#timer);
    const next = Object.fromEntries(this.keys.map((key) => [key, selection[key]]));
    this.#shown = next;
    this.#timer = setTimeout(() => this.#tell(next), this.delay);
  }

  #tell(selection) {
    this.#timer = null;
    if (sameSelection(selection, this.#last, this.keys)) return;
    this.#last = selection;
    this.#told.push(selection);
    this.send(selection);
  }

  /**
   * Whether what Python says now is news to the reader: not what it said before, not what is shown, and no choice
   * of the reader is on its way, which is newer. Without news that choice stays, also where another photo comes.
   */
  isNews(selection) {
    const isOld = sameSelection(selection, this.#heard, this.keys);
    this.#heard = selection;
    const isEcho = !isOld && this.isEcho(selection);
    const isOnTheWay = this.#timer !== null || (isEcho && this.#told.length > 0);
    if (isOld || isOnTheWay || sameSelection(selection, this.#shown, this.keys)) return false;
    this.#shown = selection;
    return true;
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
    this.#timer = null;
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
