// Run by tests/unit/test_javascript.py, which packs the files; TRACE_FOLDER says where.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import * as measures from "../../vit_viz/components/browser/shared/measures.js";
import { TokenGrid } from "../../vit_viz/components/browser/shared/tokens.js";
import { unpack } from "../../vit_viz/components/browser/shared/unpack.js";

const folder = process.env.TRACE_FOLDER;
const read = (name) => new Uint8Array(readFileSync(`${folder}/${name}`));
const skip = folder ? false : "TRACE_FOLDER is not set";

test("every type comes back, from any place in a larger buffer", { skip }, () => {
  const blob = read("types.bin");
  const shifted = new Uint8Array(blob.length + 3);
  shifted.set(blob, 3);
  for (const source of [blob, shifted.subarray(3)]) {
    const { meta, arrays } = unpack(source);
    assert.deepEqual(meta, { title: "tête" });
    assert.deepEqual(Array.from(arrays.uint8.values), [0, 1, 255]);
    assert.deepEqual(Array.from(arrays.int32.values), [-5, 7]);
    assert.deepEqual(Array.from(arrays.float64.values), [Math.PI]);
    assert.deepEqual(arrays.float32.shape, [2, 3]);
    assert.deepEqual(Array.from(arrays.float32.values), [0, 0.5, 1, 1.5, 2, 2.5]);
  }
});

test("another file is refused", () => assert.throws(() => unpack(new Uint8Array(16)), /begins with VVZ1/));

test("measures and the arithmetic agree with numpy on a real head", { skip }, () => {
  const { arrays } = unpack(read("head.bin"));
  const expected = JSON.parse(readFileSync(`${folder}/expected.json`, "utf8"));
  const {
    values: attn,
    shape: [T],
  } = arrays.attn;
  const tokens = new TokenGrid(expected.tokens);
  for (const { token, entropy, prefixMass, distance, strongest, terms } of expected.rows) {
    const row = attn.subarray(token * T, (token + 1) * T);
    const near = (found, value) =>
      assert.ok(Math.abs(found - value) <= 1e-9 * Math.max(1, Math.abs(value)), `${found} is not ${value}`);
    near(measures.entropy(row), entropy);
    near(measures.mass(row, tokens.numPrefix), prefixMass);
    if (distance !== null) near(measures.rowDistance(row, token, tokens), distance);
    assert.deepEqual(measures.strongestFew(row, 5), strongest);
    const found = measures.weightTerms(
      arrays.q.values,
      arrays.k.values,
      arrays.q.shape[1],
      token,
      strongest[1],
    );
    near(found.sum, terms.dot);
    near(found.denominator, terms.denominator);
    near(found.weight, terms.weight);
    assert.equal(found.weight.toFixed(5), row[strongest[1]].toFixed(5));
  }
});
