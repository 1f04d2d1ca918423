import { make } from "./dom.js";
import { isDark, parseColor, ramps } from "./ramps.js";

/**
 * A component's entry (Streamlit components v2): one view per place on the page, updated on every later call.
 *
 * A View is made with its root element and send(name, value), and has update(data, ramps) and close().
 */
export function entry(View, className) {
  const views = new WeakMap();
  return ({ data, parentElement, setStateValue }) => {
    if (!views.has(parentElement)) {
      const root = make("div", { className: `prediction ${className}` });
      parentElement.append(root);
      views.set(parentElement, { root, view: new View(root, setStateValue) });
    }
    const { root, view } = views.get(parentElement);
    const background = parseColor(getComputedStyle(root).backgroundColor);
    root.classList.toggle("dark", isDark(background));
    root.classList.toggle("light", !isDark(background));
    view.update(data, ramps(background));
    return () => {
      view.close();
      root.remove();
      views.delete(parentElement);
    };
  };
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

/** The picture the model saw, by the app's route; a sentence is thrown where it does not come. */
export async function loadPhoto(source) {
  let answer;
  try {
    answer = await fetch(source);
  } catch {
    throw new Error("The picture did not arrive: the app does not answer. Reload the page to try again.");
  }
  if (!answer.ok) throw new Error(await answer.text());
  return createImageBitmap(await answer.blob());
}

/** base64 → bytes, for unpack.js. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
