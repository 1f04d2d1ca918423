const WORDS = {
  createImageBitmap: "canvas pictures",
  OffscreenCanvas: "canvases out of sight",
  ReadableStream: "binary streams",
  PointerEvent: "pointer events",
  ResizeObserver: "size observers",
  IntersectionObserver: "sight observers",
};

/** The first of these globals that this browser lacks, in words; undefined where it has all. */
export function lackOf(needed = Object.keys(WORDS)) {
  return WORDS[needed.find((name) => !(name in globalThis))];
}
