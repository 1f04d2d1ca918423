// One patch, taken apart: its red, green and blue values as three lines of numbers.

import { formatShort } from "../shared/numbers.js";
import { mixBox, span, steady } from "./easing.js";
import { image, text } from "./objects.js";
import { normalisedPatch } from "./numbers_of.js";

const NUMBER_WIDTH = 4;
const PACE = 0.09;

/** Where the enlarged patch and its three lines stand: {zoom, lanes}. */
export function unrollPlaces(film, { tall, narrow }) {
  const { patchWidth, patchHeight } = film.tokens;
  const side = Math.min(tall.h * 0.62, (tall.w * (narrow ? 0.26 : 0.34) * patchHeight) / patchWidth);
  const step = Math.min(tall.h * 0.29, Math.max(side / 1.9, 52));
  const zoom = {
    x: tall.x,
    y: tall.y + Math.max(0, (3 * step - side) / 2),
    w: (side * patchWidth) / patchHeight,
    h: side,
  };
  const x = zoom.x + zoom.w + (narrow ? 24 : 40);
  const lanes = [0, 1, 2].map((channel) => ({
    x,
    y: tall.y + (channel + 0.22) * step,
    w: tall.x + tall.w - x,
    h: step * 0.3,
  }));
  return { zoom, lanes };
}

/** The followed patch, cut out of the photo. */
export const patchImage = (film, box, alpha) =>
  image("zoom", "normalised", box, {
    sx: (film.patch % film.cols) / film.cols,
    sy: Math.floor(film.patch / film.cols) / film.rows,
    sw: 1 / film.cols,
    sh: 1 / film.rows,
    alpha,
  });

/** One channel's pixel rows, one after the other, from the patch to their line; `start` is when the first one goes. */
export function pixelRows(film, channel, { zoom, lanes }, t, start) {
  const P = film.tokens.patchHeight;
  const lane = lanes[channel];
  return Array.from({ length: P }, (_, i) => {
    const go = start + (PACE * i) / P;
    const from = { x: zoom.x, y: zoom.y + (i * zoom.h) / P, w: zoom.w, h: zoom.h / P };
    const to = { x: lane.x + (i * lane.w) / P, y: lane.y, w: lane.w / P, h: lane.h };
    return image(`pixels/${channel}/${i}`, `channel/${channel}/${film.patch}`, mixBox(from, to, span(t, go, go + 0.05)), {
      sy: i / P,
      sh: 1 / P,
      alpha: steady(t, go, go + 0.01),
    });
  });
}

/** The letter of a channel, and its first numbers under its line. */
export function laneWords(film, channel, { lanes }, { font }, alpha) {
  const lane = lanes[channel];
  const size = font - 2;
  const count = film.tokens.patchHeight * film.tokens.patchWidth;
  const shown = Math.max(1, Math.min(count, Math.floor(lane.w / (size * NUMBER_WIDTH)) - 1));
  const first = normalisedPatch(film, film.patch).subarray(channel * count, channel * count + shown);
  const words = `${[...first].map(formatShort).join("  ")}${shown < count ? "  …" : ""}`;
  return [
    text(`plane/${channel}`, lane.x - 8, lane.y + lane.h * 0.5 + 5, "RGB"[channel], {
      align: "right",
      mono: true,
      alpha,
    }),
    text(`numbers/${channel}`, lane.x, lane.y + lane.h + 15, words, { mono: true, size, color: "quiet", alpha }),
  ];
}
