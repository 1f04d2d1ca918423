// What is said beside the stage: titles and captions with this photo's numbers in them.

import { formatPercent, formatShort, subscript } from "../shared/numbers.js";
import { make } from "../shared/dom.js";
import { fill } from "./film.js";
import { reader } from "./scene_layers.js";
import {
  after,
  attnTerm,
  before,
  between,
  bias,
  concatenated,
  embeddedName,
  lastNormed,
  mlpTerm,
  normed,
} from "./stream.js";

const CONCEPT = /\[([^\]]+)\]\((cls|position|query|key|value|attention)\)/g;

/** All placeholders a caption may use; none depends on the time. */
export function variables(film) {
  const { meta, tokens } = film;
  const [photoWidth, photoHeight] = meta.crop.original;
  const top1 = meta.top5[0];
  return {
    model: meta.model,
    N: film.N,
    T: film.T,
    R: film.R,
    D: film.D,
    H: film.H,
    K: film.K,
    L: film.L,
    L_sub: subscript(film.L),
    C: film.C,
    P: `${tokens.patchHeight} × ${tokens.patchWidth}`,
    P_h: tokens.patchHeight,
    P_w: tokens.patchWidth,
    PP3: film.patchNumbers,
    rows: film.rows,
    cols: film.cols,
    width: film.imageWidth,
    height: film.imageHeight,
    photo_width: photoWidth,
    photo_height: photoHeight,
    layer: film.layer + 1,
    head: film.head + 1,
    token: film.label(film.token),
    patch: film.label(film.patchToken),
    prefixes: meta.prefix_names.join(", "),
    mlp: film.mlp,
    act: meta.act,
    concat: film.H * film.K,
    reader: reader(film),
    label: meta.label?.name ?? "",
    loss: meta.loss == null ? "" : formatShort(meta.loss),
    top1: top1?.label ?? "",
    top1_prob: top1 ? formatPercent(top1.prob) : "",
    ...formulas(film),
    ...training(meta.training),
  };
}

/** What stands in formulas: names of the stream, and biases where this model has them. */
function formulas(film) {
  return {
    before: film.layer,
    z_before: before(film),
    z_between: between(film),
    z_after: after(film),
    normed: normed(film, before(film)),
    attn_term: attnTerm(film),
    mlp_term: mlpTerm(film),
    concat_row: concatenated(film),
    wide_norm: film.meta.mlp_norm_inside ? "norm" : "",
    gate_x: gated(film, "x"),
    gate_n: gated(film, "n"),
    read_row: `${lastNormed(film)}[${reader(film)}]`,
    b_embed: bias(film, "embed"),
    embedded: embeddedName(film),
    with_prefix: withPrefix(film),
    norm_pre: film.meta.has_norm_pre ? "LN(" : "",
    norm_pre_end: film.meta.has_norm_pre ? ")" : "",
    placeless: placeless(film).join(", "),
    b_qkv: bias(film, "qkv"),
    b_out: bias(film, "out"),
    b_mlp1: bias(film, "mlp", "b₁"),
    b_mlp2: bias(film, "mlp", "b₂"),
    b_head: bias(film, "head"),
  };
}

/** "(SiLU(x W₁ + b₁) ⊙ (x W₁′ + b₁′))": what a gated MLP makes of its row before it is narrowed. */
function gated(film, row) {
  const other = `${row} W₁′${bias(film, "mlp", "b₁′")}`;
  return `(${film.meta.act}(${row} W₁${bias(film, "mlp", "b₁")}) ⊙ ${film.meta.biases.includes("mlp") ? `(${other})` : other})`;
}

/** "[cls; reg; xₚ E + b]": the kinds of prefix tokens that this model has, over its patches. */
function withPrefix(film) {
  const kinds = new Set(film.meta.prefix_names.map((name) => name.match(/^\p{L}*/u)[0].toLowerCase()));
  return kinds.size ? `[${[...kinds, embeddedName(film)].join("; ")}]` : embeddedName(film);
}

/** The prefix tokens whose row of positions is nothing but zeros. */
function placeless(film) {
  if (!film.positions) return [];
  return film.remember("placeless", () => {
    const { values } = film.array("pos");
    const row = (token) => values.subarray(token * film.D, (token + 1) * film.D);
    return film.meta.prefix_names.filter((_, token) => row(token).every((value) => value === 0));
  });
}

/** The bundled model's last run, as its log and its evaluation name it. */
const training = ({ run, teacher, started_from }) => ({ run, teacher, started_from });

/** In which ways this model, photo or choice differs from the story as the paper tells it. */
export function differences(film) {
  const { meta } = film;
  const { kind } = meta;
  const has = (part) => meta.prefix_names.some((name) => name.startsWith(part));
  const all = {
    no_cls: film.R === 0,
    cls_pooled: film.readToken < 0 && has("CLS"),
    registers_only: film.R > 0 && !has("CLS"),
    registers: has("REG") && has("CLS"),
    distilled: has("DIST"),
    no_pos: !film.positions && !kind.rotary,
    only_rotary: !film.positions && kind.rotary,
    rotary: film.positions && kind.rotary,
    without_place: placeless(film).length > 0,
    norm_pre: meta.has_norm_pre,
    embed_norm: meta.embed_norm,
    qk_norm: kind.qk_norm,
    concat_normed: kind.norm_inside,
    concat_gated: kind.gated,
    post_norm: !meta.norm,
    layer_scale: kind.layer_scale,
    mlp_norm_first: meta.mlp_norm_first,
    gated: meta.mlp_gated,
    mlp_normed: meta.mlp_norm_inside,
    no_filter: !film.has("filter"),
    no_names: !film.classifies && film.C > 0,
    no_classifier: !film.classifies,
    assumed_names: meta.assumed_names,
    map_pool_all: film.readToken < 0 && meta.pool === "map" && meta.pools_prefix,
    map_pool: film.readToken < 0 && meta.pool === "map" && !meta.pools_prefix,
    avg_pool: film.readToken < 0 && meta.pool !== "map",
    two_heads: meta.read_rows > 1,
    no_final_norm: film.readToken >= 0 && !meta.has_final_norm,
    own: meta.own,
    no_label: !meta.label && film.classifies,
    later_layer: film.layer > 0,
    is_read: meta.read_rows === 1 && film.token === film.readToken,
    not_read: meta.read_rows === 1 && film.token >= film.R,
    is_one_read: meta.read_rows > 1 && film.token < meta.read_rows,
    none_read: meta.read_rows > 1 && film.token >= film.R,
    taught: meta.training.teacher !== "",
    continued: meta.training.started_from !== "",
  };
  return Object.keys(all).filter((name) => all[name]);
}

/** {title, short, caption, different, formula, shape} of a scene: `instead` replaces, `different` adds. */
export function sceneWords(scene, film) {
  const values = variables(film);
  const ways = differences(film);
  const instead = ways.map((way) => scene.instead?.[way]).find(Boolean);
  const { title, short, caption, formula, shape } = { ...scene, ...instead };
  const different = ways
    .map((way) => scene.different?.[way])
    .filter(Boolean)
    .join(" ");
  const parts = { title, short, caption, formula, shape, different };
  return Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, fill(text ?? "", values)]));
}

/** "[query](query)" → a word in the concept's colour. */
export function marked(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(CONCEPT)) {
    nodes.push(text.slice(from, found.index), make("b", { className: found[2] }, found[1]));
    from = found.index + found[0].length;
  }
  return [...nodes, text.slice(from)].filter((node) => node !== "");
}

export const plain = (text) => text.replace(CONCEPT, "$1");
