import { download, make, setText } from "../shared/dom.js";
import { fileName } from "../shared/picture_words.js";
import { fill } from "./film.js";
import { gif, video, videoKind } from "./recorder.js";
import { LENGTHS } from "./scenes.js";

/** Choose a range of scenes and save it as video or GIF. */
export class RecordPanel {
  constructor(player, words) {
    Object.assign(this, { player, words });
    const select = (label) => make("select", { "aria-label": label });
    [this.from, this.to] = [select(words.from_), select(words.to)];
    const kind = videoKind();
    this.video = this.#button(words[kind ?? "webm"], () => this.#save(kind, video));
    this.gif = this.#button(words.gif, () => this.#save("gif", gif));
    this.cancel = this.#button(words.cancel, () => this.stop?.abort());
    this.status = make("span", { role: "status" });
    this.cancel.hidden = true;
    this.gif.hidden = !player.data.urls?.gif;
    this.video.hidden = !kind;
    this.element = make(
      "div",
      { className: "record-panel", hidden: true, role: "group", "aria-label": words.record },
      make("label", {}, words.from_, " ", this.from),
      make("label", {}, words.to, " ", this.to),
      this.video,
      this.gif,
      this.cancel,
      this.status,
    );
  }

  #button(text, act) {
    const button = make("button", { type: "button" }, text);
    button.addEventListener("click", act);
    return button;
  }

  /** Whether anything can be recorded here: the exported page has no app that makes a GIF of frames. */
  get able() {
    return !(this.video.hidden && this.gif.hidden);
  }

  /** The scenes' names. */
  name(names) {
    if (this.from.options.length === names.length) return;
    for (const select of [this.from, this.to]) {
      select.replaceChildren(
        ...names.map((name, scene) => make("option", { value: scene }, `${scene} ${name}`)),
      );
    }
  }

  /** Open, with the scene that is told now as the range, or close. */
  toggle(open) {
    this.element.hidden = !open;
    if (!open || this.from.disabled) return;
    for (const select of [this.from, this.to]) select.value = String(this.player.timeline.place.scene);
  }

  /** What is being recorded is given up. */
  close() {
    this.stop?.abort();
  }

  async #save(kind, make_) {
    if (!this.player.film) return; // another photo is on its way
    const [a, b] = [Number(this.from.value), Number(this.to.value)];
    this.stop = new AbortController();
    this.#busy(true);
    try {
      const progress = (share) =>
        setText(
          this.status,
          fill(this.words[share < 1 ? "recording" : "sending"], { percent: Math.floor(100 * share) }),
        );
      const range = {
        kind,
        from: Math.min(a, b),
        to: Math.max(a, b),
        lengths: LENGTHS,
        url: this.player.data.urls?.gif,
      };
      const name = this.#fileName(range, kind); // of the film it begins with
      const blob = await make_(this.player.camera(), {
        ...range,
        signal: this.stop.signal,
        progress,
      });
      if (blob) download(blob, name);
      setText(this.status, blob ? this.words.saved : "");
    } catch (error) {
      setText(this.status, error.name === "AbortError" ? "" : error.message);
    } finally {
      this.#busy(false);
    }
  }

  #fileName({ from, to }, kind) {
    return fileName({ ...this.player.data.citation, page: `vit-viz ${from}-${to}` }, kind);
  }

  #busy(busy) {
    for (const control of [this.from, this.to, this.video, this.gif]) control.disabled = busy;
    this.cancel.hidden = !busy;
  }
}
