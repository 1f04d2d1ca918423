// A made-up photo and model in the shape of vit_viz/components/journey_payloads.py, for the journey's tests.
import { readFileSync } from "node:fs";
import { Film } from "../../vit_viz/components/browser/journey/film.js";

export const STRINGS = JSON.parse(
  readFileSync(new URL("../../vit_viz/locales/en.json", import.meta.url)),
).journey;

const KIND = {
  qk_norm: false,
  rotary: false,
  norm_inside: false,
  gated: false,
  layer_scale: false,
  norm_after: false,
};

/** Numbers that look drawn by lot and are the same each time. */
function numbers(count, seed) {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** film({grid, prefixNames, …}): every option has a usual value. `without` names arrays that this model lacks. */
export function film({
  grid = [4, 5],
  patch = [4, 4],
  prefixNames = ["CLS"],
  D = 12,
  H = 3,
  K = 4,
  L = 2,
  selection = {},
  without = [],
  meta = {},
} = {}) {
  const R = prefixNames.length;
  const N = grid[0] * grid[1];
  const T = R + N;
  const [height, width] = [grid[0] * patch[0], grid[1] * patch[1]];
  let seed = 0;
  const floats = (...shape) => {
    seed += 1;
    return {
      values: numbers(
        shape.reduce((a, b) => a * b, 1),
        seed,
      ),
      shape,
    };
  };
  const rows = (...shape) => {
    const { values } = floats(...shape);
    for (let start = 0; start < values.length; start += shape.at(-1)) {
      const row = values.subarray(start, start + shape.at(-1));
      const sum = row.reduce((total, value) => total + Math.exp(value), 0);
      row.forEach((value, i) => {
        row[i] = Math.exp(value) / sum;
      });
    }
    return { values, shape };
  };
  const image = {
    values: Uint8Array.from(numbers(height * width * 3, 99), (value) => (value + 1) * 127),
    shape: [height, width, 3],
  };
  const base = {
    image,
    photo: { values: new Uint8Array(1), shape: [1] },
    batch_thumbs: { values: new Uint8Array(3 * 12), shape: [3, 2, 2, 3] },
    filter: floats(3, ...patch),
    filter_bias: floats(1),
    patch_value: floats(N),
    tokens: floats(T, D),
    pos: floats(T, D),
    resid_in: floats(T, D),
    cls_attn: rows(L, T),
    resid_norm: floats(L + 1, T),
    features: floats(D),
    read_row: floats(D),
    top_weight: floats(5, D),
    grad_norm: floats(L + 1),
    curve_views: { values: Float32Array.of(1, 2, 3), shape: [3] },
    curve_loss: floats(3),
    curve_sizes: { values: Float32Array.of(160, 160, 224), shape: [3] },
    curve_top1: { values: Float32Array.of(0.2, 0.4), shape: [2] },
    curve_top1_views: { values: Float32Array.of(1, 3), shape: [2] },
  };
  const facts = {
    model: "Test/4",
    prefix_names: prefixNames,
    grid,
    patch_size: patch,
    image_size: [height, width],
    D,
    H,
    K,
    L,
    N,
    T,
    C: 10,
    mlp_hidden: 4 * D,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    pos_kind: "absolute",
    pool: "token",
    pools_prefix: false,
    own: false,
    read_token: R ? 0 : -1,
    norm: "LayerNorm",
    kind: KIND,
    has_norm_pre: false,
    has_final_norm: true,
    embedding: "linear",
    act: "GELU",
    mlp_gated: false,
    mlp_norm_first: false,
    mlp_norm_inside: false,
    embed_norm: false,
    qk_scale: K ** -0.5,
    biases: ["embed", "qkv", "out", "mlp", "head"],
    read_rows: 1,
    training: {
      run: "run",
      teacher: "",
      started_from: "",
      never_seen_top1: 0.4,
      never_seen_photos: 10,
    },
    filter_dim: 3,
    top5: [0.5, 0.2, 0.1, 0.05, 0.02].map((prob, index) => ({
      index,
      label: `class ${index}`,
      prob,
      logit: 5 - index,
    })),
    label: { index: 1, name: "class 1" },
    label_prob: 0.2,
    loss: -Math.log(0.2),
    photo_title: "Photo",
    photo_alt: "a photo",
    batch: [
      { title: "A", label: "a" },
      { title: "B", label: null },
      { title: "C", label: "c" },
    ],
    picked: 1,
    crop: { original: [640, 480], photo: [640, 480], resized: [40, 30], box: [4, 2, 36, 28], interpolation: "bicubic" },
    ...meta,
  };
  const parts = {
    base: { meta: facts, arrays: base },
    layer: {
      arrays: {
        normed: floats(T, D),
        attn_codes: { values: Uint8Array.from({ length: H * T * N }, (_, i) => i % 256), shape: [H, T, N] },
        attn_scale: { values: new Float32Array(H * T).fill(0.5), shape: [H, T] },
        attn_prefix: floats(H, T, R),
        concat: floats(T, H * K),
        attn_out: floats(T, D),
        resid_before: floats(T, D),
        resid_mid: floats(T, D),
      },
    },
    mlp: {
      arrays: {
        mlp_normed: floats(T, D),
        hidden_pre: floats(T, 4 * D),
        hidden: floats(T, 4 * D),
        mlp_out: floats(T, D),
        resid_after: floats(T, D),
      },
    },
    head: {
      arrays: {
        q: floats(T, K),
        k: floats(T, K),
        v: floats(T, K),
        attn_head: rows(T, T),
        head_out: floats(T, K),
      },
    },
    memo: new Map(),
  };
  for (const part of [parts.base, parts.layer, parts.mlp, parts.head])
    for (const name of without) delete part.arrays[name];
  return new Film(parts, { token: Math.min(T - 1, R + 7), layer: 1, head: 1, ...selection }, STRINGS.stage);
}

/** Models that differ in every way the journey knows. */
export const FILMS = {
  plain: {},
  "CLS followed, first layer and head": { selection: { token: 0, layer: 0, head: 0 } },
  "last patch, wide grid": { grid: [3, 9], selection: { token: 27 } },
  "high grid, patches not square": { grid: [9, 3], patch: [3, 5] },
  registers: { prefixNames: ["CLS", "REG 1", "REG 2", "REG 3", "REG 4"], selection: { token: 3 } },
  distilled: {
    prefixNames: ["CLS", "DIST"],
    meta: { read_rows: 2 },
    without: ["top_weight"],
  },
  "no CLS, average": {
    prefixNames: [],
    selection: { token: 4 },
    meta: { pool: "avg", read_token: -1, read_rows: 0, biases: ["embed", "out", "mlp", "head"] },
    without: ["read_row"],
  },
  "no CLS, attention pooling, no classes": {
    prefixNames: [],
    meta: { pool: "map", read_token: -1, read_rows: 0, top5: [], label: null, C: 0, loss: null },
    without: ["grad_norm", "read_row", "top_weight"],
  },
  "registers only": {
    prefixNames: ["REG 1", "REG 2"],
    selection: { token: 5 },
    meta: { pool: "avg", read_token: -1, read_rows: 0 },
    without: ["read_row"],
  },
  "numbers without names": { without: ["top_weight"], meta: { top5: [], label: null, loss: null, label_prob: null } },
  "rotary only": {
    without: ["pos"],
    meta: { pos_kind: "rotary", kind: { ...KIND, rotary: true, qk_norm: true } },
  },
  "rotary and absolute, gated": {
    meta: {
      pos_kind: "absolute + rotary",
      kind: { ...KIND, rotary: true, layer_scale: true },
      mlp_gated: true,
      act: "SiLU",
    },
  },
  "norms inside": {
    meta: { kind: { ...KIND, norm_inside: true, gated: true }, mlp_norm_inside: true, embed_norm: true },
  },
  "no positions, norm before": { without: ["pos"], meta: { pos_kind: "none", has_norm_pre: true } },
  "post-norm": { meta: { norm: "" } },
  hybrid: { without: ["filter", "filter_bias"], meta: { embedding: "hybrid" } },
  "no label": { without: ["grad_norm"], meta: { label: null, loss: null, label_prob: null } },
  "one of each, large": {
    grid: [14, 14],
    prefixNames: ["CLS"],
    H: 12,
    L: 12,
    selection: { token: 100, layer: 6, head: 7 },
  },
};
