import { make } from "../shared/dom.js";
import { isDark, parseColor } from "../shared/ramps.js";
import { SelectionReport, sameSelection } from "../shared/selection.js";
import { ButtonBar, FollowBar } from "./button_bar.js";
import { CaptionView } from "./caption_view.js";
import {
  START,
  advance,
  fromLink,
  fromNumber,
  nudge,
  playFrom,
  samePlace,
  step,
  stills,
  toLink,
  toNumber,
} from "./clock.js";
import { lerp } from "./easing.js";
import { Film, fill } from "./film.js";
import { meaning } from "./keys.js";
import { Loader } from "./loader.js";
import { RecordPanel } from "./record_panel.js";
import { LENGTHS, SCENES, layout } from "./scenes.js";
import { ScrubBar } from "./scrub_bar.js";
import { StageView } from "./stage_view.js";
import { sceneWords } from "./words.js";

const SWEEP_SECONDS = 1.1;
const SETTLE_MS = 400;
const COUNT = SCENES.length;

/**
 * The journey's player: clock, stage, words and controls of one photo.
 *
 * `on` is {selection(selection), step(number), open(scene id)}: what Python is told of settled choices.
 */
export class Player {
  #frame = null;
  #timer = null;
  #asked = null;

  constructor(root, on) {
    Object.assign(this, {
      root,
      on,
      place: START,
      playing: false,
      through: false,
      speed: 1,
      sweep: null,
      film: null,
    });
    this.report = new SelectionReport(on.selection, SETTLE_MS);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /** data as the component gets it; source hands out the parts. Called again for another photo, theme or language. */
  update(data, openSource) {
    const fresh = data.trace_id !== this.data?.trace_id;
    const spoken = data.lang !== this.data?.lang;
    const before = this.data;
    this.data = data;
    if (spoken) this.#build();
    this.#theme();
    if (fresh) this.#open(openSource());
    else this.#obey(data, before);
    this.draw();
  }

  close() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    clearTimeout(this.warming);
    this.report.cancel();
    this.stage.close();
    this.loader?.close();
    document.removeEventListener("fullscreenchange", this.fullChanged);
  }

  // ---- building

