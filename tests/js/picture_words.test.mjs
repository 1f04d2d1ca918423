import assert from "node:assert/strict";
import test from "node:test";
import { byHand } from "../../vit_viz/components/browser/shared/hand_words.js";
import { fileName, footer, wrapped } from "../../vit_viz/components/browser/shared/picture_words.js";

test("the line below a picture says page, model and photo, as far as they are known", () => {
  assert.equal(footer({ page: "Patches", model: "ViT Viz/16", photo: "Cat" }), "Patches · ViT Viz/16 · photo: Cat · ViT Viz");
  assert.equal(footer({ page: "Patches", photo: null }), "Patches · ViT Viz");
  assert.equal(footer({}), "ViT Viz");
});

test("a file is named after page and photo, without what a file system dislikes", () => {
  assert.equal(fileName({ page: "Query, key, value", photo: "Cat" }, "png"), "query-key-value_cat.png");
  assert.equal(fileName({ page: "Rollout", photo: "../My photo (2).JPEG" }, "svg"), "rollout_my-photo-2.svg");
  assert.equal(fileName({ page: "Rollout", photo: "Cat", model: "ViT-B/16.dino" }, "png"), "rollout_cat_vit-b-16-dino.png");
  assert.equal(fileName({ page: "패치", photo: "Été" }, "png"), "패치_été.png");
  assert.equal(fileName({}, "png"), "vit-viz.png");
  assert.equal(fileName({ page: "Patches", photo: "…" }, "png"), "patches.png");
});

test("words fill lines up to the width, and none is lost", () => {
  const measure = (text) => text.length;
  assert.deepEqual(wrapped("one two three", 7, measure), ["one two", "three"]);
  assert.deepEqual(wrapped("one two three", 6, measure), ["one", "two", "three"]);
  assert.deepEqual(wrapped("one two three four", 9, measure), ["one two", "three", "four"]);
  assert.deepEqual(wrapped("unbreakable a", 4, measure), ["unbreakable", "a"]);
});

test("a finger is told to tap, a mouse what it was always told", () => {
  const words = [
    ["Move to look, click to pick, arrows to walk.", "Tap to pick."],
    ["Click patches, or draw over them. With the keyboard: arrows, then Enter.", "Tap patches."],
    ["Point at a token to read its score. Click or Enter makes it the key.", "Tap a token to read its score. Tap makes it the key."],
    ["Point to read, click to pick.", "Tap to read and pick."],
    ["Point at a token; click or Enter makes it the key.", "Tap a token to make it the key."],
    ["click one to follow it", "tap one to follow it"],
    [
      "Pinned: move to read weights, click it again to let go.",
      "Pinned: tap another patch to move the pin, the same one to let go.",
    ],
  ];
  for (const [mouse, finger] of words) {
    assert.equal(byHand(mouse, true), finger);
    assert.equal(byHand(mouse, false), mouse);
  }
});
