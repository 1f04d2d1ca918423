// The clock at work: what is told to Python, and that no answer of Python's throws the reader back.
import assert from "node:assert/strict";
import test from "node:test";
import { Timeline } from "../../vit_viz/components/browser/journey/timeline.js";

const LENGTHS = [4, 2, 10];
const STOPS = [[1], [1], [0.3, 1]];

/** A timeline with a frame clock and timers that run by hand. */
function setUp(t, { calm = false } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const waiting = [];
  let now = 0;
  globalThis.requestAnimationFrame = (act) => waiting.push(act);
  globalThis.cancelAnimationFrame = () => {
    waiting.length = 0;
  };
  const timeline = new Timeline(LENGTHS, STOPS, {
    moved() {},
    settled: (link) => told.push(link),
    calm: () => calm,
  });
  const frames = (count, ms) => {
    for (let i = 0; i < count; i += 1) {
      now += ms;
      for (const act of waiting.splice(0)) act(now);
    }
  };
  return { timeline, told, frames, rest: () => t.mock.timers.tick(1000) };
}

test("an answer to an older place never moves the reader", (t) => {
  const { timeline, told, rest } = setUp(t);
  timeline.open(0);
  for (const place of [1.3, 2.4]) {
    timeline.scrub(place);
    rest();
  }
  assert.deepEqual(told, [1.3, 2.4]);
  timeline.obey(1.3);
  assert.deepEqual(timeline.place, { scene: 2, t: 2.4 - 2 });
  timeline.obey(2.4);
  assert.deepEqual(timeline.place, { scene: 2, t: 2.4 - 2 });
});

test("a place that was never told is news, and moves the reader", (t) => {
  const { timeline, rest } = setUp(t);
  timeline.open(0);
  timeline.scrub(1.3);
  rest();
  timeline.obey(2.5);
  assert.deepEqual(timeline.place, { scene: 2, t: 0.5 });
});

test("a link to a scene shows it, not the end of the one before", (t) => {
  const { timeline, told, rest } = setUp(t);
  timeline.open(2);
  assert.deepEqual(timeline.place, { scene: 2, t: 0.3 });
  timeline.obey(1);
  assert.deepEqual(timeline.place, { scene: 1, t: 1 });
  timeline.open(0);
  assert.deepEqual(timeline.place, { scene: 0, t: 0 });
  timeline.scrub(2);
  rest();
  assert.deepEqual(told, [2]);
  timeline.obey(2);
  assert.deepEqual(timeline.place, { scene: 2, t: 0 });
});

test("places told are the numbers that come back: two decimals, as Python reads them", (t) => {
  const { timeline, told, rest } = setUp(t);
  const links = [0, 1, 2].flatMap((scene) => Array.from({ length: 100 }, (_, i) => `${scene}.${i}`));
  for (const link of links) {
    timeline.scrub(Number(link));
    rest();
  }
  for (const link of told) assert.equal(link, Number(link.toFixed(2)));
});

test("going back twice at once sweeps over the scenes between, never beyond their ends", (t) => {
  const { timeline, frames } = setUp(t);
  timeline.open(2.5);
  timeline.step(-1);
  timeline.step(-1);
  const seen = [];
  for (let i = 0; i < 30; i += 1) {
    frames(1, 50);
    seen.push({ ...timeline.place });
  }
  assert.ok(seen.every((place) => place.t >= 0 && place.t <= 1), JSON.stringify(seen));
  const numbers = seen.map((place) => place.scene + place.t);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => b - a));
  assert.deepEqual(seen.at(-1), timeline.place);
  assert.ok(numbers[0] > 2 && numbers.at(-1) === 2);
  assert.deepEqual(timeline.place, { scene: 1, t: 1 });
});

test("a jump shows its scene to the first stop", (t) => {
  const { timeline, told, frames, rest } = setUp(t);
  timeline.open(0);
  timeline.jump(2);
  assert.deepEqual(timeline.place, { scene: 2, t: 0 });
  frames(20, 100);
  rest();
  assert.deepEqual(timeline.place, { scene: 2, t: 0.3 });
  assert.deepEqual(told, [2.3]);
});

test("while it plays nothing is told; where it stops, that place is", (t) => {
  const { timeline, told, frames, rest } = setUp(t);
  timeline.open(0);
  timeline.toggle();
  frames(31, 100);
  rest();
  assert.deepEqual(told, []);
  timeline.toggle();
  rest();
  assert.deepEqual(told, [0.75]);
});

test("it stops at the end of a scene, and played through at the very end", (t) => {
  const { timeline, frames } = setUp(t);
  timeline.open(0);
  timeline.toggle();
  frames(60, 100);
  assert.deepEqual(timeline.place, { scene: 0, t: 1 });
  assert.equal(timeline.playing, false);
  timeline.through = true;
  timeline.speed = 4;
  timeline.toggle();
  frames(60, 100);
  assert.deepEqual(timeline.place, { scene: 2, t: 1 });
  assert.equal(timeline.playing, false);
});

test("a step is seen on its way, or a cut for readers who want no motion", (t) => {
  const seen = setUp(t);
  seen.timeline.open(1.5);
  seen.timeline.step(1);
  assert.equal(seen.timeline.moving, true);
  seen.frames(6, 100);
  const halfway = seen.timeline.place.t;
  assert.ok(halfway > 0.5 && halfway < 1, String(halfway));
  seen.frames(10, 100);
  assert.deepEqual(seen.timeline.place, { scene: 1, t: 1 });
  t.mock.timers.reset();
  const cut = setUp(t, { calm: true });
  cut.timeline.open(1.5);
  cut.timeline.step(1);
  assert.deepEqual(cut.timeline.place, { scene: 1, t: 1 });
});

test("a tab that slept does not leap", (t) => {
  const { timeline, frames } = setUp(t);
  timeline.open(0);
  timeline.toggle();
  frames(1, 100);
  frames(1, 60_000);
  assert.deepEqual(timeline.place, { scene: 0, t: 0.1 / 4 });
});
