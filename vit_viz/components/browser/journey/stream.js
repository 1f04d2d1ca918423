// The residual stream as it rests on stage between the steps of a layer, and what things are called.

import { subscript } from "../shared/numbers.js";
import { colourKey } from "./colour_key.js";
import { rowBox } from "./geometry.js";
import { streamBox } from "./matrix_places.js";
import { cornerTokens, label, link, matrix, rowFrame, shape, text } from "./objects.js";

export const streamName = (film, index, prime = "") => `z${prime}${subscript(index)}`;

/** As in the paper: z′ of layer l is z of layer l − 1 with the attention of layer l added. */
export const before = (film) => streamName(film, film.layer);
export const between = (film) => streamName(film, film.layer + 1, "′");
export const after = (film) => streamName(film, film.layer + 1);

const normName = ({ meta }) => (meta.norm === "LayerNorm" ? "LN" : meta.norm);

/** "LN(z₀)"; "z₀" where a block has no norm before its steps. */
export const normed = (film, name) => (film.meta.norm ? `${normName(film)}(${name})` : name);

/** The last stream as the classifier's features: normalised once more, where the model does so. */
export function lastNormed(film) {
  const last = streamName(film, film.L);
  return film.meta.has_final_norm ? `${normName(film) || "LN"}(${last})` : last;
}

/** What a block adds to the stream, e.g. "MSA(LN(z₀))". */
export const attnTerm = (film) => added(film, `MSA(${normed(film, before(film))})`);
export const mlpTerm = (film) => added(film, `MLP(${normed(film, between(film))})`);

function added({ meta }, term) {
  const placed = meta.norm ? term : `LN(${term})`;
  return meta.kind.layer_scale ? `γ ⊙ ${placed}` : placed;
}

/** " + b", where this model's linear step ("embed", "qkv", "out", "mlp", "head") has a bias. */
export const bias = ({ meta }, step, name = "b") => (meta.biases.includes(step) ? ` + ${name}` : "");

/** What the patches become, e.g. "xₚ E + b". */
export function embeddedName(film) {
  const projected = `xₚ E${bias(film, "embed")}`;
  return film.meta.embed_norm ? `norm(${projected})` : projected;
}

/** The heads' outputs side by side, as they meet the output projection. */
export function concatenated({ H, meta: { kind } }) {
  const row = `[O₁ … O${subscript(H)}]`;
  const normalised = kind.norm_inside ? `norm(${row})` : row;
  return kind.gated ? `(g ⊙ ${normalised})` : normalised;
}

/** Photo, tokens and one large matrix with the followed row: the resting picture of several scenes. */
export function restingStream(film, place, source, name, more = {}) {
  const box = streamBox(place);
  const corner = cornerTokens(film, place, more);
  const row = rowFrame(film, "row", box, film.token);
  return [
    ...corner,
    matrix(film, "Z", source, box),
    label("Zlabel", box, name, { note: shape(film.T, film.D) }),
    ...colourKey(film, place, box, source, `${name} ${shape(film.T, film.D)}`),
    ...prefixNames(film, place, box),
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

/** While a layer's attention is at work: photo and tokens, and the stream that waits for what will be added. */
export function waiting(film, place, more = {}) {
  return [
    ...cornerTokens(film, place, more),
    matrix(film, "parked", "resid_before", place.parked),
    label("parkedlabel", place.parked, before(film), { note: film.say("waits"), size: place.font - 1.5 }),
  ];
}
