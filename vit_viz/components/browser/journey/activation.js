// The curve of an MLP's activation, with numbers at its axes.

import { span } from "./easing.js";
import { curve, fill, text } from "./objects.js";

const CURVES = {
  GELU: (x) => (x / 2) * (1 + Math.tanh(0.79788456 * (x + 0.044715 * x ** 3))),
  QuickGELU: (x) => x / (1 + Math.exp(-1.702 * x)),
  SiLU: (x) => x / (1 + Math.exp(-x)),
  ReLU: (x) => Math.max(0, x),
};
const REACH = 3;
const LOW = -0.4;

/** From −3 to 3 on the bench, where the activation's name is one that is known; `drawn` is how much of it is there. */
export function activationCurve(film, { bench, font }, drawn, alpha) {
  const of = CURVES[film.meta.act];
  if (!of || alpha === 0) return [];
  const h = bench.h - 16;
  const box = { x: bench.x + bench.w / 2 - h * 0.9, y: bench.y, w: h * 1.8, h };
  const high = (y) => (y - LOW) / (REACH - LOW);
  const points = Array.from({ length: 61 }, (_, i) => [i / 60, high(of((i / 30 - 1) * REACH))]);
  const zero = { x: box.x + box.w / 2, y: box.y + h * (1 - high(0)) };
  const small = { mono: true, color: "quiet", size: font - 3, alpha };
  const under = (id, x, words) => text(`axis${id}`, x, zero.y + 14, words, { ...small, align: "center" });
  return [
    fill("axisx", { x: box.x, y: zero.y, w: box.w, h: 1 }, "line", { alpha }),
    fill("axisy", { x: zero.x, y: box.y, w: 1, h }, "line", { alpha }),
    curve("activation", box, points, { color: "text", thick: 2, upTo: span(drawn, 0, 1), alpha }),
    under("low", box.x, `−${REACH}`),
    under("zero", zero.x, "0"),
    under("high", box.x + box.w, String(REACH)),
    text("axistop", zero.x - 6, box.y + 9, String(REACH), { ...small, align: "right" }),
    text("curvename", box.x - 14, box.y + h / 2, film.meta.act, { align: "right", alpha }),
  ];
}
