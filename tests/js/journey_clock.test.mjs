// The reader owns the clock: hand-worked moves of {scene, t}.
import assert from "node:assert/strict";
import test from "node:test";
import * as clock from "../../vit_viz/components/browser/journey/clock.js";

const LENGTHS = [4, 2, 10];
const near = (a, b) => {
  assert.equal(a.scene, b.scene);
  assert.ok(Math.abs(a.t - b.t) < 1e-12, `${a.t} is not ${b.t}`);
};

test("time runs by the scene's own length, and stops at its end", () => {
  near(clock.advance({ scene: 0, t: 0 }, 1, LENGTHS, false), { scene: 0, t: 0.25 });
  near(clock.advance({ scene: 2, t: 0.5 }, 1, LENGTHS, false), { scene: 2, t: 0.6 });
  near(clock.advance({ scene: 0, t: 0.5 }, 60, LENGTHS, false), { scene: 0, t: 1 });
});

test("played through, it goes on from scene to scene and stops at the very end", () => {
  near(clock.advance({ scene: 0, t: 0.5 }, 3, LENGTHS, true), { scene: 1, t: 0.5 });
  near(clock.advance({ scene: 0, t: 0 }, 7, LENGTHS, true), { scene: 2, t: 0.1 });
  near(clock.advance({ scene: 0, t: 0 }, 60, LENGTHS, true), { scene: 2, t: 1 });
});

test("playing from a scene's end begins the next, from the very end the first", () => {
  assert.deepEqual(clock.playFrom({ scene: 0, t: 1 }, 3), { scene: 1, t: 0 });
  assert.deepEqual(clock.playFrom({ scene: 1, t: 0.4 }, 3), { scene: 1, t: 0.4 });
  assert.deepEqual(clock.playFrom({ scene: 2, t: 1 }, 3), { scene: 0, t: 0 });
});

test("steps go to the next stop and back to the last, where the picture is what the words say", () => {
  const stops = [[1], [0.4, 1], [1]];
  const there = (scene, t, by) => {
    const place = clock.step({ scene, t }, by, stops);
    return [place.scene, place.t];
  };
  assert.deepEqual(there(0, 0, 1), [0, 1]);
  assert.deepEqual(there(0, 1, 1), [1, 0.4]);
  assert.deepEqual(there(1, 0.3, 1), [1, 0.4]);
  assert.deepEqual(there(1, 0.4, 1), [1, 1]);
  assert.deepEqual(there(1, 1, 1), [2, 1]);
  assert.deepEqual(there(2, 1, 1), [2, 1]);
  assert.deepEqual(there(2, 1, -1), [1, 1]);
  assert.deepEqual(there(2, 0, -1), [1, 0.4]); // the picture of (1, 1), so that a step back is seen
  assert.deepEqual(there(1, 1, -1), [1, 0.4]);
  assert.deepEqual(there(1, 0.4, -1), [0, 1]);
  assert.deepEqual(there(1, 0, -1), [0, 0]);
  assert.deepEqual(there(0, 1, -1), [0, 0]);
  assert.deepEqual(there(0, 0, -1), [0, 0]);
});

test("a link keeps the scene that is told, at its end too", () => {
  assert.equal(clock.toLink({ scene: 9, t: 0.4 }), 9.4);
  assert.equal(clock.toLink({ scene: 9, t: 1 }), 9.99);
  assert.equal(clock.toLink({ scene: 9, t: 0.999 }), 9.99);
  assert.deepEqual(clock.fromLink(9.4, 18), { scene: 9, t: 0.4 });
  assert.deepEqual(clock.fromLink(9.99, 18), { scene: 9, t: 1 });
  assert.deepEqual(clock.fromLink(10, 18), { scene: 10, t: 0 });
  for (const wrong of [NaN, undefined, -3]) assert.deepEqual(clock.fromLink(wrong, 18), { scene: 0, t: 0 });
  assert.deepEqual(clock.fromLink(99, 18), { scene: 17, t: 1 });
});

test("wheel and swipe cross boundaries and end at both ends", () => {
  near(clock.nudge({ scene: 0, t: 0.75 }, 0.5, 3), { scene: 1, t: 0.25 });
  near(clock.nudge({ scene: 1, t: 0.25 }, -0.5, 3), { scene: 0, t: 0.75 });
  assert.deepEqual(clock.nudge({ scene: 2, t: 1 }, 0.5, 3), { scene: 2, t: 1 });
  assert.deepEqual(clock.nudge({ scene: 0, t: 0 }, -0.5, 3), { scene: 0, t: 0 });
});

test("without motion a scene is a few stills", () => {
  const shown = [0, 0.1, 0.25, 0.6, 0.99, 1].map((t) => clock.stills({ scene: 3, t }).t);
  assert.deepEqual(shown, [0, 0, 0.25, 0.5, 0.75, 1]);
});
