// Where the matrices of each part of the story stand, in the places of a stage.

import { columns, gridCells } from "./geometry.js";

/** The stream where nothing stands above it. */
export const streamBox = ({ tall }) => tall;

/** Pixels and tokens side by side, under the bench. */
export const halves = ({ main, gap }) => columns(main, [1, 1], gap);

/** The two places of what is added, with room for a sign between. */
export const addends = (place) => columns(streamBox(place), [1, 1], place.narrow ? 34 : 64);

/** Q, K and V. */
export const thirds = ({ main, gap }) => columns(main, [1, 1, 1], gap);

/** The keys a query meets, and the scores beside them. */
export const keysAndScores = ({ main }) => columns({ ...main, w: main.w * 0.82 }, [1.25, 1], 14);

/** Scores and weights of all pairs … */
export function squareBox({ main: { x, y, w, h } }) {
  return { x, y, w: Math.min(w * 0.64, h * 1.3), h };
}

/** … and the values that wait beside them. */
export function waitingValues({ main: { x, y, w, h } }) {
  const width = w * 0.15;
  return { x: x + w - width, y, w: width, h };
}

/** A, V and what they give. */
export const mixPlaces = ({ main, narrow }) => columns(main, narrow ? [4, 2.6, 2.6] : [5, 2.4, 2.4], narrow ? 26 : 62);

/** The maps of all heads, and their outputs side by side. */
export function headPlaces({ H }, place) {
  const { bench, main, narrow } = place;
  const [left, right] = narrow ? [bench, main] : columns(under(place), [1.25, 1], 56);
  return { maps: gridCells(left, H, 1, narrow ? 6 : 14, narrow && H > 8 ? 0 : 18), out: right };
}

/** A small map of every layer, and the length of every row. */
export function layerPlaces({ L, aspect }, place) {
  const { bench, main, narrow } = place;
  const [left, right] = narrow ? [bench, main] : columns(under(place), [1.5, 1], 56);
  const norms = narrow ? right : { ...right, h: right.h - 18 }; // two lines stand below it
  return { maps: gridCells(left, L, aspect, narrow ? 5 : 12, narrow ? 0 : 16), norms };
}

/** A line of numbers on the bench. */
export function lineBox({ bench }, height) {
  return { x: bench.x, y: bench.y + (bench.h - height) / 2, w: bench.w, h: height };
}

const under = ({ tall }) => ({ ...tall, y: tall.y + 14, h: tall.h - 14 });
