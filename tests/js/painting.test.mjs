import assert from "node:assert/strict";
import test from "node:test";
import { AttentionMaps, TokenLines } from "../../vit_viz/components/browser/attention/attention_maps.js";
import { formatNumber, formatWeight, sumSign } from "../../vit_viz/components/browser/shared/numbers.js";
import { isDark, luminance, parseColor, ramps } from "../../vit_viz/components/browser/shared/ramps.js";
import { sharedTop, signedTone, tone } from "../../vit_viz/components/browser/shared/tone.js";
import { WeightRows } from "../../vit_viz/components/browser/shared/weight_rows.js";

// two layers of one head over CLS and two patches; rows sum to 1
const ATTN = [
  [
    [0.5, 0.25, 0.25],
    [0.1, 0.8, 0.1],
    [0.2, 0.2, 0.6],
  ],
  [
    [0, 1, 0],
    [0.6, 0.4, 0],
    [0.25, 0.25, 0.5],
  ],
];
const SIZES = { depth: 2, numHeads: 1, numTokens: 3 };

function payload() {
  const rows = ATTN.flat();
  const scale = rows.map((row) => Math.max(...row.slice(1)));
  const codes = rows.flatMap((row, i) => row.slice(1).map((weight) => Math.round(Math.sqrt(weight / scale[i]) * 255)));
  const array = (Type, values, shape) => ({ values: Type.from(values), shape });
  return {
    meta: { first: 0 },
    arrays: {
      codes: array(Uint8Array, codes, [2, 1, 3, 2]),
      scale: array(Float32Array, scale, [2, 1, 3]),
      prefix: array(
        Float32Array,
        rows.map((row) => row[0]),
        [2, 1, 3, 1],
      ),
      column_top: array(
        Float32Array,
        ATTN.flatMap((layer) => [0, 1, 2].map((key) => Math.max(layer[1][key], layer[2][key]))),
        [2, 1, 3],
      ),
    },
  };
}

function lines(token, direction) {
  const maps = new AttentionMaps(SIZES);
  maps.add(payload());
  const found = new TokenLines(SIZES);
  found.fill(maps, token, direction);
  return found;
}

const near = (found, expected) =>
  found.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]) < 0.003, `${found} is not ${expected}`),
  );

test("a token's row is what it attends to, its column who attends to it", () => {
  near(lines(2, "to").line(1, 0), [0.25, 0.25, 0.5]);
  near(lines(1, "by").line(1, 0), [1, 0.4, 0.25]);
  near(lines(0, "by").line(0, 0), [0.5, 0.1, 0.2]);
});

test("tops are of patches only, and exact", () => {
  assert.equal(lines(0, "to").tops[0], 0.25);
  assert.equal(lines(0, "by").tops[1], Math.fround(0.6));
});

test("a layer that has not arrived stays unknown", () => {
  const found = new TokenLines(SIZES);
  found.fill(new AttentionMaps(SIZES), 0, "to");
  assert.deepEqual(Array.from(found.known), [0, 0]);
  assert.equal(found.sharedTop, 1);
});

test("rows quantised here read back, the prefix and the largest of each row exactly", () => {
  const rows = WeightRows.of(Float32Array.from(ATTN.flat(2)), 3, 1);
  ATTN.flat().forEach((weights, row) => {
    const found = new Float32Array(4);
    rows.read(row, found, 1);
    near(found.subarray(1), weights);
    assert.equal(rows.at(row, 0), Math.fround(weights[0]));
    assert.equal(rows.largest(row), Math.fround(Math.max(...weights)));
  });
  assert.equal(rows.slice(3, 6).at(1, 0), Math.fround(0.6));
  assert.deepEqual([...rows.slice(3, 6).scale], [...rows.scale.subarray(3)]);
});

test("a patch that gets a thousandth of the largest weight is seen beside a CLS that gets all but everything", () => {
  const weights = Float32Array.from([0.99, 0.005, 0.000005, 0]);
  const rows = WeightRows.of(weights, 4, 1);
  assert.ok(Math.abs(rows.at(0, 2) / weights[2] - 1) < 0.07);
  assert.equal(rows.at(0, 3), 0);
  assert.equal(WeightRows.of(new Float32Array(3), 3, 0).at(0, 1), 0);
});

