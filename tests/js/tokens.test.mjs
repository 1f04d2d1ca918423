import assert from "node:assert/strict";
import test from "node:test";
import { TokenGrid } from "../../vit_viz/components/browser/shared/tokens.js";

const grid = (prefixNames, rows = 3, cols = 4) =>
  new TokenGrid({ grid: [rows, cols], patchSize: [16, 8], prefixNames });

test("tokens count prefix first, rows and columns from 1 on screen", () => {
  const tokens = grid(["CLS", "REG 1"]);
  assert.equal(tokens.numTokens, 14);
  assert.equal(tokens.label(0), "CLS");
  assert.equal(tokens.label(2), "patch (1, 1)");
  assert.equal(tokens.label(13), "patch (3, 4)");
  assert.equal(tokens.spoken(6), "patch in row 2, column 1");
  assert.equal(tokens.at(2, 3), 13);
});

test("distance is in pixels of patches that are not square", () => {
  const tokens = grid([]);
  assert.equal(tokens.distance(0, 1), 8);
  assert.equal(tokens.distance(0, 4), 16);
  assert.equal(tokens.distance(0, 11), Math.hypot(32, 24));
});

test("arrows stop at the edges of the photo", () => {
  const tokens = grid([]);
  assert.equal(tokens.walk(0, "ArrowLeft"), 0);
  assert.equal(tokens.walk(0, "ArrowUp"), 0);
  assert.equal(tokens.walk(3, "ArrowRight"), 3);
  assert.equal(tokens.walk(11, "ArrowDown"), 11);
  assert.equal(tokens.walk(5, "ArrowDown"), 9);
  assert.equal(tokens.walk(6, "Home"), 4);
  assert.equal(tokens.walk(5, "End"), 7);
});

test("left of the photo stand the prefix tiles", () => {
  const tokens = grid(["CLS", "REG 1"]);
  assert.equal(tokens.walk(2, "ArrowLeft"), 0);
  assert.equal(tokens.walk(10, "ArrowLeft"), 1);
  assert.equal(tokens.walk(0, "ArrowDown"), 1);
  assert.equal(tokens.walk(1, "ArrowDown"), 1);
  assert.equal(tokens.walk(1, "ArrowRight"), 6);
  assert.equal(tokens.walk(0, "ArrowLeft"), 0);
});

test("every token is reached by walking from any other", () => {
  const tokens = grid(["CLS", "DIST"], 2, 3);
  const reached = new Set([0]);
  for (const token of reached) {
    for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"])
      reached.add(tokens.walk(token, key));
  }
  assert.equal(reached.size, tokens.numTokens);
});
