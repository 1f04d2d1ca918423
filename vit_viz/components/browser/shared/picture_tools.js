import { download, make, setText } from "./dom.js";
import { pngOf } from "./picture.js";
import { fileName, footer } from "./picture_words.js";
import { svgOf } from "./svg_picture.js";

/**
 * The tools of a component's picture, at its top right: seen while the pointer or the keyboard is there.
 *
 * A view may change what is cited by citation({page, model, photo}); one that is drawn as SVG has drawing() →
 * {svgs, texts}: its drawings, and the elements whose words belong to them.
 */
export class PictureTools {
  #citation = {};

  constructor(root, view) {
    Object.assign(this, { root, view });
    this.says = make("span", { role: "status" });
    const tools = [this.#tool("Save picture", "As PNG, twice the size on screen", "png", () => pngOf(root, this.#footer()))];
    if (view.drawing) tools.push(this.#tool("SVG", "Save the drawing as SVG", "svg", () => svgOf(root, view.drawing(), this.#footer())));
    this.element = make("div", { className: "picture-tools", role: "toolbar", "aria-label": "Picture" }, this.says, ...tools);
  }

  /** What the picture is: {page, model, photo}, as far as Python says. */
  cite(citation) {
    this.#citation = citation ?? {};
  }

  #words() {
    return this.view.citation?.(this.#citation) ?? this.#citation;
  }

  #footer() {
    return footer(this.#words());
  }

  #tool(text, title, ending, draw) {
    const button = make("button", { type: "button", title }, text);
    button.addEventListener("click", async () => {
      button.disabled = true;
      setText(this.says, "");
      try {
        download(await draw(), fileName(this.#words(), ending));
      } catch (error) {
        setText(this.says, `The picture could not be drawn (${error.message}).`);
      }
      button.disabled = false;
    });
    return button;
  }
}
