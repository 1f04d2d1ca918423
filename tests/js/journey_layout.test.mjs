// One film: at every boundary of scenes the same things stand in the same places, and nothing leaps in between.
import assert from "node:assert/strict";
import test from "node:test";
import { hit } from "../../vit_viz/components/browser/journey/hit.js";
import { places } from "../../vit_viz/components/browser/journey/places.js";
import { SCENES, layout } from "../../vit_viz/components/browser/journey/scenes.js";
import { tileBox } from "../../vit_viz/components/browser/journey/geometry.js";
import { FILMS, film } from "./journey_film.mjs";

const SIZES = [
  { width: 1080, height: 520 },
  { width: 340, height: 450 },
];
const IDS =
  "batch picture patches flatten projection embedded cls position qkv scores softmax mix heads residual mlp layers answer training".split(
    " ",
  );
const BOX = ["x", "y", "w", "h", "x2", "y2", "gap", "lead", "upTo"];

const shown = (objects) => objects.filter(({ alpha }) => alpha > 0);
const moments = Array.from({ length: 41 }, (_, i) => i / 40);

function each(check) {
  for (const [name, options] of Object.entries(FILMS)) {
    for (const size of SIZES) check(film(options), size, `${name}, ${size.width} px`);
  }
}

test("the scenes are the eighteen of the story, in order", () => {
  assert.deepEqual(
    SCENES.map(({ id }) => id),
    IDS,
  );
});

test("just before and just after a boundary everything stands where it stood", () => {
  each((made, size, name) => {
    for (let scene = 0; scene < SCENES.length - 1; scene += 1) {
      assert.deepEqual(
        shown(layout(made, scene, 1, size)),
        shown(layout(made, scene + 1, 0, size)),
        `${name}: after ${SCENES[scene].id}`,
      );
    }
  });
});

test("at every moment boxes are finite, names lie apart, and no text has an open placeholder or an unknown key", () => {
  each((made, size, name) => {
    for (let scene = 0; scene < SCENES.length; scene += 1) {
      for (const t of moments) {
        const objects = layout(made, scene, t, size);
        const wrong = notFinite(objects) ?? writtenOver(objects) ?? unfilled(objects);
        if (wrong) assert.fail(`${name}: ${SCENES[scene].id} at ${t}: ${wrong}`);
      }
    }
  });
});

function notFinite(objects) {
  for (const object of objects)
    for (const key of ["x", "y", "w", "h", "alpha"])
      if (!Number.isFinite(object[key])) return `${object.id}.${key} is ${object[key]}`;
}

/** Also where one name takes another's place. */
function writtenOver(objects) {
  const texts = objects.filter(({ kind, alpha, text }) => kind === "text" && alpha > 0.15 && text);
  for (const [i, one] of texts.entries()) {
    const over = texts.slice(i + 1).find((other) => isOver(one, other));
    if (over) return `${one.text} under ${over.text}`;
  }
}

/** Whether two lines begin, or end, at nearly the same place. */
const isOver = (one, other) =>
  one.align === other.align && Math.abs(one.x - other.x) < 12 && Math.abs(one.y - other.y) < 9;

function unfilled(objects) {
  for (const { id, kind, text, note } of objects)
    if (kind === "text")
      for (const words of [text, note ?? ""])
        if (/[{}]|undefined|NaN|null|^[a-z]+_[a-z_]+$/.test(words)) return `${id} says ${words}`;
}

test("what colours mean is said only while the matrix is there that has them", () => {
  const matrixOf = { scores: "S", softmax: "A" };
  const made = film(FILMS["one of each, large"]);
  for (const width of [1080, 660, 900]) {
    for (const [id, name] of Object.entries(matrixOf)) {
      for (const t of moments) {
        const there = shown(layout(made, IDS.indexOf(id), t, { width, height: 520 }));
        const ramp = there.find((object) => object.id === "key/ramp");
        const matrices = there.filter(({ id: one }) => one === name || one === "S");
        if (ramp && ramp.alpha > 0.05) assert.ok(matrices.length > 0, `${id} at ${t}, ${width} px: a key to nothing`);
        if (ramp?.source === "ramp/attention" && ramp.alpha > 0.05) assert.ok(t >= 0.7, `${id} at ${t}: weights' key`);
      }
    }
  }
});

test("leaving a boundary, whatever is in sight moves a little at most, and what comes or goes is hardly seen", () => {
  const NEAR = 0.0005;
  const kindsThatTakeOver = new Set(["strip", "tiles", "matrix", "image"]);
  each((made, size, name) => {
    for (let scene = 0; scene < SCENES.length; scene += 1) {
      for (const [rest, near] of [
        [0, NEAR],
        [1, 1 - NEAR],
      ]) {
        const [still, moving] = [rest, near].map((t) => shown(layout(made, scene, t, size)));
        const where = `${name}: ${SCENES[scene].id} at ${near}`;
        for (const object of moving) {
          const before = still.find(({ id }) => id === object.id);
          if (!before) {
            // another object may take over what stood there, if it stands in the very same place
            const covered = still.some(
              (other) => kindsThatTakeOver.has(other.kind) && overlap(other, object),
            );
            const outside = object.x >= size.width;
            assert.ok(
              object.alpha < 0.05 || covered || outside || object.kind === "frame",
              `${where}: ${object.id} appears`,
            );
            continue;
          }
          for (const key of BOX)
            if (key in object && key in before)
              assert.ok(
                Math.abs(object[key] - before[key]) < 3,
                `${where}: ${object.id}.${key} leaps from ${before[key]} to ${object[key]}`,
              );
        }
        for (const object of still) {
          if (moving.some(({ id }) => id === object.id) || object.alpha < 0.05) continue;
          const covered = moving.some((other) => kindsThatTakeOver.has(other.kind) && overlap(other, object));
          assert.ok(covered || object.kind === "frame", `${where}: ${object.id} vanishes`);
        }
      }
    }
  });
});