  #build() {
    const { strings } = this.data;
    const words = strings.controls;
    this.stage?.close();
    this.stage = new StageView({
      nudge: (scenes) => this.#nudge(scenes),
      pick: (found) => this.pick(found),
      resized: () => this.draw(),
    });
    this.caption = new CaptionView(this.on.open);
    this.scrub = new ScrubBar(COUNT, {
      scrub: (number) => this.go(fromNumber(number, COUNT)),
      jump: (scene) => this.go({ scene, t: 0 }),
    });
    this.buttons = new ButtonBar(words, {
      start: () => this.go(START),
      end: () => this.go({ scene: COUNT - 1, t: 1 }),
      back: () => this.step(-1),
      forward: () => this.step(1),
      play: () => this.toggle(),
      speed: (speed) => Object.assign(this, { speed }),
      through: () => this.#setThrough(!this.through),
      fullscreen: () => this.#toggleFull(),
      keys: () => this.#show(this.help),
      record: () => this.#show(this.records.element),
    });
    this.follow = new FollowBar(words, (found) => this.pick(found));
    this.records = new RecordPanel(this, words);
    this.help = helpPanel(strings);
    this.status = make("p", { className: "status", role: "status" });
    this.root.replaceChildren(
      this.caption.head,
      this.stage.element,
      this.caption.words,
      this.caption.foot,
      this.scrub.element,
      this.buttons.element,
      this.help,
      this.records.element,
      this.follow.element,
      this.status,
    );
    this.root.onkeydown = (event) => this.#key(event);
    this.fullChanged ??= () => this.#fullChanged();
    document.addEventListener("fullscreenchange", this.fullChanged);
    if (this.film) this.#cast();
  }

  #theme() {
    const dark = isDark(parseColor(getComputedStyle(this.root).backgroundColor));
    this.root.classList.toggle("dark", dark);
    this.root.classList.toggle("light", !dark);
    this.stage.refreshTheme();
  }

  // ---- data

  async #open(source) {
    this.loader?.close();
    Object.assign(this, { film: null, playing: false, sweep: null });
    this.selection = this.data.selection;
    this.place = fromLink(this.data.step ?? 0, COUNT);
    const loader = new Loader(source, {
      parts: (parts, wish) => this.#arrived(parts, wish),
      later: () => this.#warm(),
      problem: (error) => this.#problem(error),
    });
    this.loader = loader;
    this.#say(this.data.strings.controls.loading);
    try {
      const bitmaps = await loader.open();
      if (this.loader !== loader) return;
      this.bitmaps = bitmaps;
      loader.want(this.selection);
    } catch (error) {
      if (this.loader === loader && error.name !== "AbortError") this.#problem(error);
    }
  }

  #arrived(parts, wish) {
    this.#say("");
    this.parts = parts;
    this.drawn = wish;
    this.#cast();
    this.draw();
  }

  /** The film of what has arrived, with the token that is wanted. */
  #cast() {
    this.film = new Film(this.parts, { ...this.drawn, token: this.selection.token }, this.data.strings.stage);
    const names = SCENES.map(({ id }) => this.#words(id).short);
    this.scrub.name(this.data.strings.controls.scrub, names);
    this.records.name(names);
  }

  /** Paint the bitmaps of all scenes while nothing else is to do, one at a time. */
  #warm() {
    this.draw();
    const { film, stage } = this;
    if (!stage.width) return;
    const moments = SCENES.flatMap((_, scene) => [0.2, 0.4, 0.6, 0.8, 1].map((t) => [scene, t]));
    const names = new Set();
    const next = () => {
      if (this.film !== film) return;
      const moment = moments.shift();
      if (!moment) return;
      for (const object of layout(film, ...moment, stage.size)) {
        for (const name of [object.source, object.source2]) {
          if (!name || names.has(name)) continue;
          names.add(name);
          this.bitmaps.get(name, film, stage.theme);
        }
      }
      this.warming = setTimeout(next, 20);
    };
    this.warming = setTimeout(next, 100);
  }

  #problem(error) {
    this.#say(fill(this.data.strings.controls.failed, { reason: error.message }));
    const retry = make("button", { type: "button" }, this.data.strings.controls.retry);
    retry.addEventListener("click", () =>
      this.loader.base ? this.loader.want(this.selection) : location.reload(),
    );
    this.status.append(" ", retry);
  }

  #say(sentence) {
    this.status.replaceChildren(sentence);
    this.status.hidden = sentence === "";
  }

  /** What Python says after something changed: only news moves the reader. */
  #obey(data, before) {
    const chosen = data.selection;
    if (
      !sameSelection(chosen, before.selection) &&
      !this.report.isEcho(chosen) &&
      !sameSelection(chosen, this.selection)
    )
      this.#follow(chosen);
    if (data.step !== before.step && data.step !== this.#asked) this.go(fromLink(data.step, COUNT));
  }

  // ---- choosing

  pick(found) {
    this.#follow({ ...this.selection, ...found });
    this.report.settle(this.selection);
  }

  #follow(selection) {
    const { layer, head } = this.selection;
    this.selection = selection;
    if (!this.film) return;
    this.#cast();
    if (layer !== selection.layer || head !== selection.head) this.loader.want(selection);
    this.draw();
  }

  // ---- the clock

  /** Stand at a place; whatever was playing stops. */
  go(place) {
    Object.assign(this, { place, playing: false, sweep: null });
    this.draw();
    this.#settle();
  }

  toggle() {
    this.sweep = null;
    this.playing = !this.playing;
    if (this.playing) {
      this.place = playFrom(this.place, COUNT);
      this.#run();
    } else this.#settle();
    this.draw();
  }

  /** To the next boundary, quickly but seen; at once for readers who want no motion. */
  step(by) {
    const target = step(this.sweep?.target ?? this.place, by, COUNT);
    if (this.calm.matches) return this.go(target);
    const from = by > 0 && this.place.t === 1 ? playFrom(this.place, COUNT) : this.place;
    Object.assign(this, {
      playing: false,
      sweep: { from: toNumber(from), to: toNumber(target), target, share: 0 },
    });
    if (this.place.scene === COUNT - 1 && this.place.t === 1 && by > 0) this.sweep = null;
    return this.#run();
  }

  #nudge(scenes) {
    const next = nudge(this.place, scenes, COUNT);
    if (samePlace(next, this.place) || toNumber(next) === toNumber(this.place)) return false;
    this.go(next);
    return true;
  }

  #setThrough(through) {
    this.through = through;
    this.draw();
  }

  #run() {
    cancelAnimationFrame(this.#frame);
    this.last = null;
    this.#frame = requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now) {
    // a tab that slept does not leap
    const seconds = this.last === null ? 0 : Math.min(0.1, (now - this.last) / 1000);
    this.last = now;
    if (this.sweep) this.#sweepOn(seconds);
    else if (this.playing) this.#playOn(seconds);
    this.draw();
    if (this.playing || this.sweep) this.#frame = requestAnimationFrame((later) => this.#tick(later));
    else this.#settle();
  }

  #playOn(seconds) {
    this.place = advance(this.place, seconds * this.speed, LENGTHS, this.through);
    const atEnd = this.place.t === 1 && (!this.through || this.place.scene === COUNT - 1);
    if (atEnd) this.playing = false;
  }

  #sweepOn(seconds) {
    const { from, to, target } = this.sweep;
    this.sweep.share += seconds / SWEEP_SECONDS;
    if (this.sweep.share >= 1) Object.assign(this, { place: target, sweep: null });
    else {
      const number = lerp(from, to, this.sweep.share);
      const scene = Math.min(target.scene, Math.floor(number));
      this.place = { scene, t: number - scene };
    }
  }

  #settle() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const link = toLink(this.place);
      if (this.playing || this.sweep || link === this.#asked) return;
      this.#asked = link;
      this.on.step(link);
    }, SETTLE_MS);
  }

  // ---- showing

  #words(id) {
    return sceneWords(this.data.strings.scenes[id], this.film);
  }

  draw() {
    if (!this.film) return;
    const { place, film, stage, data } = this;
    const words = data.strings.controls;
    const shown = this.calm.matches && (this.playing || this.sweep) ? stills(place) : place;
    stage.draw(film, shown, this.bitmaps);
    const { id } = SCENES[place.scene];
    const said = this.#words(id);
    this.caption.set(id, place.scene, said, data.links?.[id], words.chapter);
    this.scrub.set(
      place,
      fill(words.moment, { number: place.scene, title: said.title, percent: Math.round(place.t * 100) }),
    );
    this.buttons.set({ playing: this.playing, through: this.through, full: this.full });
    this.follow.set(film, this.selection);
    if (!this.playing && !this.sweep)
      stage.tell(fill(words.stage, { title: said.title, alt: film.meta.photo_alt }));
  }

  /** What a recorder needs to draw other moments of this film. */
  camera() {
    const { film, bitmaps, stage } = this;
    return {
      theme: stage.theme,
      draw: (context, moment, size) => stage.drawOn(context, film, moment, bitmaps, size),
      words: (scene) => {
        const words = this.#words(SCENES[scene].id);
        return { title: words.title, caption: CaptionView.spoken(words) };
      },
    };
  }

  #show(panel) {
    for (const other of [this.help, this.records.element]) other.hidden = other !== panel || !other.hidden;
    if (!panel.hidden) panel.scrollIntoView({ block: "nearest" });
  }

  #toggleFull() {
    if (this.full) document.exitFullscreen();
    else this.root.requestFullscreen?.();
  }

  #fullChanged() {
    this.full = this.root.matches(":fullscreen");
    this.stage.setFull(this.full);
    this.draw();
  }

  #key(event) {
    const found = meaning(event, event.target.tagName, event.target === this.scrub.input);
    if (!found || !this.film) return;
    event.preventDefault();
    event.stopPropagation();
    const acts = {
      forward: () => this.step(1),
      back: () => this.step(-1),
      start: () => this.go(START),
      end: () => this.go({ scene: COUNT - 1, t: 1 }),
      play: () => this.toggle(),
      fullscreen: () => this.#toggleFull(),
      keys: () => this.#show(this.help),
      jump: (scene) => this.go({ scene, t: 0 }),
      walk: (key) => this.pick({ token: this.film.tokens.walk(this.selection.token, key) }),
    };
    acts[found.name](found.value);
  }
}

function helpPanel(strings) {
  const rows = strings.help.flatMap(([keys, what]) => [make("dt", {}, keys), make("dd", {}, what)]);
  return make("dl", { className: "help", hidden: true, "aria-label": strings.controls.keys }, ...rows);
}
