import { make, setText } from "../shared/dom.js";
import { onOtherScreen } from "../shared/screen.js";
import { clamp } from "./easing.js";
import { hit } from "./hit.js";
import { paint } from "./paint.js";
import { NARROW, places } from "./places.js";
import { layout } from "./scenes.js";
import { readTheme } from "./theme.js";

const WHEEL_SCENE = 700;
const SWIPE_SCENE = 0.7;
const CLICK_SLOP = 6;
const TAP_SLOP = 12;
// by deltaMode: Firefox tells of lines or pages where others tell of pixels; a notch is 3 lines, or some 100 pixels
const WHEEL_PIXELS = [1, 33, 350];
const FULL_VIEW = 800; // pixels: a higher screen shows everything larger, for the back row
const MOST = 2.4;

/**
 * The canvas: draws a moment of a film, and tells what wheel, swipe and click mean.
 *
 * `on` is {nudge(scenes) → whether it moved, pick({token} | {layer} | {head}), resized(scale)}; in full view all is
 * drawn `scale` times as large.
 */
export class StageView {
  constructor(on) {
    this.on = on;
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.numbers = make("p", { className: "unseen", id: "numbers" });
    this.element = make(
      "div",
      { className: "stage", tabIndex: 0, role: "application", "aria-describedby": "numbers" },
      this.canvas,
      this.numbers,
    );
    this.context = this.canvas.getContext("2d", { alpha: false });
    if (!this.context) throw new Error("This browser gives no canvas to draw on.");
    this.objects = [];
    this.#listen();
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.element);
    // a phone's address bar comes and goes as the page is scrolled: nothing may jump then
    this.windowed = () => matchMedia("(pointer: coarse)").matches || this.#resize();
    globalThis.addEventListener("resize", this.windowed);
    this.leaveScreen = onOtherScreen(() => this.#resize());
  }

  close() {
    this.observer.disconnect();
    this.leaveScreen();
    globalThis.removeEventListener("resize", this.windowed);
  }

  /** Colours and fonts of the page, as they are now; the same object as before while they are the same. */
  refreshTheme() {
    const theme = readTheme(this.element);
    const key = JSON.stringify([theme.colors, theme.fonts]);
    if (key === this.themeKey) return;
    Object.assign(this, { theme, themeKey: key });
  }

  get size() {
    return { width: this.width, height: this.height };
  }

  #resize() {
    const width = this.element.clientWidth;
    if (width === 0) return;
    const full = this.element.closest(":fullscreen") !== null;
    const height = full ? this.element.clientHeight : heightFor(width, globalThis.innerHeight);
    const scale = full ? clamp(globalThis.innerHeight / FULL_VIEW, 1, MOST) : 1;
    const pixels = globalThis.devicePixelRatio || 1;
    const now = { width: width / scale, height: height / scale, ratio: pixels * scale, scale };
    if (Object.entries(now).every(([name, value]) => this[name] === value)) return;
    Object.assign(this, now);
    if (!full) this.element.style.height = `${height}px`;
    Object.assign(this.canvas, { width: Math.round(width * pixels), height: Math.round(height * pixels) });
    // whole pixels, or a stage of a broken width would be drawn a little too small and blurred
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.on.resized(scale);
  }

  /** In full view the element's height is the style sheet's. */
  setFull(full) {
    if (full) this.element.style.height = "";
    this.width = null;
    this.#resize();
  }

  draw(film, place, bitmaps) {
    if (!this.width || !film) return;
    this.film = film;
    this.objects = layout(film, place.scene, place.t, this.size);
    this.context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    paint(this.#pen(this.context, film, bitmaps, this.size), this.objects);
  }

  #pen(context, film, bitmaps, size) {
    return { context, film, bitmaps, theme: this.theme, ...size, font: places(size, film).font };
  }

  /** Another canvas of this size with a moment on it, for pictures that leave the page. */
  drawOn(context, film, place, bitmaps, size) {
    paint(this.#pen(context, film, bitmaps, size), layout(film, place.scene, place.t, size));
  }

  /** The stage's numbers as words, for screen readers. */
  tell(label) {
    this.element.setAttribute("aria-label", label);
    const said = this.objects.filter(({ role, alpha }) => role && alpha > 0.5).map(({ text }) => text);
    setText(this.numbers, said.join("; "));
  }

  #listen() {
    this.element.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.element.addEventListener("pointerdown", (event) => this.#down(event));
    this.element.addEventListener("pointermove", (event) => this.#move(event));
    this.element.addEventListener("pointerup", (event) => this.#up(event));
    this.element.addEventListener("pointercancel", () => {
      this.touch = null;
    });
  }

  // the wheel belongs to the page until the stage has the focus, and again at both ends of the story
  #wheel(event) {
    if (event.ctrlKey || !(this.element.matches(":focus") || this.element.closest(":fullscreen"))) return;
    const pixels = event.deltaY * WHEEL_PIXELS[event.deltaMode];
    if (this.on.nudge(clamp(pixels / WHEEL_SCENE, -0.5, 0.5))) event.preventDefault();
  }

  #down(event) {
    this.touch = { x: event.clientX, y: event.clientY, told: 0, type: event.pointerType };
  }

  #move(event) {
    if (this.touch && this.touch.type !== "mouse") this.#swipe(event);
    else this.element.classList.toggle("pointing", this.#found(event) !== null);
  }

  // up and down is the page's own scrolling, but in full view there is no page
  #swipe(event) {
    const { touch } = this;
    const down = this.element.closest(":fullscreen") ? touch.y - event.clientY : 0;
    const way = touch.x - event.clientX + down;
    if (touch.told === 0 && Math.abs(way) <= TAP_SLOP) return;
    this.on.nudge((way - touch.told) / (this.element.clientWidth * SWIPE_SCENE));
    touch.told = way;
  }

  #up(event) {
    const { touch } = this;
    this.touch = null;
    const slop = touch?.type === "mouse" ? CLICK_SLOP : TAP_SLOP;
    if (!touch || Math.hypot(event.clientX - touch.x, event.clientY - touch.y) > slop) return;
    const found = this.#found(event);
    if (found) this.on.pick(found);
  }

  #found(event) {
    if (!this.film) return null;
    const { left, top } = this.canvas.getBoundingClientRect();
    return hit(this.objects, (event.clientX - left) / this.scale, (event.clientY - top) / this.scale, this.film);
  }
}

/** As high as the window lets it be beside caption and controls. */
function heightFor(width, viewport) {
  if (width < NARROW) return Math.round(clamp(viewport - 345, 400, 580));
  return Math.round(Math.min(width * 0.56, clamp(viewport - 410, 300, 600)));
}
