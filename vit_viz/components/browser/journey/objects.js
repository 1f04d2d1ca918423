// The things on stage. Each is {id, kind, x, y, w, h, alpha, …}; paint.js draws them, hit.js finds them.

import { rowBox, tileBox } from "./geometry.js";

const CHIP = { h: 18, most: 46, gap: 4 };

export function photo(film, box, more = {}) {
  const { rows, cols } = film;
  return {
    id: "photo",
    kind: "tiles",
    source: "image",
    rows,
    cols,
    gap: 0,
    grid: 0,
    dim: 0,
    heat: 0,
    weights: null,
    first: film.R,
    alpha: 1,
    pick: "tiles",
    ...box,
    ...more,
  };
}

/** The photo as it stands at the left from scene 3 on, with the frame of the followed patch. */
export function cornerPhoto(film, place, more = {}) {
  const tiles = photo(film, place.photo, { gap: 0.1, ...more });
  return [tiles, follow(film, tiles)];
}

/** From the encoder on: prefix tokens as chips over the photo, and the frame goes to whichever token is followed. */
export function cornerTokens(film, place, more = {}) {
  const tiles = photo(film, place.photo, { gap: 0.1, ...more });
  return [tiles, ...chips(film, place, more), follow(film, tiles, chipBox(film, place, film.token))];
}

export function follow(film, tiles, chip = null) {
  const box = chip ?? tileBox(tiles, film.patch);
  return { id: "follow", kind: "frame", color: "text", width: 2, grow: 1.5, alpha: 1, ...box };
}

function chipBox(film, place, token) {
  if (token >= film.R) return null;
  const w = Math.min(CHIP.most, (place.photo.w + CHIP.gap) / film.R - CHIP.gap);
  return { x: place.photo.x + token * (w + CHIP.gap), y: place.photo.y - CHIP.h - 8, w, h: CHIP.h };
}

function chips(film, place, { weights = null, weights2 = null, share = 0, heat = 0 }) {
  return film.tokens.prefixNames.map((name, token) => ({
    id: `chip/${token}`,
    kind: "chip",
    text: name,
    weights,
    weights2,
    share,
    token,
    heat,
    alpha: 1,
    pick: { token },
    ...chipBox(film, place, token),
  }));
}

/** A matrix of tokens (rows) by something; prefix rows stand apart. `axes` "both" has tokens in its columns as well. */
export function matrix(film, id, source, box, more = {}) {
  const { x, y, w, h } = box;
  return {
    id,
    kind: "matrix",
    source,
    R: film.R,
    N: film.N,
    lead: 1,
    upTo: 1,
    axes: "rows",
    pick: "rows",
    alpha: 1,
    x,
    y,
    w,
    h,
    ...more,
  };
}

/** One row of a matrix on its own. */
export function strip(id, source, row, box, more = {}) {
  const { x, y, w, h } = box;
  return { id, kind: "strip", source, row, alpha: 1, x, y, w, h, ...more };
}

/** A name over a box, with its shape or a remark behind it. */
export function label(id, box, words, { note = "", color = "text", size = 0, dy = -8, alpha = 1 } = {}) {
  return {
    id,
    kind: "text",
    text: words,
    note,
    color,
    bold: true,
    align: "left",
    size,
    alpha,
    x: box.x,
    y: box.y + dy,
    w: 0,
    h: 0,
  };
}

export function text(id, x, y, words, more = {}) {
  return {
    id,
    kind: "text",
    text: words,
    note: "",
    color: "text",
    align: "left",
    size: 0,
    alpha: 1,
    x,
    y,
    w: 0,
    h: 0,
    ...more,
  };
}

/** The frame of one token's row in a matrix. */
export function rowFrame(film, id, { x, y, w, h }, token, { lead = 1, color = "text" } = {}) {
  return {
    id,
    kind: "frame",
    color,
    width: 1.5,
    grow: 1.5,
    alpha: 1,
    ...rowBox({ x, y, w, h }, token, film.axis(lead)),
  };
}

export function frame(id, { x, y, w, h }, color = "line", more = {}) {
  return { id, kind: "frame", color, width: 1, grow: 0, alpha: 1, x, y, w, h, ...more };
}

/** A curve from the right edge of one box to the left edge of another. */
export function link(id, from, to, color = "quiet") {
  return {
    id,
    kind: "link",
    color,
    alpha: 0.8,
    x: from.x + from.w + 3,
    y: from.y + from.h / 2,
    w: 0,
    h: 0,
    x2: to.x - 4,
    y2: to.y + to.h / 2,
  };
}

export function image(id, source, box, more = {}) {
  const { x, y, w, h } = box;
  return { id, kind: "image", source, alpha: 1, x, y, w, h, ...more };
}

/**
 * Values as bars, one per token: along a matrix's rows or, with axis "columns", over its columns.
 * `span` is what the whole length stands for, `zero` the share of it that is below zero (`spanOf`).
 */
export function bars(film, id, box, values, more = {}) {
  const { x, y, w, h } = box;
  return { id, kind: "bars", axis: "rows", values, span: 1, upTo: 1, ...film.axis(), alpha: 1, x, y, w, h, ...more };
}

/** A line through points [[share of the width, share of the height], …]. */
export function curve(id, { x, y, w, h }, points, more = {}) {
  return { id, kind: "curve", points, color: "quiet", upTo: 1, alpha: 1, x, y, w, h, ...more };
}

export function fill(id, { x, y, w, h }, color, more = {}) {
  return { id, kind: "fill", color, alpha: 1, x, y, w, h, ...more };
}

/** The same objects, fainter. */
export const faint = (objects, alpha) => objects.map((object) => ({ ...object, alpha: object.alpha * alpha }));

/** "197 × 64" */
export const shape = (rows, cols) => `${rows} × ${cols}`;
