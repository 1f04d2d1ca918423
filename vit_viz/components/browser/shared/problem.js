import { make } from "./dom.js";

/** A sentence where something did not arrive, with a button that tries again. */
export class Problem {
  constructor(retry) {
    this.retry = make("button", { type: "button", className: "retry" }, "Try again");
    this.retry.addEventListener("click", retry);
    this.element = make("div", { className: "problem", role: "alert", hidden: true });
  }

  /** A sentence of null takes it away. */
  say(sentence) {
    this.element.hidden = sentence === null;
    if (sentence !== null) this.element.replaceChildren(make("p", {}, sentence), this.retry);
  }
}
