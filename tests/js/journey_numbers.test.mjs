// Numbers on stage against sums worked out here; recorder's plans; the blob that is posted.
import assert from "node:assert/strict";
import test from "node:test";
import { band, bandAt, gridCells, tileBox } from "../../vit_viz/components/browser/journey/geometry.js";
import {
  decoded,
  headOut,
  headRows,
  middlePixel,
  normalisedPatch,
  projection,
  scoresOf,
  termsOf,
  weightsOf,
} from "../../vit_viz/components/browser/journey/numbers_of.js";
import { pack } from "../../vit_viz/components/browser/journey/pack.js";
import { gifPlan, momentAt, secondsOf } from "../../vit_viz/components/browser/journey/recorder.js";
import { LENGTHS, SCENES, layout } from "../../vit_viz/components/browser/journey/scenes.js";
import { fullAt } from "../../vit_viz/components/browser/journey/scales.js";
import { themeOf } from "../../vit_viz/components/browser/journey/theme.js";
import { luminance, parseColor } from "../../vit_viz/components/browser/shared/ramps.js";
import { unpack } from "../../vit_viz/components/browser/shared/unpack.js";
import { film } from "./journey_film.mjs";

const SIZE = { width: 1080, height: 520 };
const close = (a, b, error = 1e-6) => assert.ok(Math.abs(a - b) <= error, `${a} is not ${b}`);

test("a score is q·k/√K of the float32 rows, and the one on stage is that of the key it stands at", () => {
  const made = film({ K: 4 });
  const [q, k] = ["q", "k"].map((name) => made.array(name).values);
  const dot = (query, key) => [0, 1, 2, 3].reduce((sum, i) => sum + q[query * 4 + i] * k[key * 4 + i], 0);
  const scores = scoresOf(made, made.token);
  for (const key of [0, 5, 20]) close(scores[key], dot(made.token, key) / 2);
  for (const t of [0.25, 0.4, 0.6]) {
    const { text, key, value } = layout(made, 9, t, SIZE).find(({ role }) => role === "score");
    close(value, dot(made.token, key) / 2);
    assert.ok(text.endsWith(value.toFixed(3).replace("-", "−")), text);
  }
});

test("three keys are met slowly: the token's own, the best, the worst; their terms add up to the score", () => {
  const made = film({ K: 4 });
  const scores = scoresOf(made, made.token);
  const met = [0.25, 0.35, 0.45].map((t) => layout(made, 9, t, SIZE).find(({ role }) => role === "score").key);
  assert.deepEqual(met, [made.token, scores.indexOf(Math.max(...scores)), scores.indexOf(Math.min(...scores))]);
  for (const key of met) {
    const terms = termsOf(made, made.token).subarray(key * 4, (key + 1) * 4);
    close(terms.reduce((a, b) => a + b, 0) / 2, scores[key]);
  }
});

test("no bar is cut: each is as long as its value says, and all have room on their side of zero", () => {
  const made = film({ K: 4 });
  const moments = [[9, 0.3], [9, 0.45], [9, 0.69], [10, 0.2], [10, 0.35], [10, 0.45], [10, 1], [11, 0.3]];
  const drawn = moments.flatMap(([scene, t]) => layout(made, scene, t, SIZE).filter(({ kind }) => kind === "bars"));
  assert.ok(drawn.length >= moments.length);
  for (const { values, values2, share = 0, span, zero = 0 } of drawn) {
    const lengths = Array.from(values, (value, i) => (value + share * ((values2?.[i] ?? value) - value)) / span);
    assert.ok(Math.min(...lengths) >= -zero - 1e-6, `${Math.min(...lengths)} below zero, room for ${zero}`);
    assert.ok(Math.max(...lengths) <= 1 - zero + 1e-6, `${Math.max(...lengths)} above, room for ${1 - zero}`);
  }
  const scores = scoresOf(made, made.token);
  const { values, span, zero } = layout(made, 9, 0.69, SIZE).find(({ id }) => id === "bars");
  close(Math.min(...values) / span, -zero);
  assert.deepEqual([...values], [...scores]);
});

