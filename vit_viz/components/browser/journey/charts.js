// A small chart: title, a line or bars, first and last number of each axis.

import { bars, curve, fill, label, text } from "./objects.js";

const TITLE = 20;
const FOOT = 18;

/** The box of the drawing inside a chart's box; the left is kept for the axis's numbers. */
function plotBox({ x, y, w, h }, { narrow }) {
  const left = narrow ? 26 : 34;
  return { x: x + left, y: y + TITLE, w: w - left, h: h - TITLE - FOOT };
}

/**
 * Title, axes and their numbers; `id` is theirs, so that they come together.
 * `ends` is {left, right, low, high}, words; `more` is the drawing's own objects.
 */
export function chart(id, box, place, { title, ends, more }) {
  const plot = plotBox(box, place);
  const small = { mono: true, color: "quiet", size: place.font - 3 };
  const foot = plot.y + plot.h + 14;
  return [
    { ...label(`${id}/title`, box, title, { dy: 10, size: place.font - 1 }), most: box.w },
    fill(`${id}/x`, { ...plot, y: plot.y + plot.h, h: 1 }, "line"),
    fill(`${id}/y`, { ...plot, w: 1 }, "line"),
    text(`${id}/left`, plot.x, foot, ends.left, small),
    text(`${id}/right`, plot.x + plot.w, foot, ends.right, { ...small, align: "right" }),
    text(`${id}/low`, plot.x - 5, plot.y + plot.h, ends.low, { ...small, align: "right" }),
    text(`${id}/high`, plot.x - 5, plot.y + 8, ends.high, { ...small, align: "right" }),
    ...more(plot),
  ];
}

/** The line through (x, y), both in their own units, from [low, high] of each; the first `upTo` of its width. */
export function line(id, plot, xs, ys, { x: [x0, x1], y: [y0, y1] }, more = {}) {
  const points = Array.from(xs, (x, i) => [(x - x0) / (x1 - x0 || 1), (ys[i] - y0) / (y1 - y0 || 1)]);
  return curve(id, plot, points, more);
}

/** One bar per value; `from` is the share of them at the left that is not there yet. */
export function columnsOf(film, id, plot, values, from) {
  const span = values.reduce((a, b) => Math.max(a, b), 0);
  const axis = { axis: "columns", R: 0, N: values.length, lead: 0 };
  return bars(film, id, plot, values, { ...axis, span, from, color: "quiet", alpha: from < 1 ? 1 : 0 });
}
