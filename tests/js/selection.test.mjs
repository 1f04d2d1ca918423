import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { SelectionReport, isWithin } from "../../vit_viz/components/browser/shared/selection.js";

const at = (token, layer = 0, head = 0) => ({ token, layer, head });

test("a walk is told once, when it has come to rest", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const report = new SelectionReport((selection) => told.push(selection));
  for (const token of [1, 2, 3]) {
    report.settle({ ...at(token), pinned: true });
    mock.timers.tick(100);
  }
  mock.timers.tick(1000);
  assert.deepEqual(told, [at(3)]);
  report.settle(at(3));
  mock.timers.tick(1000);
  assert.equal(told.length, 1);
  mock.timers.reset();
});

test("what was told is known again when it comes back late", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const report = new SelectionReport(() => {});
  for (const token of [1, 2]) {
    report.settle(at(token));
    mock.timers.tick(300);
  }
  assert.equal(report.isEcho(at(1)), true);
  assert.equal(report.isEcho(at(2)), true);
  assert.equal(report.isEcho(at(2)), false);
  assert.equal(report.isEcho(at(9)), false);
  mock.timers.reset();
});

test("after Python chose elsewhere, the old place can be told again", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const report = new SelectionReport((selection) => told.push(selection.token));
  report.settle(at(1));
  mock.timers.tick(300);
  report.isEcho(at(1));
  report.isEcho(at(5));
  report.settle(at(1));
  mock.timers.tick(300);
  assert.deepEqual(told, [1, 1]);
  mock.timers.reset();
});

test("news is what Python did not say before, and what is no answer to something told", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const report = new SelectionReport(() => {});
  assert.equal(report.isNews(at(1)), true);
  assert.equal(report.isNews(at(1)), false);
  report.settle(at(2));
  mock.timers.tick(300);
  assert.equal(report.isNews(at(2)), false);
  assert.equal(report.isNews(at(3)), true);
  assert.equal(report.isNews(at(2)), true);
  mock.timers.reset();
});

test("a choice that is on its way is newer than what Python says meanwhile", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const told = [];
  const report = new SelectionReport((selection) => told.push(selection.token));
  report.isNews(at(1));
  report.settle(at(2));
  assert.equal(report.isNews(at(5)), false); // another photo, opened elsewhere
  mock.timers.tick(300);
  assert.deepEqual(told, [2]);
  assert.equal(report.isNews(at(2)), false);
  mock.timers.reset();
});

test("an answer brings back a choice that Python's news had taken away", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const report = new SelectionReport(() => {});
  report.isNews(at(1));
  report.settle(at(2));
  mock.timers.tick(300);
  assert.equal(report.isNews(at(5)), true); // said before Python heard
  assert.equal(report.isNews(at(2)), true);
  mock.timers.reset();
});

test("a choice fits a trace that has its token, layer and head", () => {
  const trace = { depth: 12, num_heads: 3, grid: [14, 14], prefix_names: ["CLS"] };
  assert.equal(isWithin(at(196, 11, 2), trace), true);
  for (const outside of [at(197, 11, 2), at(196, 12, 2), at(196, 11, 3)]) assert.equal(isWithin(outside, trace), false);
});