test("the colour key names the value at which the colour is full", () => {
  const made = film();
  const values = made.array("resid_in").values.map(Math.abs).sort();
  const full = values[Math.floor(0.98 * (values.length - 1))];
  close(fullAt(made, "resid_in"), full);
  const objects = layout(made, 7, 1, SIZE);
  const said = (id) => objects.find((object) => object.id === id).text;
  assert.deepEqual([said("key/low"), said("key/high")], [`−${full.toFixed(2)}`, full.toFixed(2)]);
});

test("the photo and the prefix tokens share one scale; what lies on patches is written", () => {
  const made = film();
  const row = weightsOf(made, made.token);
  const objects = layout(made, 10, 1, SIZE);
  assert.equal(objects.find(({ id }) => id === "photo").full, undefined);
  const onPatches = row.subarray(1).reduce((a, b) => a + b, 0);
  const { text } = objects.find(({ id }) => id === "most/1");
  assert.equal(text, `on patches: ${(onPatches * 100).toFixed(1)}%`);
});

test("the flattened patch prints its first normalised numbers, channel by channel", () => {
  const made = film();
  const first = normalisedPatch(made, made.patch);
  for (const channel of [0, 1, 2]) {
    const { text } = layout(made, 3, 0.46, SIZE).find(({ id }) => id === `numbers/${channel}`);
    assert.ok(text.startsWith(first[channel * 16].toFixed(2).replace("-", "−")), text);
  }
});

test("the row on stage sums to the model's own sum", () => {
  const made = film();
  const { text, value } = layout(made, 10, 1, SIZE).find(({ role }) => role === "sum");
  const row = made.array("attn_head").values.subarray(made.token * made.T, (made.token + 1) * made.T);
  close(
    value,
    row.reduce((a, b) => a + b, 0),
  );
  assert.equal(text, "Σ = 1.000000");
});

test("the bars of the answer are the model's five, as long as they are probable", () => {
  const made = film();
  const objects = layout(made, 16, 1, SIZE);
  const bars = objects.filter(({ id }) => id.startsWith("bar/"));
  assert.deepEqual(
    bars.map(({ prob }) => prob),
    made.meta.top5.map(({ prob }) => prob),
  );
  for (const bar of bars) close(bar.w / bars[0].w, bar.prob / bars[0].prob);
  assert.deepEqual(
    objects.filter(({ id }) => id.startsWith("barname/")).map(({ text }) => text),
    made.meta.top5.map(({ label }) => label),
  );
});

test("where an export holds no weights and outputs, they come out of q, k and v", () => {
  const made = film({ without: ["attn_head", "head_out"] });
  const scores = scoresOf(made, 3);
  const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
  const weights = weightsOf(made, 3);
  weights.forEach((weight, key) => close(weight, Math.exp(scores[key]) / total, 1e-12));
  const v = made.array("v").values;
  let expected = 0;
  for (let key = 0; key < made.T; key += 1) expected += weights[key] * v[key * 4 + 2];
  close(headOut(made)[3 * 4 + 2], expected);
});

test("whole numbers with a scale per row come back as floats", () => {
  const made = film();
  made.parts.base.arrays.tokens = { values: Int8Array.of(127, -127, 64, 0), shape: [2, 2] };
  made.parts.base.arrays.tokens_scale = { values: Float32Array.of(2, 0.5), shape: [2] };
  const values = decoded(made.array("tokens"), made, "tokens");
  [2, -2, (64 * 0.5) / 127, 0].forEach((value, i) => close(values[i], value));
});

test("the one pixel and the one projected number are those of the patch", () => {
  const made = film({ grid: [2, 2], patch: [2, 2], selection: { token: 4 } });
  const image = made.array("image").values;
  const at = (row, col, c) => image[(row * 4 + col) * 3 + c];
  assert.deepEqual(
    middlePixel(made, 3).rgb,
    [0, 1, 2].map((c) => at(3, 3, c)),
  );
  const { sum, pixels } = projection(made, 3);
  close(pixels[0], (at(2, 2, 0) / 255 - 0.5) / 0.5);
  const filter = made.array("filter").values;
  let expected = 0;
  for (let c = 0; c < 3; c += 1)
    for (let r = 0; r < 2; r += 1)
      for (let x = 0; x < 2; x += 1)
        expected += ((at(2 + r, 2 + x, c) / 255 - 0.5) / 0.5) * filter[c * 4 + r * 2 + x];
  close(sum, expected, 1e-5);
});

