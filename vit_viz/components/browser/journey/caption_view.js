import { make, setText } from "../shared/dom.js";
import { marked, plain } from "./words.js";

/**
 * Title and shape over the stage; caption, formula and the chapter's link under it. `open(scene id)` follows a link.
 *
 * What stands below keeps its place from scene to scene: unseen, the words of all scenes lie behind those of this one.
 */
export class CaptionView {
  constructor(open) {
    this.number = make("span", { className: "number" });
    this.title = make("span", {});
    this.chip = make("span", { className: "chip mono" });
    this.head = make("header", {}, make("h2", {}, this.number, this.title), this.chip);
    this.caption = make("p", {});
    this.different = make("p", { className: "different" });
    this.formula = make("code", { className: "mono" });
    this.link = make("a", {});
    this.link.addEventListener("click", (event) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(this.scene);
    });
    this.words = make("div", { className: "caption", "aria-live": "polite" }, this.caption, this.different);
    this.foot = make("p", { className: "foot" }, this.formula, this.link);
    this.now = make("div", { className: "now" }, this.words, this.foot);
    this.below = make("div", { className: "words" }, this.now);
  }

  /** Keep room for the longest of all scenes' words, each with its chapter's title or none. */
  reserve(scenes) {
    const key = JSON.stringify(scenes);
    if (key === this.reserved) return;
    this.reserved = key;
    this.below.replaceChildren(this.now, ...scenes.map(unseenWords));
  }

  /** words as words.js gives them; link {path, title} or none. */
  set(scene, number, words, link, chapter) {
    const key = JSON.stringify([scene, words]);
    if (key === this.key) return;
    this.key = key;
    this.scene = scene;
    setText(this.number, String(number));
    setText(this.title, words.title);
    setText(this.chip, words.shape);
    this.caption.replaceChildren(...marked(words.caption));
    this.different.replaceChildren(...marked(words.different));
    this.different.hidden = words.different === "";
    setText(this.formula, words.formula);
    this.link.hidden = !link;
    if (!link) return;
    this.link.href = link.path;
    setText(this.link, link.title);
    this.link.setAttribute("aria-label", `${chapter}: ${link.title}`);
  }

  /** What the caption says, without marks: for pictures that leave the page. */
  static spoken(words) {
    return plain(`${words.caption} ${words.different}`.trim());
  }
}

function unseenWords({ caption, different, formula, title }) {
  const paragraphs = [caption, different].filter(Boolean).map((text) => make("p", {}, plain(text)));
  return make(
    "div",
    { className: "unseen-words", "aria-hidden": "true" },
    make("div", { className: "as-caption" }, ...paragraphs),
    make("p", { className: "as-foot" }, make("code", { className: "mono" }, formula), make("span", {}, title)),
  );
}
