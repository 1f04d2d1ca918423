// Moments of the journey as pictures that leave the page: title, shape, caption and formula are drawn in.

import { wrapped } from "../shared/picture_words.js";
import { checkReadable } from "../shared/readable_canvas.js";
import { answerOf } from "../shared/route_source.js";
import { pack } from "./pack.js";

const VIDEO_SIZE = { width: 960, height: 470 };
// matrices are noise to a GIF: every pixel and every frame counts
const GIF_SIZE = { width: 720, height: 400 };
const HEAD = 48;
const FOOT = 120;
const MARGIN = 16;
const LINE = 21;
const GIF_FPS = 8;
const GIF_SECONDS = 10;
const VIDEO_FPS = 30;
const VIDEOS = ["webm", "mp4"]; // Safari has recorded the first since 18.4

/** The kind of video that this browser records, by a file's ending; undefined where it records none. */
export function videoKind({ MediaRecorder: recorder } = globalThis) {
  return recorder && VIDEOS.find((kind) => recorder.isTypeSupported(`video/${kind}`));
}

/** Where the story stands after `seconds` of a range of whole scenes [from, to]. */
export function momentAt(seconds, from, to, lengths) {
  let left = seconds;
  for (let scene = from; scene < to; scene += 1) {
    if (left < lengths[scene]) return { scene, t: left / lengths[scene] };
    left -= lengths[scene];
  }
  return { scene: to, t: Math.min(1, left / lengths[to]) };
}

export function secondsOf(from, to, lengths) {
  return lengths.slice(from, to + 1).reduce((sum, length) => sum + length, 0);
}

/** Frames and their delay for a GIF of a range: longer ranges play faster, so that it lasts ten seconds at most. */
export function gifPlan(from, to, lengths) {
  const seconds = secondsOf(from, to, lengths);
  const lasting = Math.min(seconds, GIF_SECONDS);
  const count = Math.floor(lasting * GIF_FPS);
  const moments = Array.from({ length: count }, (_, i) =>
    momentAt((seconds * i) / (count - 1), from, to, lengths),
  );
  return { moments, delay: 1000 / GIF_FPS };
}

/** A canvas on which moments are drawn with their words; `draw` and `words` are the player's. */
class Frames {
  constructor({ draw, words, theme }, size) {
    Object.assign(this, { draw, words, theme, size });
    this.canvas = document.createElement("canvas");
    Object.assign(this.canvas, { width: size.width, height: size.height + HEAD + FOOT });
    this.context = this.canvas.getContext("2d", { alpha: false });
  }

  show(moment) {
    const { context, theme, size } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.fillStyle = theme.background;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    context.save();
    context.translate(0, HEAD);
    this.draw(context, moment, size);
    context.restore();
    this.#tell(moment.scene);
  }

  #tell(scene) {
    const { theme, size } = this;
    const { text, quiet } = theme.colors;
    const [title, caption, small] = [
      `600 21px ${theme.fonts.text}`,
      `400 15px ${theme.fonts.text}`,
      `400 13px ${theme.fonts.mono}`,
    ];
    const words = this.words(scene);
    const room = size.width - 2 * MARGIN;
    this.#write(`${scene}  ${words.title}`, title, HEAD - 16, text);
    this.#write(words.shape, small, HEAD - 16, quiet, "right");
    const lines = wrapped(words.caption, room, (part) => this.#measure(part, caption));
    const foot = HEAD + size.height + 22;
    lines.forEach((line, i) => this.#write(line, caption, foot + i * LINE, text));
    this.#write(words.formula, small, foot + lines.length * LINE + 4, quiet);
  }

  #measure(text, font) {
    this.context.font = font;
    return this.context.measureText(text).width;
  }

  #write(text, font, y, color, align = "left") {
    const { context, size } = this;
    Object.assign(context, { font, textAlign: align, fillStyle: color });
    context.fillText(text, align === "left" ? MARGIN : size.width - MARGIN, y, size.width - 2 * MARGIN);
  }
}

/**
 * Record a range in its own time; resolves with a Blob, or null where `signal` stopped it.
 *
 * A hidden page draws no frames: recorder and clock wait until it is seen again.
 */
export async function video(camera, { kind, from, to, lengths, signal, progress }) {
  const type = `video/${kind}`;
  const frames = new Frames(camera, VIDEO_SIZE);
  const stream = frames.canvas.captureStream(VIDEO_FPS);
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 6_000_000 });
  const chunks = [];
  recorder.ondataavailable = ({ data }) => chunks.push(data);
  const total = secondsOf(from, to, lengths);
  const stopped = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  frames.show({ scene: from, t: 0 });
  recorder.start(500);
  let began = performance.now();
  let left = began;
  const turn = () => {
    if (document.hidden) {
      recorder.pause();
      left = performance.now();
    } else {
      recorder.resume();
      began += performance.now() - left;
    }
  };
  document.addEventListener("visibilitychange", turn);
  const aborted = new Promise((resolve) => {
    signal.addEventListener("abort", resolve);
  });
  while (!signal.aborted) {
    const seconds = (performance.now() - began) / 1000;
    frames.show(momentAt(Math.min(seconds, total), from, to, lengths));
    progress(Math.min(1, seconds / total));
    if (seconds > total + 0.3) break;
    await Promise.race([new Promise(requestAnimationFrame), aborted]);
  }
  document.removeEventListener("visibilitychange", turn);
  recorder.stop();
  await stopped;
  for (const track of stream.getTracks()) track.stop();
  return signal.aborted ? null : new Blob(chunks, { type });
}

/** Post a range's frames to the app, which makes the GIF; `progress` tells the share of frames drawn. */
export async function gif(camera, { from, to, lengths, url, signal, progress }) {
  checkReadable();
  const frames = new Frames(camera, GIF_SIZE);
  const { moments, delay } = gifPlan(from, to, lengths);
  const parts = {};
  for (const [i, moment] of moments.entries()) {
    if (signal.aborted) return null;
    frames.show(moment);
    const blob = await new Promise((resolve) => frames.canvas.toBlob(resolve, "image/jpeg", 0.92));
    parts[`frame_${String(i).padStart(3, "0")}`] = new Uint8Array(await blob.arrayBuffer());
    progress((i + 1) / moments.length);
  }
  const response = await answerOf(url, { method: "POST", body: pack(parts, { delay_ms: delay }), signal });
  return response.blob();
}
