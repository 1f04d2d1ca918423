import { make } from "../shared/dom.js";
import { SelectionReport, isWithin } from "../shared/selection.js";
import { ButtonBar, FollowBar } from "./button_bar.js";
import { CaptionView } from "./caption_view.js";
import { stills } from "./clock.js";
import { Film, fill } from "./film.js";
import { meaning } from "./keys.js";
import { Loader } from "./loader.js";
import { RecordPanel } from "./record_panel.js";
import { LENGTHS, SCENES, STOPS } from "./scenes.js";
import { ScrubBar } from "./scrub_bar.js";
import { StageView } from "./stage_view.js";
import { Timeline } from "./timeline.js";
import { warm } from "./warm.js";
import { sceneWords } from "./words.js";

const SETTLE_MS = 400;
// what takes keys itself; the page's scrolling part can have the focus, too
const FOCUSED = "a, button, input, select, textarea, summary, [contenteditable], [role=slider], [role=application]";
const PAGES_OWN = /^(Home|End|Page.*)$/;

/**
 * The journey's player: clock, stage, words and controls of one photo.
 *
 * `on` is {selection(selection), step(number), open(scene id)}: what Python is told of settled choices.
 */
export class Player {
  constructor(root, on) {
    Object.assign(this, { root, on, film: null });
    this.report = new SelectionReport(on.selection, SETTLE_MS);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.timeline = new Timeline(LENGTHS, STOPS, {
      moved: () => this.draw(),
      settled: on.step,
      calm: () => this.calm.matches,
    });
    this.fullChanged = () => this.#fullChanged();
    this.keyed = (event) => this.#keyOnPage(event);
    root.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keydown", this.keyed);
    document.addEventListener("fullscreenchange", this.fullChanged);
  }

  /** data as the component gets it; source hands out the parts. Called again for another photo, theme or language. */
  update(data, openSource) {
    const fresh = data.trace_id !== this.data?.trace_id;
    const spoken = data.lang !== this.data?.lang;
    const before = this.data;
    this.data = data;
    const told = this.report.isNews(data.selection);
    this.root.lang = data.lang;
    if (spoken) this.#build();
    this.#theme();
    this.#stand(data.step ?? 0, before?.step);
    if (fresh) this.#open(openSource(), told);
    else if (told) this.#follow(data.selection);
    this.draw();
  }

  close() {
    this.timeline.close();
    this.stopWarming?.();
    this.report.cancel();
    this.stage.close();
    this.records.close();
    this.loader?.close();
    document.removeEventListener("keydown", this.keyed);
    document.removeEventListener("fullscreenchange", this.fullChanged);
  }

  // ---- building

