// patch ⊙ filter = products, whose sum is one number of the patch's row.

import { span } from "./easing.js";
import { image, text } from "./objects.js";
import { bracketed, formatFine, projection } from "./numbers_of.js";
import { sumSign } from "../shared/numbers.js";

/** Three pictures, two signs and a sum on the bench, which come one by one and go together after `until`. */
export function oneNumber(film, place, t, until) {
  const { bench, narrow, font } = place;
  const { patchWidth: pw, patchHeight: ph } = film.tokens;
  const side = narrow ? Math.min(bench.h - 34, (bench.w * 0.27 * ph) / pw) : bench.h;
  const [w, gap] = [(side * pw) / ph, narrow ? 22 : 44];
  const box = (i) => ({ x: bench.x + i * (w + gap), y: bench.y, w, h: side });
  const gone = 1 - span(t, until, until + 0.07);
  const come = (i) => span(t, 0.06 + 0.09 * i, 0.13 + 0.09 * i) * gone;
  const part = (i, id, source, words) => [
    image(id, source, box(i), { alpha: come(i) }),
    text(`${id}name`, box(i).x, bench.y - 8, words, {
      size: font - 1.5,
      color: "quiet",
      most: w + gap - 4,
      alpha: come(i),
    }),
  ];
  const sign = (i, words) =>
    text(`sign/${i}`, box(i).x - gap / 2, bench.y + side / 2 + 5, words, {
      align: "center",
      size: 18,
      color: "quiet",
      alpha: come(i),
    });
  const at = narrow
    ? { x: bench.x, y: bench.y + side + 15, alpha: come(3) }
    : { x: box(3).x - gap / 2 + 8, y: bench.y + side / 2 - 4, alpha: come(3) };
  const lines = (words, i) =>
    text(`sumline/${i}`, at.x, at.y + (narrow ? 15 : 19) * (i + 1), words, {
      color: "quiet",
      size: font - 2,
      most: bench.x + bench.w - at.x,
      alpha: at.alpha,
    });
  const summed = film.meta.biases.includes("embed") ? "sum_and_bias" : "sum_alone";
  return [
    ...part(0, "patchnormed", `patchNormed/${film.patch}`, film.say("patch")),
    ...part(1, "filter", "filter", film.say("filter", { dim: film.meta.filter_dim + 1 })),
    ...part(2, "products", `products/${film.patch}`, film.say("products")),
    sign(1, "⊙"),
    sign(2, "="),
    text("sum", at.x, at.y, equation(film), {
      mono: true,
      bold: true,
      alpha: at.alpha,
      size: narrow ? font - 1 : 0,
    }),
    ...(narrow ? ["filter_why"] : [summed, "filter_why"]).map((key, i) => lines(film.say(key, {
      PP3: film.patchNumbers,
    }), i)),
  ];
}

function equation(film) {
  const { sum, bias, value } = projection(film, film.patch);
  if (!film.meta.biases.includes("embed")) return `Σ = ${formatFine(value)}`;
  const [terms, total] = [[formatFine(sum), bracketed(bias)], formatFine(value)];
  return `${terms.join(" + ")} ${sumSign(terms, total)} ${total}`;
}
