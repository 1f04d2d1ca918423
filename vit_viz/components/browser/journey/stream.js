// The residual stream as it rests on stage between the steps of a layer.

import { label, cornerTokens, link, matrix, rowFrame, shape, text } from "./objects.js";
import { rowBox } from "./geometry.js";

const DIGITS = "₀₁₂₃₄₅₆₇₈₉";

export const subscript = (number) => [...String(number)].map((digit) => DIGITS[Number(digit)]).join("");

export const streamName = (film, index, prime = "") => `z${prime}${subscript(index)}`;

/** Photo, tokens and one large matrix with the followed row: the resting picture of several scenes. */
export function restingStream(film, place, source, name, more = {}) {
  const corner = cornerTokens(film, place, more);
  const row = rowFrame(film, "row", place.main, film.token);
  return [
    ...corner,
    matrix(film, "Z", source, place.main),
    label("Zlabel", place.main, name, { note: shape(film.T, film.D) }),
    ...prefixNames(film, place, place.main),
    row,
    link("link", corner.at(-1), row),
  ];
}

/** The prefix tokens' names at the left of a matrix, as far as they are legible there. */
export function prefixNames(film, place, box, id = "prefix") {
  const first = rowBox(box, 0, film.axis());
  if (film.R === 0) return [];
  const words = film.R > 1 ? `${film.tokens.prefixNames[0]} …` : film.tokens.prefixNames[0];
  return [
    text(`${id}name`, box.x - 6, first.y + 9, words, {
      align: "right",
      color: "cls",
      size: place.font - 2.5,
    }),
  ];
}

/** The stream that waits at the left until something is added to it. */
export function parked(film, place, source, name) {
  return [
    matrix(film, "parked", source, place.parked),
    label("parkedlabel", place.parked, name, { note: film.say("waits"), size: place.font - 1.5 }),
  ];
}