test("rows fill the height, and a place leads back to its row", () => {
  for (const sizes of [
    { R: 0, N: 6, lead: 1 },
    { R: 1, N: 196, lead: 1 },
    { R: 5, N: 40, lead: 1 },
    { R: 2, N: 7, lead: 0 },
  ]) {
    const last = band(300, sizes.R + sizes.N - 1, sizes);
    close(last.start + last.size, 300, 1e-9);
    for (let token = sizes.lead ? 0 : sizes.R; token < sizes.R + sizes.N; token += 1) {
      const { start, size } = band(300, token, sizes);
      assert.equal(bandAt(300, start + size / 2, sizes), token);
    }
  }
});

test("tiles and cells stand side by side", () => {
  assert.deepEqual(tileBox({ x: 10, y: 20, w: 90, h: 40, rows: 2, cols: 3 }, 4), {
    x: 40,
    y: 40,
    w: 30,
    h: 20,
  });
  const cells = gridCells({ x: 0, y: 0, w: 320, h: 100 }, 3, 1, 10);
  assert.deepEqual(
    cells.map(({ x, w }) => [x, w]),
    [
      [0, 100],
      [110, 100],
      [220, 100],
    ],
  );
});

test("a range is recorded from its first moment to its last, a GIF in ten seconds at most", () => {
  assert.deepEqual(momentAt(5, 0, 1, [4, 2]), { scene: 1, t: 0.5 });
  assert.deepEqual(momentAt(99, 0, 1, [4, 2]), { scene: 1, t: 1 });
  assert.equal(secondsOf(1, 2, [4, 2, 3]), 5);
  for (const [from, to] of [
    [0, 17],
    [9, 9],
  ]) {
    const { moments, delay } = gifPlan(from, to, LENGTHS);
    assert.ok(moments.length * delay <= 10_000);
    assert.deepEqual(moments[0], { scene: from, t: 0 });
    assert.equal(moments.at(-1).scene, to);
    close(moments.at(-1).t, 1, 1e-9);
  }
  assert.equal(LENGTHS.length, SCENES.length);
});

test("what is posted can be unpacked", async () => {
  const blob = pack({ frame_000: Uint8Array.of(1, 2, 3), frame_001: Uint8Array.of(9) }, { delay_ms: 100 });
  const { meta, arrays } = unpack(await blob.arrayBuffer());
  assert.deepEqual(meta, { delay_ms: 100 });
  assert.deepEqual([...arrays.frame_000.values], [1, 2, 3]);
  assert.deepEqual([...arrays.frame_001.values], [9]);
});

test("words on stage stand out from both themes' pages", () => {
  for (const [background, text] of [
    [
      [252, 251, 248],
      [29, 31, 36],
    ],
    [
      [21, 22, 26],
      [236, 235, 230],
    ],
  ]) {
    const { colors } = themeOf(background, text, {});
    for (const name of ["text", "quiet", "cls", "position", "query", "key", "value", "attention"]) {
      const [light, dark] = [parseColor(colors[name]), background].map(luminance).sort((a, b) => b - a);
      const contrast = (light + 0.05) / (dark + 0.05);
      assert.ok(contrast >= 4.5, `${name} on ${background}: ${contrast.toFixed(2)}`);
    }
  }
});

test("a head's rows are its own part of the layer's, the prefix first", () => {
  const made = film();
  const rows = headRows(made, 1);
  const { T, N, R } = made;
  const { values: prefix } = made.array("attn_prefix");
  for (const [query, patch] of [[0, 0], [3, 5], [T - 1, N - 1]]) {
    const code = ((T + query) * N + patch) % 256;
    close(rows.at(query, R + patch), 0.5 * (code / 255) ** 2);
    assert.equal(rows.at(query, 0), prefix[(T + query) * R]);
  }
});
