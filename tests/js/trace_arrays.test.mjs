// Numbers that did not come: they can be asked for again, and are when the reader or the network is back.
import assert from "node:assert/strict";
import test from "node:test";
import { TraceArrays } from "../../vit_viz/components/browser/attention/trace_arrays.js";

const HEAD = { layer: 1, head: 2 };
const FAILED = { ...HEAD, arrays: null, note: "The app does not answer." };
const FOUND = { ...HEAD, arrays: { attn: 1 }, note: "" };

/** Arrays of a source that fails until it is mended; `told` is the numbers at each arrival. */
function setUp(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.window = new EventTarget();
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const state = { broken: true, asked: 0, told: [] };
  const source = {
    async head() {
      state.asked += 1;
      if (state.broken) throw new Error(FAILED.note);
      return { arrays: FOUND.arrays };
    },
    close() {},
  };
  const sizes = { depth: 12, numHeads: 3, numTokens: 5 };
  const arrays = new TraceArrays(source, sizes, { numbers: () => state.told.push(arrays.numbers) });
  const rest = async () => {
    t.mock.timers.tick(100);
    await new Promise(setImmediate);
  };
  return { arrays, state, rest };
}

async function failed(t) {
  const all = setUp(t);
  all.arrays.wantNumbers(HEAD);
  await all.rest();
  assert.deepEqual(all.state.told, [FAILED]);
  return all;
}

test("the next wish for numbers that did not come asks again, and the note stays until they are here", async (t) => {
  const { arrays, state, rest } = await failed(t);
  state.broken = false;
  arrays.wantNumbers({ ...HEAD });
  assert.deepEqual(arrays.numbers, FAILED);
  await rest();
  assert.deepEqual(arrays.numbers, FOUND);
  arrays.wantNumbers({ ...HEAD });
  await rest();
  assert.equal(state.asked, 2);
});

test("another head's numbers do not wait behind the note", async (t) => {
  const { arrays } = await failed(t);
  arrays.wantNumbers({ layer: 0, head: 2 });
  assert.equal(arrays.numbers, null);
});

for (const [what, place] of [["online", "window"], ["visibilitychange", "document"]]) {
  test(`${what} asks again for what did not come, and for nothing else`, async (t) => {
    const { arrays, state, rest } = await failed(t);
    const happens = async (visibility) => {
      globalThis.document.visibilityState = visibility;
      globalThis[place].dispatchEvent(new Event(what));
      await rest();
    };
    await happens("hidden");
    assert.equal(state.asked, 1);
    await happens("visible");
    assert.equal(state.asked, 2);
    state.broken = false;
    await happens("visible");
    assert.deepEqual(arrays.numbers, FOUND);
    await happens("visible");
    assert.equal(state.asked, 3);
  });
}

test("once closed, nothing is asked for", async (t) => {
  const { arrays, state, rest } = await failed(t);
  arrays.close();
  globalThis.window.dispatchEvent(new Event("online"));
  await rest();
  assert.equal(state.asked, 1);
});
