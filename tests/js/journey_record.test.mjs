// A recording while the page is hidden: no frame is drawn there, so recorder and clock wait, and Cancel is heard.
import assert from "node:assert/strict";
import test from "node:test";
import { video, videoKind } from "../../vit_viz/components/browser/journey/recorder.js";

class Recorder {
  static last = null;
  calls = [];

  constructor() {
    Recorder.last = this;
  }

  start() {
    this.calls.push("start");
  }

  stop() {
    this.calls.push("stop");
    this.onstop();
  }

  pause() {
    this.calls.push("pause");
  }

  resume() {
    this.calls.push("resume");
  }
}

// draws nothing, and measures every text at no width
const CONTEXT = new Proxy({}, { get: () => () => ({ width: 0 }), set: () => true });
const CANVAS = { getContext: () => CONTEXT, captureStream: () => ({ getTracks: () => [] }) };
const WORDS = { title: "", shape: "", caption: "", formula: "" };

/** One scene of ten seconds being recorded; `frame(ms)` lets that time pass, and draws only where the page is seen. */
function setUp(t) {
  let now = 1000;
  const waiting = [];
  t.mock.method(performance, "now", () => now);
  globalThis.MediaRecorder = Recorder;
  globalThis.requestAnimationFrame = (act) => waiting.push(act);
  globalThis.document = Object.assign(new EventTarget(), { hidden: false, createElement: () => ({ ...CANVAS }) });
  const drawn = [];
  const camera = {
    draw: (_, moment) => drawn.push(Math.round(moment.t * 10_000)),
    words: () => WORDS,
    theme: { background: "", colors: {}, fonts: {} },
  };
  const stop = new AbortController();
  const range = { from: 0, to: 0, lengths: [10], progress() {} };
  const film = video(camera, { ...range, kind: "webm", signal: stop.signal });
  const frame = async (ms) => {
    now += ms;
    if (!document.hidden) for (const act of waiting.splice(0)) act(now);
    await new Promise(setImmediate);
  };
  const turn = (hidden) => {
    document.hidden = hidden;
    document.dispatchEvent(new Event("visibilitychange"));
  };
  return { film, frame, turn, stop, drawn, calls: Recorder.last.calls };
}

test("hidden, the recorder pauses, and the story goes on where it was", async (t) => {
  const { film, frame, turn, drawn, calls } = setUp(t);
  await frame(3000);
  turn(true);
  await frame(60_000);
  turn(false);
  await frame(100);
  assert.deepEqual(drawn.slice(-2), [3000, 3100]);
  assert.deepEqual(calls, ["start", "pause", "resume"]);
  await frame(7300);
  assert.equal((await film).type, "video/webm");
  assert.deepEqual(calls.slice(3), ["stop"]);
});

test("hidden, it can be given up", async (t) => {
  const { film, turn, stop, calls } = setUp(t);
  turn(true);
  stop.abort();
  assert.equal(await film, null);
  assert.deepEqual(calls, ["start", "pause", "stop"]);
});

test("once it has ended, a page that is hidden means nothing to it", async (t) => {
  const { film, frame, turn, calls } = setUp(t);
  await frame(10_400);
  await film;
  turn(true);
  assert.deepEqual(calls, ["start", "stop"]);
});

test("a browser that records no WebM makes an MP4, and one that records neither is not asked to", () => {
  const recording = (...types) => ({ MediaRecorder: { isTypeSupported: (type) => types.includes(type) } });
  assert.equal(videoKind(recording("video/mp4", "video/webm")), "webm");
  assert.equal(videoKind(recording("video/mp4")), "mp4");
  assert.equal(videoKind(recording()), undefined);
  assert.equal(videoKind({}), undefined);
});
