import assert from "node:assert/strict";
import { test } from "node:test";
import { asSentence } from "../../vit_viz/components/browser/shared/wording.js";

test("a description ends in one full stop, whether it came with one or not", () => {
  assert.equal(asSentence("Two dogs."), "Two dogs.");
  assert.equal(asSentence("Your photo cat.jpg"), "Your photo cat.jpg.");
  assert.equal(asSentence("Is it a cat?"), "Is it a cat?");
});
