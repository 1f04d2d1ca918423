import { mixBox, span, swell } from "./easing.js";
import { columns, rowBox } from "./geometry.js";
import { cornerPhoto, frame, image, label, link, matrix, rowFrame, shape, strip, text } from "./objects.js";
import { formatFine, projection } from "./numbers_of.js";

export const halves = (place) => columns(place.main, [1, 1], place.gap);

const STRIP = 24;

export const projectionScene = {
  id: "projection",
  seconds: 11,
  timing: {
    X: [0, 0.12],
    Xlabel: [0, 0.12],
    row: [0, 0.12],
    link: [0, 0.12],
    Z: [0.8, 0.95],
    Zframe: [0.7, 0.8],
    Zlabel: [0.74, 0.84],
    zrow: "off",
    link2: [0.94, 1],
  },
  end(film, place) {
    const [left, right] = halves(place);
    const [tiles, mark] = cornerPhoto(film, place);
    const row = rowFrame(film, "row", left, film.patchToken, { lead: 0 });
    const landing = rowBox(right, film.patchToken, film.axis(0));
    return [
      tiles,
      mark,
      matrix(film, "X", "strips", left, { lead: 0 }),
      label("Xlabel", left, film.say("flat"), { note: shape(film.N, film.patchNumbers) }),
      row,
      link("link", mark, row),
      frame("Zframe", right),
      label("Zlabel", right, film.say("embedded"), { note: shape(film.N, film.D) }),
      strip("zrow", "tokens", film.patchToken, landing),
      link("link2", row, landing),
    ];
  },
  during(film, place, t) {
    const [, right] = halves(place);
    const { bench } = place;
    const line = { x: bench.x, y: bench.y + bench.h / 2 - STRIP / 2, w: bench.w, h: STRIP };
    const landing = rowBox(right, film.patchToken, film.axis(0));
    const grown = span(t, 0.56, 0.74);
    const vector = mixBox({ ...line, w: line.w * grown }, landing, span(t, 0.82, 0.98));
    return [
      ...(film.has("filter")
        ? oneNumber(film, place, t)
        : [
            text("nofilter", bench.x, bench.y + bench.h / 2, film.say("no_filter"), {
              alpha: swell(t, 0.1, 0.2, 0.48, 0.54),
            }),
          ]),
      image("zrow", "tokens", vector, {
        sy: film.patchToken / film.T,
        sh: 1 / film.T,
        sw: Math.max(grown, 1e-3),
        alpha: t > 0.56 ? 1 : 0,
      }),
      label("vector", line, film.say("vector", { D: film.D }), { alpha: 1 }),
    ].map((object) =>
      object.id === "vector" ? { ...object, alpha: swell(t, 0.58, 0.66, 0.8, 0.86) } : object,
    );
  },
};

/** patch ⊙ filter = products, whose sum is one number of the patch's vector. */
function oneNumber(film, place, t) {
  const { bench, narrow, font } = place;
  const { sum, bias, value } = projection(film, film.patch);
  const aspect = film.tokens.patchWidth / film.tokens.patchHeight;
  const side = narrow ? Math.min(bench.h - 18, (bench.w * 0.27) / aspect) : bench.h;
  const gap = narrow ? 22 : 44;
  const box = (i) => ({ x: bench.x + i * (side * aspect + gap), y: bench.y, w: side * aspect, h: side });
  const gone = 1 - span(t, 0.5, 0.57);
  const sign = (i, words) =>
    text(`sign/${i}`, box(i).x - gap / 2, bench.y + side / 2 + 5, words, {
      align: "center",
      size: 18,
      color: "quiet",
      alpha: span(t, 0.1 + 0.1 * i, 0.16 + 0.1 * i) * gone,
    });
  const part = (i, id, source, words) => [
    image(id, source, box(i), { alpha: span(t, 0.1 + 0.1 * i, 0.18 + 0.1 * i) * gone }),
    text(`${id}name`, box(i).x, box(i).y - 8, words, {
      size: font - 1.5,
      color: "quiet",
      most: side * aspect + gap - 4,
      alpha: span(t, 0.1 + 0.1 * i, 0.18 + 0.1 * i) * gone,
    }),
  ];
  const at = narrow
    ? { x: bench.x, y: bench.y + side + 16 }
    : { x: box(3).x - gap / 2 + 8, y: bench.y + side / 2 + 5 };
  return [
    ...part(0, "patchnormed", `patchNormed/${film.patch}`, film.say("patch")),
    ...part(1, "filter", "filter", film.say("filter", { dim: film.meta.filter_dim + 1 })),
    ...part(2, "products", `products/${film.patch}`, film.say("products")),
    sign(1, "⊙"),
    sign(2, "="),
    text("sum", at.x, at.y, `Σ ${formatFine(sum)} + b ${formatFine(bias)} = ${formatFine(value)}`, {
      mono: true,
      alpha: span(t, 0.36, 0.42) * gone,
    }),
  ];
}
