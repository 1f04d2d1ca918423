import assert from "node:assert/strict";
import test from "node:test";
import { attentionCost, carriedOver, cutInto, elementAt, patchNumbers, walk, withAlpha } from "../../vit_viz/components/browser/patches/patch_cut.js";

const side = { height: 224, width: 224 };

test("whole patches are counted, and what is left over", () => {
  assert.deepEqual(cutInto(side, [16, 16]), { rows: 14, cols: 14, high: 16, wide: 16, count: 196, unread: [0, 0] });
  const odd = cutInto({ height: 70, width: 100 }, [32, 32]);
  assert.deepEqual([odd.rows, odd.cols, odd.count, odd.unread], [2, 3, 6, [6, 4]]);
});

test("attention over patches against attention over pixels", () => {
  const cost = attentionCost(side, cutInto(side, [16, 16]), 0);
  assert.deepEqual(cost, { tokens: 196, pairs: 38416, pixels: 50176, pixelPairs: 2517630976, times: 65536 });
  assert.equal(attentionCost(side, cutInto(side, [8, 8]), 0).times, 4096);
  const withClass = attentionCost(side, cutInto(side, [16, 16]), 1);
  assert.deepEqual([withClass.tokens, withClass.pairs, withClass.pixels], [197, 38809, 50177]);
  assert.equal(withClass.times, 50177 ** 2 / 38809);
});

test("numbers become opaque pixels, one after another", () => {
  assert.deepEqual([...withAlpha(Uint8Array.of(1, 2, 3, 4, 5, 6))], [1, 2, 3, 255, 4, 5, 6, 255]);
});

test("numbers come plane by plane, row by row, and an index says where from", () => {
  // 2 × 4 pixels, RGBA; R counts from 0, G from 100, B from 200
  const pixels = Uint8Array.from({ length: 32 }, (_, i) => (i % 4 === 3 ? 255 : Math.floor(i / 4) + 100 * (i % 4)));
  const cut = cutInto({ height: 2, width: 4 }, [2, 2]);
  const numbers = patchNumbers({ pixels, width: 4 }, cut, 1);
  assert.deepEqual([...numbers], [2, 3, 6, 7, 102, 103, 106, 107, 202, 203, 206, 207]);
  assert.deepEqual(elementAt(cut, 6), { channel: 1, y: 1, x: 0 });
  assert.equal(numbers[6], 106);
});

test("a patch keeps its place when the size changes", () => {
  const [small, large] = [cutInto(side, [8, 8]), cutInto(side, [32, 32])];
  assert.equal(carriedOver(2 * 7 + 4, large, small), 10 * 28 + 18); // middle (80, 144) is in row 10, column 18
  assert.equal(carriedOver(11 * 28 + 19, small, large), 2 * 7 + 4);
  const odd = cutInto({ height: 70, width: 100 }, [32, 32]);
  assert.equal(carriedOver(99, cutInto({ height: 70, width: 100 }, [7, 10]), odd), 5); // beyond the last whole patch
});

test("arrows stop at the edges", () => {
  const cut = cutInto(side, [16, 16]);
  assert.equal(walk(cut, 0, "ArrowLeft"), 0);
  assert.equal(walk(cut, 13, "ArrowRight"), 13);
  assert.equal(walk(cut, 20, "ArrowDown"), 34);
  assert.equal(walk(cut, 20, "End"), 195);
  assert.equal(walk(cut, 20, "x"), null);
});
