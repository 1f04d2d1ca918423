import { make, setText } from "../shared/dom.js";
import { Slider } from "../shared/controls.js";

const SPEEDS = [0.5, 1, 2, 4];

/** The player's buttons. `on` has one function per name: start, back, play, forward, end, speed, through, fullscreen, keys, record. */
export class ButtonBar {
  constructor(words, on) {
    this.words = words;
    const button = (name, more = {}) => {
      const element = make("button", { type: "button", className: name, ...more }, words[name]);
      element.addEventListener("click", () => on[name]());
      return element;
    };
    this.play = button("play");
    this.through = button("through", { "aria-pressed": "false" });
    this.fullscreen = button("fullscreen");
    this.record = button("record");
    this.speed = make(
      "select",
      { "aria-label": words.speed },
      ...SPEEDS.map((speed) => make("option", { value: speed, selected: speed === 1 }, `${speed}×`)),
    );
    this.speed.addEventListener("change", () => on.speed(Number(this.speed.value)));
    this.fullscreen.hidden = !document.fullscreenEnabled;
    const transport = make(
      "div",
      { className: "transport" },
      button("start"),
      button("back"),
      this.play,
      button("forward"),
      button("end"),
    );
    const options = make(
      "div",
      { className: "options" },
      this.speed,
      this.through,
      this.fullscreen,
      button("keys"),
      this.record,
    );
    this.element = make("div", { className: "buttons" }, transport, options);
  }

  /** `next`: a scene has come to its end, and playing on is another one. */
  set({ playing, next, through, full, speed }) {
    this.speed.value = String(speed);
    setText(this.play, this.words[playing ? "pause" : next ? "play_next" : "play"]);
    this.through.setAttribute("aria-pressed", String(through));
    setText(this.fullscreen, this.words[full ? "leave_fullscreen" : "fullscreen"]);
  }
}

/** Which token, layer and head is followed. `pick` gets {token}, {layer} or {head}. */
export class FollowBar {
  constructor(words, pick) {
    this.words = words;
    this.token = new Slider(words.token, (token) => pick({ token }));
    this.layer = new Slider(words.layer, (layer) => pick({ layer }));
    this.head = new Slider(words.head, (head) => pick({ head }));
    this.element = make(
      "div",
      { className: "follow", role: "group", "aria-label": words.follow },
      this.token.element,
      this.layer.element,
      this.head.element,
    );
  }

  /** `film` is what is drawn, `selection` what is wanted: the two differ while numbers are on their way. */
  set(film, { layer, head }) {
    const of = (value, count) => this.words.of.replace("{value}", value + 1).replace("{count}", count);
    this.token.set({ value: film.token, count: film.T, text: film.label(film.token) });
    this.layer.set({ value: layer, count: film.L, text: of(layer, film.L) });
    this.head.set({ value: head, count: film.H, text: of(head, film.H) });
  }
}
