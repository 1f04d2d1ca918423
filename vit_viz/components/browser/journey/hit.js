import { bandAt, inside } from "./geometry.js";

/** What a click at x, y on these objects follows: {token}, {head}, {layer}, or null. The topmost object counts. */
export function hit(objects, x, y, film) {
  for (const object of objects.toReversed()) {
    if (!object.pick || object.alpha < 0.3 || !inside(object, x, y)) continue;
    const found = pickers[object.pick]?.(object, x, y, film) ?? object.pick;
    return typeof found === "string" ? null : found;
  }
  return null;
}

const pickers = {
  tiles({ x, y, w, h, rows, cols }, px, py, film) {
    const [row, col] = [Math.floor(((py - y) / h) * rows), Math.floor(((px - x) / w) * cols)];
    return { token: film.tokens.at(row, col) };
  },
  rows: (object, px, py) => ({ token: bandAt(object.h, py - object.y, object) }),
};