test("tones: linear, logarithmic over three decades, and clamped", () => {
  assert.deepEqual(
    [0, 0.5, 1, 2].map((weight) => tone(weight, 1, "linear")),
    [0, 128, 255, 255],
  );
  assert.deepEqual(
    [1, 0.1, 0.001, 1e-9, 0].map((weight) => tone(weight, 1, "log")),
    [255, 170, 0, 0, 0],
  );
  assert.deepEqual(
    [-2, -1, 0, 1].map((value) => signedTone(value, 1)),
    [0, 0, 128, 255],
  );
  assert.equal(tone(0.5, 0, "linear"), 0);
});

test("a shared scale ends at the median map's peak, rounded up to 1, 2 or 5", () => {
  assert.equal(sharedTop([0.9, 0.03, 0.04]), 0.05);
  assert.equal(sharedTop([0.1]), 0.1);
  assert.equal(sharedTop([0.0113, 0.0113]), 0.02);
  assert.equal(sharedTop([]), 1);
});

test("ramps run from the page to purple: darker in the light theme, brighter in the dark one", () => {
  for (const background of ["#FBFAF6", "#0F1115"]) {
    const page = parseColor(background);
    const { attention } = ramps(page);
    const light = Array.from(attention, (word) =>
      luminance([word & 255, (word >> 8) & 255, (word >> 16) & 255]),
    );
    const way = isDark(page) ? 1 : -1;
    for (let i = 1; i < 256; i += 1)
      assert.ok((light[i] - light[i - 1]) * way > -0.004, `tone ${i} on ${background}`);
    assert.ok(Math.abs(light[255] - light[0]) > 0.5);
  }
});

test("signed ramps are the page's ground in the middle", () => {
  const { signed, attention } = ramps([255, 255, 255]);
  const channels = (word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255];
  channels(signed[128]).forEach((value, i) => assert.ok(Math.abs(value - channels(attention[0])[i]) <= 2));
  assert.deepEqual(channels(signed[0]), [0, 114, 178]);
  assert.deepEqual(channels(signed[255]), [213, 94, 0]);
});

test("numbers of a concept are grey below zero and in its own colour above", () => {
  const channels = (word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255];
  const marks = { query: [0, 114, 178], key: [213, 94, 0], value: [0, 158, 115], product: [204, 121, 167] };
  for (const page of [[255, 255, 255], [15, 17, 21]]) {
    const all = ramps(page);
    for (const [name, mark] of Object.entries(marks)) {
      assert.deepEqual(channels(all[name][255]), mark);
      const [r, g, b] = channels(all[name][0]);
      assert.ok(Math.abs(r - g) < 6 && Math.abs(g - b) < 6);
    }
  }
});

test("colours as browsers write them", () => {
  assert.deepEqual(parseColor("rgb(1, 2, 3)"), [1, 2, 3]);
  assert.deepEqual(parseColor("rgba(1, 2, 3, 0.5)"), [1, 2, 3]);
  assert.throws(() => parseColor("transparent"), /is not a colour/);
});

test("numbers as they are written", () => {
  assert.equal(formatWeight(0.0404123), "0.040412");
  assert.equal(formatWeight(0.00012346), "1.235·10⁻⁴");
  assert.equal(formatWeight(0), "0");
  assert.equal(formatNumber(-21.37604), "−21.3760");
  assert.equal(formatNumber(14469000), "1.44690·10⁷");
});

test("a printed sum is called equal where its printed terms add up, and about equal where rounding shows", () => {
  assert.equal(sumSign(["0.300", "0.125"], "0.425"), "=");
  assert.equal(sumSign(["0.300", "(−0.125)"], "0.175"), "=");
  assert.equal(sumSign(["0.301", "(−0.125)"], "0.175"), "≈");
  assert.equal(sumSign(["12.34", "+ 0.1234"], "12.46"), "="); // rounded as its sum is
  assert.equal(sumSign(["12.34", "− 0.1234"], "12.23"), "≈");
  assert.equal(sumSign(["0.001", "(−0.001)"], "−0.000"), "=");
  assert.equal(sumSign(["1.000", "2.300·10⁻⁵"], "1.000"), "≈");
});
