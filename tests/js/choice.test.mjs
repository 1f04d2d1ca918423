import assert from "node:assert/strict";
import test from "node:test";
import { Choice } from "../../vit_viz/components/browser/attention/choice.js";

function choice(changes = {}) {
  const made = new Choice();
  made.start({ numTokens: 5, depth: 3, numHeads: 2 }, { token: 9, layer: 1, head: 7 });
  Object.assign(made.state, changes);
  return made;
}

test("another trace brings the selection within its sizes and lets go of what was pointed at", () => {
  const made = choice();
  assert.deepEqual([made.state.token, made.state.layer, made.state.head], [4, 1, 1]);
  made.hovered = 2;
  made.state.cell = { query: 1, key: 2 };
  made.start({ numTokens: 2, depth: 1, numHeads: 1 }, { token: 0, layer: 0, head: 0 });
  assert.deepEqual([made.hovered, made.hoveredCell, made.state.cell], [null, null, null]);
});

test("the pointer chooses the token, unless one is pinned: then its weight is read", () => {
  const free = choice({ token: 1 });
  free.hovered = 3;
  assert.deepEqual([free.current, free.target], [3, null]);
  const pinned = choice({ token: 1, pinned: true });
  pinned.hovered = 3;
  assert.deepEqual([pinned.current, pinned.target], [1, 3]);
});

test("a cell's ends are query and key, by the direction", () => {
  const to = choice({ cell: { query: 1, key: 2 }, token: 1 });
  assert.deepEqual([to.current, to.target], [1, 2]);
  const by = choice({ cell: { query: 1, key: 2 }, token: 2, direction: "by" });
  assert.deepEqual([by.current, by.target], [2, 1]);
  to.hoveredCell = { query: 3, key: 4 };
  assert.deepEqual([to.current, to.target, to.cell.key], [3, 4, 4]);
  assert.deepEqual(by.cellOf(2, 0), { query: 0, key: 2 });
});

test("the cross-hair steps within the matrix, from the open cell or the token's own", () => {
  assert.deepEqual(choice({ token: 4 }).stepped(1, -1), { query: 4, key: 3 });
  assert.deepEqual(choice({ cell: { query: 0, key: 2 } }).stepped(-1, 1), { query: 0, key: 3 });
});

test("a mean has no head and no scores of its own", () => {
  const one = choice({ matrix: "before" });
  assert.deepEqual([one.headName, one.isBefore], [1, true]);
  const mean = choice({ matrix: "before", heads: "mean" });
  assert.deepEqual([mean.headName, mean.isBefore], ["mean", false]);
});
