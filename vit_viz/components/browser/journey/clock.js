// The reader's clock: where the story stands, {scene, t} with t 0 … 1, and how it moves. Pure functions.
// (9, 1) and (10, 0) are one picture, but the first still tells scene 9 and the second already scene 10.

import { clamp } from "./easing.js";

// closer to a scene's end than a link can say is its end
const NEARLY = 0.985;

export const START = { scene: 0, t: 0 };

/** One number for scrub bar and link: scene + t, never beyond the end of the last scene. */
export const toNumber = ({ scene, t }) => scene + t;

/** A number from the scrub bar: whole numbers begin a scene, but the last one ends the story. */
export function fromNumber(number, count) {
  const place = clamp(Number.isFinite(number) ? number : 0, 0, count);
  const scene = Math.min(count - 1, Math.floor(place));
  return { scene, t: place - scene };
}

/** Two decimals, so that a link keeps the scene that is being told: the end of scene 9 is 9.99. */
export function toLink({ scene, t }) {
  return (scene * 100 + Math.min(99, Math.round(t * 100))) / 100;
}

export function fromLink(number, count) {
  const { scene, t } = fromNumber(number, count);
  return { scene, t: t >= NEARLY ? 1 : Math.round(t * 1000) / 1000 };
}

export const samePlace = (a, b) => a.scene === b.scene && a.t === b.t;

/** `seconds` later; stops at the end of the scene, or goes on to the next where `through`. */
export function advance({ scene, t }, seconds, lengths, through) {
  let place = { scene, t };
  let left = seconds;
  while (left > 0) {
    const rest = (1 - place.t) * lengths[place.scene];
    if (left < rest) return { scene: place.scene, t: place.t + left / lengths[place.scene] };
    left -= rest;
    if (!through || place.scene === lengths.length - 1) return { scene: place.scene, t: 1 };
    place = { scene: place.scene + 1, t: 0 };
  }
  return place;
}

/** Where playing begins: at a scene's end the next scene, at the very end the first. */
export function playFrom({ scene, t }, count) {
  if (t < 1) return { scene, t };
  return scene === count - 1 ? START : { scene: scene + 1, t: 0 };
}

/**
 * The next stop forward or back (by 1 or −1); `stops` are those of every scene, ascending, and the last one is 1.
 *
 * A stop shows what its scene's words say, so going back ends at the end of the scene before, not where this begins.
 */
export function step({ scene, t }, by, stops) {
  if (by < 0 && t === 0 && scene > 0) return step({ scene: scene - 1, t: 1 }, by, stops);
  const here = stops[scene];
  const next = by > 0 ? here.find((stop) => stop > t) : here.findLast((stop) => stop < t);
  if (next !== undefined) return { scene, t: next };
  if (by > 0) return scene === stops.length - 1 ? { scene, t: 1 } : { scene: scene + 1, t: stops[scene + 1][0] };
  return scene === 0 ? START : { scene: scene - 1, t: 1 };
}

/** The place moved by a share of a scene, across boundaries: for wheel and swipe. */
export function nudge(place, scenes, count) {
  return fromNumber(toNumber(place) + scenes, count);
}

/** For readers who want no motion: a few stills of a scene instead of a flight. */
export function stills({ scene, t }, count = 4) {
  return { scene, t: Math.floor(t * count + 1e-9) / count };
}
