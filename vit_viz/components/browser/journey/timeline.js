import { SelectionReport } from "../shared/selection.js";
import {
  START,
  advance,
  fromLink,
  fromNumber,
  nudge,
  playFrom,
  samePlace,
  step,
  toLink,
  toNumber,
} from "./clock.js";
import { lerp } from "./easing.js";

const SWEEP_SECONDS = 1.1;
const SETTLE_MS = 400;
// a tab that slept does not leap
const LONGEST_TICK = 0.1;

/**
 * The clock at work: stands, plays, sweeps to a stop, and tells where the reader settled.
 *
 * `lengths` are the scenes' seconds, `stops` the moments of each at which a step ends; `on` is {moved(), settled(link), calm() → whether the reader wants no motion}.
 */
export class Timeline {
  #frame = null;
  #last = null;

  constructor(lengths, stops, on) {
    Object.assign(this, { lengths, stops, on, place: START, playing: false, through: false, speed: 1, sweep: null });
    this.report = new SelectionReport((told) => on.settled(told.step), SETTLE_MS, ["step"]);
  }

  get count() {
    return this.lengths.length;
  }

  get moving() {
    return this.playing || this.sweep !== null;
  }

  get atEnd() {
    return this.place.t === 1 && this.place.scene === this.count - 1;
  }

  /** Whether a scene has been played to its end and another one follows. */
  get atBoundary() {
    return this.place.t === 1 && !this.atEnd;
  }

  /** Where the story opens; nothing is told. */
  open(link) {
    this.stop();
    this.place = this.#linked(link);
  }

  /** What Python says: an answer to any place that was told, old or new, moves nobody. */
  obey(link) {
    if (!this.report.isEcho({ step: link })) this.go(this.#linked(link));
  }

  stop() {
    Object.assign(this, { playing: false, sweep: null });
  }

  /** Stand at a place; whatever was playing stops. */
  go(place) {
    this.stop();
    this.place = place;
    this.on.moved();
    this.#settle();
  }

  scrub(number) {
    this.go(fromNumber(number, this.count));
  }

  /** A step from the scene's beginning: where it only begins, the picture is still that of the scene before. */
  jump(scene) {
    this.go({ scene, t: 0 });
    this.step(1);
  }

  start() {
    this.go(START);
  }

  end() {
    this.go({ scene: this.count - 1, t: 1 });
  }

  toggle() {
    this.sweep = null;
    this.playing = !this.playing;
    if (this.playing) {
      this.place = playFrom(this.place, this.count);
      this.#run();
    } else this.#settle();
    this.on.moved();
  }

  /** To the next stop, quickly but seen; at once for readers who want no motion. */
  step(by) {
    const target = step(this.sweep?.target ?? this.place, by, this.stops);
    if (this.on.calm() || (by > 0 && this.atEnd)) {
      this.go(target);
      return;
    }
    const from = by > 0 && this.place.t === 1 ? playFrom(this.place, this.count) : this.place;
    Object.assign(this, {
      playing: false,
      sweep: { from: toNumber(from), to: toNumber(target), target, share: 0 },
    });
    this.#run();
  }

  /** Moved by wheel or swipe; false where the story ends. */
  nudge(scenes) {
    const next = nudge(this.place, scenes, this.count);
    if (samePlace(next, this.place) || toNumber(next) === toNumber(this.place)) return false;
    this.go(next);
    return true;
  }

  close() {
    this.stop();
    cancelAnimationFrame(this.#frame);
    this.report.cancel();
  }

  /** A link that names a scene and no moment means its first stop: where it begins, the scene before is still seen. */
  #linked(link) {
    const { scene, t } = fromLink(link, this.count);
    return { scene, t: t === 0 && scene > 0 ? this.stops[scene][0] : t };
  }

  #run() {
    this.report.cancel();
    cancelAnimationFrame(this.#frame);
    this.#last = null;
    this.#frame = requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now) {
    const seconds = this.#last === null ? 0 : Math.min(LONGEST_TICK, (now - this.#last) / 1000);
    const moved = this.moving;
    this.#last = now;
    if (this.sweep) this.#sweepOn(seconds);
    else if (this.playing) this.#playOn(seconds);
    if (this.moving) this.#frame = requestAnimationFrame((later) => this.#tick(later));
    else if (moved) this.#settle();
    if (moved) this.on.moved();
  }

  #playOn(seconds) {
    this.place = advance(this.place, seconds * this.speed, this.lengths, this.through);
    if (this.place.t === 1 && (!this.through || this.atEnd)) this.playing = false;
  }

  #sweepOn(seconds) {
    const { from, to, target } = this.sweep;
    this.sweep.share += seconds / SWEEP_SECONDS;
    if (this.sweep.share >= 1) {
      Object.assign(this, { place: target, sweep: null });
      return;
    }
    this.place = fromNumber(lerp(from, to, this.sweep.share), this.count);
  }

  #settle() {
    this.report.settle({ step: toLink(this.place) });
  }
}
