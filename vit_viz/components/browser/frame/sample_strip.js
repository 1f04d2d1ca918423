// Thumbnails as buttons; a click tells Python the tile's name.

import { make } from "../shared/dom.js";
import { entry } from "../shared/mount.js";
import { whenReturned } from "./returned.js";

class SampleStrip {
  constructor(root, { tell }) {
    this.list = make("div", { className: "strip", role: "group", "aria-label": "Sample pictures" });
    this.pick = (name) => tell("picked", name);
    root.append(this.list);
    this.close = whenReturned(() => tell("returned", true)); // the strip is on every page, and in no fragment
  }

  update({ tiles, selected }) {
    const focused = this.list.querySelector(":focus")?.value;
    const buttons = tiles.map((tile) => this.#thumbnail(tile, tile.name === selected));
    this.list.replaceChildren(...buttons);
    buttons.find((button) => button.value === focused)?.focus();
  }

  #thumbnail({ name, title, alt, image }, isPicked) {
    const button = make(
      "button", { type: "button", value: name, title, "aria-pressed": String(isPicked) },
      make("img", { src: image, alt }),
    );
    button.addEventListener("click", () => this.pick(name));
    return button;
  }
}

export default entry(SampleStrip, "samples", { picture: false });
