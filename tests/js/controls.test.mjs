import assert from "node:assert/strict";
import { test } from "node:test";

import { onRange } from "../../vit_viz/components/browser/shared/controls.js";

/** A range input as the browser drives it: the finger comes down, moves it, and lifts or scrolls away. */
class Range extends EventTarget {
  value = "12";

  drag(values, end) {
    this.dispatchEvent(new Event("pointerdown"));
    for (const value of values) {
      this.value = value;
      this.dispatchEvent(new Event("input"));
    }
    this.dispatchEvent(new Event(end));
  }
}

function told(drag) {
  const [input, values] = [new Range(), []];
  onRange(input, (value) => values.push(value));
  drag(input);
  return { values, left: input.value };
}

test("a slider that is dragged keeps what it is dragged to", () => {
  assert.deepEqual(told((input) => input.drag(["8", "4"], "pointerup")), { values: [8, 4], left: "4" });
});

test("a swipe that scrolls the page leaves the slider where it was", () => {
  assert.deepEqual(told((input) => input.drag(["4"], "pointercancel")), { values: [4, 12], left: "12" });
});

test("a touch that moved nothing tells nothing when it is taken back", () => {
  assert.deepEqual(told((input) => input.drag([], "pointercancel")), { values: [], left: "12" });
});
