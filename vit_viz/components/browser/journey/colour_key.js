// What the colours of a matrix mean, in numbers.

import { image, text } from "./objects.js";
import { fullAt } from "./scales.js";

const RAMPS = {
  q: "query",
  k: "key",
  v: "value",
  concat: "value",
  head_out: "value",
  attn: "attention",
  norms: "grey",
};
const FROM_ZERO = new Set(["attn", "norms"]);
// below this width a box's name needs the room
const WIDE = 300;
const LETTER = 0.58; // of the size of the type, about

/**
 * A thin ramp at the right over a box: from the least to the most that its colours tell apart.
 * `beside` is what stands at the left over the box; where that leaves too little room, there is no ramp.
 */
export function colourKey(film, place, box, source, beside, { id = "key", alpha = 1 } = {}) {
  const full = fullAt(film, source);
  const digits = full < 0.1 ? 3 : full < 10 ? 2 : 1;
  const [low, high] = [FROM_ZERO.has(source) ? "0" : `−${full.toFixed(digits)}`, full.toFixed(digits)];
  const size = place.font - 3;
  const room = size * 0.62 * (high.length + 1);
  const ramp = { w: place.narrow || box.w < WIDE ? 36 : 72, h: 6, x: 0, y: box.y - 14 };
  ramp.x = box.x + box.w - room - ramp.w;
  const taken = beside.length * place.font * LETTER + low.length * size * 0.62 + 10;
  if (beside && ramp.x - box.x < taken) return [];
  const small = { mono: true, color: "quiet", size, alpha };
  return [
    image(`${id}/ramp`, `ramp/${RAMPS[source] ?? "signed"}`, ramp, { alpha }),
    text(`${id}/low`, ramp.x - 5, box.y - 8, low, { ...small, align: "right" }),
    text(`${id}/high`, ramp.x + ramp.w + 5, box.y - 8, high, small),
  ];
}