  #build() {
    const { strings } = this.data;
    const words = strings.controls;
    this.stage?.close();
    this.records?.close();
    const { timeline } = this;
    this.stage = new StageView({
      nudge: (scenes) => timeline.nudge(scenes),
      pick: (found) => this.pick(found),
      resized: (scale) => {
        this.root.style.setProperty("--scale", scale);
        this.draw();
      },
    });
    this.caption = new CaptionView(this.on.open);
    this.scrub = new ScrubBar(SCENES.length, timeline);
    this.buttons = new ButtonBar(words, {
      start: () => timeline.start(),
      end: () => timeline.end(),
      back: () => timeline.step(-1),
      forward: () => timeline.step(1),
      play: () => timeline.toggle(),
      speed: (speed) => Object.assign(timeline, { speed }),
      through: () => this.#setThrough(!timeline.through),
      fullscreen: () => this.#toggleFull(),
      keys: () => this.#show(this.help),
      record: () => this.#show(this.records.element),
    });
    this.follow = new FollowBar(words, (found) => this.pick(found));
    this.records = new RecordPanel(this, words);
    this.buttons.record.hidden = !this.records.able;
    this.help = helpPanel(strings);
    this.status = make("p", { className: "status", role: "status" });
    const parts = [
      this.caption.head,
      this.stage.element,
      this.caption.below,
      make("div", { className: "over" }, this.help),
      this.scrub.element,
      this.buttons.element,
      this.records.element,
      this.follow.element,
      this.status,
    ];
    // the root is what the style sheet's container queries ask for its width, so it cannot arrange its own children
    this.root.replaceChildren(make("div", { className: "player" }, ...parts));
    if (this.film) this.#cast();
    else this.#keepRoom(SCENES.map(({ id }) => unfilled(strings.scenes[id])));
  }

  /** What stands below the words keeps its place from scene to scene, and nearly so when the numbers come. */
  #keepRoom(words) {
    this.caption.reserve(
      words.map(({ caption, different, formula }, scene) => {
        const title = this.data.links?.[SCENES[scene].id]?.title ?? "";
        return { caption, different, formula, title };
      }),
    );
  }

  #theme() {
    this.stage.refreshTheme();
    const { dark } = this.stage.theme;
    this.root.classList.toggle("dark", dark);
    this.root.classList.toggle("light", !dark);
  }

  // ---- data

  async #open(source, told) {
    this.loader?.close();
    this.stopWarming?.();
    this.timeline.stop();
    this.film = null;
    if (told) this.selection = this.data.selection;
    this.root.classList.toggle("waiting", !this.bitmaps); // later the last picture stays meanwhile
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
      this.#fit(loader.base.meta);
      loader.want(this.selection);
    } catch (error) {
      if (this.loader === loader && error.name !== "AbortError") this.#problem(error);
    }
  }

  /** A choice that was on its way when another model came stays where that has such a token, layer and head. */
  #fit(meta) {
    const { layer, head, token } = this.selection;
    if (isWithin({ layer, head, token: token ?? 0 }, { ...meta, depth: meta.L, num_heads: meta.H })) return;
    this.report.cancel();
    this.selection = this.data.selection;
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
    this.root.classList.remove("waiting");
    this.film = new Film(this.parts, { ...this.drawn, token: this.selection.token }, this.data.strings.stage);
    const words = SCENES.map(({ id }) => this.#words(id));
    const names = words.map(({ short }) => short);
    this.scrub.name(this.data.strings.controls.scrub, names);
    this.records.name(names);
    this.#keepRoom(words);
  }

  #warm() {
    this.draw();
    this.stopWarming?.();
    if (this.stage.width) this.stopWarming = warm(this.film, this.bitmaps, this.stage);
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

  /** The place in Python's data: where to open, later news or an answer to what was told. */
  #stand(step, before) {
    if (before === undefined) this.timeline.open(step);
    else if (step !== before) this.timeline.obey(step);
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
    this.stopWarming?.();
    this.#cast();
    if (layer !== selection.layer || head !== selection.head) this.loader.want(selection);
    this.draw();
  }

  // ---- showing

  #words(id) {
    return sceneWords(this.data.strings.scenes[id], this.film);
  }

  draw() {
    if (!this.film) return;
    const { film, stage, data } = this;
    const { place, playing, atBoundary, through, moving } = this.timeline;
    const words = data.strings.controls;
    const shown = this.calm.matches && moving ? stills(place) : place;
    stage.draw(film, shown, this.bitmaps);
    const { id } = SCENES[place.scene];
    const said = this.#words(id);
    this.caption.set(id, place.scene, said, data.links?.[id], words.chapter);
    this.scrub.set(
      place,
      fill(words.moment, { number: place.scene, title: said.title, percent: Math.round(place.t * 100) }),
    );
    this.buttons.set({ playing, next: atBoundary, through, full: this.full, speed: this.timeline.speed });
    this.follow.set(film, this.selection);
    if (!moving) stage.tell(fill(words.stage, { title: said.title, alt: film.meta.photo_alt }));
  }

  /** What a recorder needs to draw other moments of this film, also when another one is shown meanwhile. */
  camera() {
    const { film, bitmaps, stage } = this;
    const { scenes } = this.data.strings;
    return {
      theme: stage.theme,
      draw: (context, moment, size) => stage.drawOn(context, film, moment, bitmaps, size),
      words: (scene) => {
        const words = sceneWords(scenes[SCENES[scene].id], film);
        return { ...words, caption: CaptionView.spoken(words) };
      },
    };
  }

  #setThrough(through) {
    this.timeline.through = through;
    this.draw();
  }

  /** Open a panel or close it; only one is open. */
  #show(panel) {
    const open = panel.hidden;
    this.help.hidden = !(open && panel === this.help);
    this.records.toggle(open && panel === this.records.element);
    if (open && panel !== this.help) panel.scrollIntoView({ block: "nearest" });
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

  // the clock is the page's main thing: its keys work before anything has the focus, and the stage takes it then
  #keyOnPage(event) {
    const [target] = event.composedPath();
    if (this.root.contains(target) || target.closest?.(FOCUSED) || PAGES_OWN.test(event.key)) return;
    const { top, bottom } = this.stage.element.getBoundingClientRect();
    if (bottom < 0 || top > globalThis.innerHeight || !this.#key(event)) return;
    this.stage.element.focus({ preventScroll: true });
  }

  /** Whether the key means something here. */
  #key(event) {
    const found = meaning(event, event.target.tagName, event.target === this.scrub.input);
    if (!found || !this.film) return false;
    event.preventDefault();
    event.stopPropagation();
    const { timeline } = this;
    const acts = {
      forward: () => timeline.step(1),
      back: () => timeline.step(-1),
      start: () => timeline.start(),
      end: () => timeline.end(),
      play: () => timeline.toggle(),
      fullscreen: () => this.#toggleFull(),
      keys: () => this.#show(this.help),
      jump: (scene) => timeline.jump(scene),
      walk: (key) => this.pick({ token: this.film.tokens.walk(this.film.token, key) }),
    };
    acts[found.name](found.value);
    return true;
  }
}

function helpPanel(strings) {
  const rows = strings.help.flatMap(([keys, what]) => [make("dt", {}, keys), make("dd", {}, what)]);
  return make("dl", { className: "help", hidden: true, "aria-label": strings.controls.keys }, ...rows);
}

/** A scene's words before its numbers are known, with one of the ways in which a model can differ: the longest. */
function unfilled(scene) {
  const different = Object.values(scene.different ?? {}).reduce((a, b) => (a.length < b.length ? b : a), "");
  return { ...scene, different };
}