const overlap = (a, b) =>
  a.x - 3 <= b.x && a.y - 3 <= b.y && a.x + a.w + 3 >= b.x + b.w && a.y + a.h + 3 >= b.y + b.h;

test("a moment is the same picture, whatever was shown before it", () => {
  for (const size of SIZES) {
    const forward = film();
    const backward = film();
    const list = SCENES.flatMap((_, scene) => moments.map((t) => [scene, t]));
    const played = list.map(([scene, t]) => layout(forward, scene, t, size));
    const scrubbed = list
      .toReversed()
      .map(([scene, t]) => layout(backward, scene, t, size))
      .toReversed();
    assert.deepEqual(played, scrubbed);
  }
});

test("everything that is in sight stands on the stage when a scene rests", () => {
  each((made, size, name) => {
    for (let scene = 0; scene < SCENES.length; scene += 1) {
      for (const { id, x, y, w, h } of shown(layout(made, scene, 1, size))) {
        const inside = x >= -3 && y >= -3 && x + w <= size.width + 3 && y + h <= size.height + 3;
        assert.ok(inside, `${name}, ${SCENES[scene].id}: ${id} at ${[x, y, w, h]}`);
      }
    }
  });
});

test("a patch of another selection is followed at once", () => {
  const size = SIZES[0];
  const [one, other] = [film({ selection: { token: 3 } }), film({ selection: { token: 9 } })];
  const frames = [one, other].map((made) => layout(made, 9, 0.4, size).find(({ id }) => id === "follow"));
  assert.notDeepEqual(frames[0], frames[1]);
  const expected = tileBox({ ...places(size, other).photo, rows: 4, cols: 5, gap: 0.1 }, 9 - 1);
  for (const key of ["x", "y", "w", "h"]) assert.ok(Math.abs(frames[1][key] - expected[key]) < 1e-9);
});

test("until a token is chosen the patch of the scenes before the encoder is followed all through", () => {
  const size = SIZES[0];
  for (const prefixNames of [["CLS"], [], ["CLS", "REG1", "REG2"]]) {
    const made = film({ prefixNames, selection: { token: null } });
    assert.equal(made.token, made.patchToken);
    assert.equal(made.patch, 2 * 5 + 2, "rows 4, columns 5: the one in the middle");
    const frames = SCENES.map((_, scene) =>
      layout(made, scene, 1, size).find(({ id }) => id === "follow"),
    ).filter(Boolean);
    const patch = tileBox({ ...places(size, made).photo, rows: 4, cols: 5, gap: 0.1 }, made.patch);
    assert.ok(frames.length >= SCENES.length - 2);
    for (const { x, y, w, h } of frames.slice(1)) assert.deepEqual({ x, y, w, h }, patch);
  }
  assert.equal(film({ selection: { token: 0 } }).token, 0);
});

test("a click finds patches, rows, heads and layers, and nothing beside them", () => {
  const size = SIZES[0];
  const made = film();
  const at = (scene, id, share = [0.5, 0.5]) => {
    const objects = layout(made, scene, 1, size);
    const { x, y, w, h } = objects.find((object) => object.id === id);
    return hit(objects, x + w * share[0], y + h * share[1], made);
  };
  assert.deepEqual(at(2, "photo", [0.01, 0.01]), { token: 1 });
  assert.deepEqual(at(2, "photo", [0.99, 0.99]), { token: 20 });
  assert.deepEqual(at(7, "chip/0"), { token: 0 });
  assert.deepEqual(at(7, "Z", [0.5, 0.001]), { token: 0 });
  assert.deepEqual(at(7, "Z", [0.5, 0.999]), { token: 20 });
  assert.deepEqual(at(12, "map/2"), { head: 2 });
  assert.deepEqual(at(15, "layermap/1"), { layer: 1 });
  assert.equal(hit(layout(made, 15, 1, size), 1, 1, made), null);
});

test("the training curve says where the pictures became larger, and nothing where they did not", () => {
  const made = film(Object.values(FILMS)[0]);
  const found = (id) => layout(made, SCENES.length - 1, 1, SIZES[0]).find((object) => object.id === id);
  const [mark, curve] = [found("largerline"), found("objectiveline")];
  assert.equal(mark.x, curve.x + curve.w); // the third of the views 1, 2, 3
  const { values } = made.array("curve_sizes");
  values.fill(160);
  assert.equal(found("largerline"), undefined);
});
