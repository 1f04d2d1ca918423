import assert from "node:assert/strict";
import test from "node:test";
import { four, fullColour, largestSize, largestTerms, row, signed, sumTerms } from "../../vit_viz/components/browser/shared/row_arithmetic.js";

test("rows of a matrix are views of it", () => {
  const matrix = Float32Array.of(1, 2, 3, 4, 5, 6);
  assert.deepEqual([...row(matrix, 2, 1)], [3, 4]);
  assert.equal(row(matrix, 2, 1).buffer, matrix.buffer);
});

test("an output number is the sum of weight times value over the keys", () => {
  const { terms, total } = sumTerms(Float32Array.of(0.5, 0.25, 0.25), Float32Array.of(1, 0, 0, 2, 4, 4), 2, 0);
  assert.deepEqual([...terms], [0.5, 0, 1]);
  assert.equal(total, 1.5);
});

test("the largest terms are those of largest size, of equal ones the earlier", () => {
  assert.deepEqual(largestTerms([1, -5, 3, -3], 3), [1, 2, 3]);
});

test("scales never are 0", () => {
  assert.equal(largestSize([1, -4], [3]), 4);
  assert.equal(largestSize([0, 0]), 1);
  assert.equal(fullColour(new Float32Array(10)), 1);
});

test("one outlier in a thousand does not set the scale", () => {
  const values = Float32Array.from({ length: 1000 }, () => -2);
  values[5] = 900;
  assert.equal(fullColour(values), 2);
});

test("four digits, whatever the size", () => {
  const written = [0.123456, -12.3456, 1234.56, 0, 0.00012346, 0.000012345, -123456.7].map(four);
  assert.deepEqual(written, ["0.1235", "−12.35", "1235", "0.000", "0.0001235", "1.23450·10⁻⁵", "−123457"]);
  assert.equal(signed(-0.5), "− 0.5000");
  assert.equal(signed(0.5), "+ 0.5000");
});
