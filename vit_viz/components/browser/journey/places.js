// Where things stand on the stage: photo and parked stream at the left, the bench above, the main matrices below it.
// On a narrow stage the photo stands on top and everything else under it.

import { fit } from "./geometry.js";

export const NARROW = 640;
const EDGE = 10;
const LABEL = 30;

export function places({ width, height }, film) {
  const narrow = width < NARROW;
  const aspect = film.aspect;
  const place = narrow ? narrowPlaces(width, height, aspect) : widePlaces(width, height, aspect);
  const { bench, main } = place;
  const tall = { x: bench.x, y: bench.y, w: bench.w, h: main.y + main.h - bench.y };
  const room = { x: EDGE, y: LABEL, w: width - 2 * EDGE, h: height - LABEL - 44 };
  const big = fit(aspect, room);
  return { ...place, tall, big, room, narrow, width, height, font: narrow ? 11.5 : 13.5 };
}

function widePlaces(width, height, aspect) {
  const gutter = 74;
  const photo = fit(aspect, { x: EDGE, y: 56, w: width * 0.25, h: height * 0.47 }, 0);
  const parkedTop = photo.y + photo.h + 48;
  const parked = { x: EDGE, y: parkedTop, w: width * 0.12, h: Math.max(40, height - parkedTop - EDGE) };
  const left = EDGE + width * 0.25 + gutter;
  const bench = { x: left, y: LABEL, w: width - left - EDGE, h: height * 0.17 };
  const top = bench.y + bench.h + 44;
  const main = { x: left, y: top, w: bench.w, h: height - top - 24 };
  return { photo, parked, bench, main, gap: 36 };
}

function narrowPlaces(width, height, aspect) {
  const gutter = 34;
  const photo = fit(aspect, { x: EDGE, y: 36, w: width * 0.5, h: height * 0.3 }, 0);
  const besides = photo.x + photo.w + gutter;
  // small: it only waits, beside what is at work
  const parked = { x: besides, y: photo.y + 14, w: Math.min(width * 0.25, width - besides - EDGE), h: photo.h * 0.6 };
  const bench = { x: gutter, y: photo.y + photo.h + 30, w: width - gutter - EDGE, h: height * 0.12 };
  const top = bench.y + bench.h + 36;
  const main = { x: gutter, y: top, w: bench.w, h: height - top - 24 };
  return { photo, parked, bench, main, gap: 18 };
}
