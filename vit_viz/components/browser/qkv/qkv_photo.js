import { make, ScreenBox } from "../shared/dom.js";
import { isWalk } from "../shared/tokens.js";

/**
 * The photo with the query's patch framed blue and the key's vermilion; prefix tokens are tiles below it.
 *
 * `on` is {hover(token or null), pick(token), walk(key)}.
 */
export class QkvPhoto {
  constructor(on) {
    this.on = on;
    this.canvas = make("canvas", { className: "photo" });
    this.marks = { key: make("div", { className: "patch-mark key" }), query: make("div", { className: "patch-mark query" }) };
    this.stage = make(
      "div", { className: "photo-stage", tabIndex: 0, role: "application", "aria-roledescription": "patches of the photo" },
      this.canvas, this.marks.key, this.marks.query,
    );
    this.tiles = make("div", { className: "tiles", role: "group", "aria-label": "Prefix tokens" });
    this.element = make("div", { className: "photo-and-tiles" }, this.tiles, this.stage);
    this.screen = new ScreenBox(this.stage);
    this.stage.addEventListener("pointermove", (event) => this.on.hover(this.#tokenAt(event)));
    this.stage.addEventListener("pointerleave", () => this.on.hover(null));
    this.stage.addEventListener("click", (event) => this.on.pick(this.#tokenAt(event)));
    this.element.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    if (!isWalk(event)) return;
    this.on.walk(event.key);
    event.preventDefault();
    event.stopPropagation();
  }

  #tokenAt(event) {
    return this.tokens.under(this.screen.shares(event));
  }

  setTokens(tokens, alt) {
    Object.assign(this, { tokens, alt });
    this.stage.style.aspectRatio = `${tokens.cols * tokens.patchWidth} / ${tokens.rows * tokens.patchHeight}`;
    for (const mark of Object.values(this.marks)) {
      Object.assign(mark.style, { width: `${100 / tokens.cols}%`, height: `${100 / tokens.rows}%` });
    }
    this.tiles.replaceChildren(...tokens.prefixNames.map((name, token) => {
      const tile = make("button", { type: "button", className: "tile" }, name);
      tile.addEventListener("click", () => this.on.pick(token));
      tile.addEventListener("pointerenter", () => this.on.hover(token));
      tile.addEventListener("pointerleave", () => this.on.hover(null));
      return tile;
    }));
    this.tiles.hidden = tokens.numPrefix === 0;
  }

  setPhoto(bitmap) {
    Object.assign(this.canvas, { width: bitmap.width, height: bitmap.height });
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0);
  }

  /** Frame both tokens; `picks` says which of them a click or an arrow key changes. */
  mark({ query, key, picks }) {
    const { tokens } = this;
    for (const [name, token] of Object.entries({ query, key })) {
      const mark = this.marks[name];
      mark.hidden = tokens.isPrefix(token);
      if (mark.hidden) continue;
      mark.style.left = `${(100 * tokens.col(token)) / tokens.cols}%`;
      mark.style.top = `${(100 * tokens.row(token)) / tokens.rows}%`;
    }
    this.marks.query.classList.toggle("same", query === key);
    [...this.tiles.children].forEach((tile, token) => {
      tile.classList.toggle("query", token === query);
      tile.classList.toggle("key", token === key);
      const roles = [token === query && "the query", token === key && "the key"].filter(Boolean).join(" and ");
      tile.setAttribute("aria-label", roles ? `${tokens.spoken(token)}, ${roles}` : tokens.spoken(token));
    });
    this.stage.setAttribute(
      "aria-label",
      `${this.alt} ${tokens.rows} × ${tokens.cols} patches. Query ${tokens.spoken(query)}, key ${tokens.spoken(key)}. ` +
        `A click or an arrow key changes the ${picks}.`,
    );
  }
}
