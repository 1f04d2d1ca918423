// Back leaves a page, however many choices its address has told.
import assert from "node:assert/strict";
import test from "node:test";
import { oneEntryPerPage } from "../../vit_viz/components/browser/shared/history.js";

/** A browser's history, as far as it is asked. */
class History {
  constructor(location) {
    Object.assign(this, { location, entries: [location.href] });
  }

  pushState(_state, _title, url) {
    this.location.href = new URL(url, this.location.href).href;
    this.entries.push(this.location.href);
  }

  replaceState(_state, _title, url) {
    this.location.href = new URL(url, this.location.href).href;
    this.entries[this.entries.length - 1] = this.location.href;
  }
}

test("choices on one page replace its entry, another page is an entry of its own", () => {
  const location = new URL("http://app/patches");
  const history = new History(location);
  oneEntryPerPage({ history, location });
  oneEntryPerPage({ history, location }); // as every component does
  history.pushState({}, "", "/patches?token=3");
  history.pushState({}, "", "/patches?token=4");
  history.pushState({}, "", "/attention");
  history.pushState({}, "", "/attention?token=4");
  assert.deepEqual(history.entries, ["http://app/patches?token=4", "http://app/attention?token=4"]);
});
