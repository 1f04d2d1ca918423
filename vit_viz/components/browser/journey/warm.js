import { SCENES, layout } from "./scenes.js";

const SHARES = [0.2, 0.4, 0.6, 0.8, 1];
const FIRST_MS = 100;
const EACH_MS = 20;

/** Paint the bitmaps of all scenes while nothing else is to do, one moment at a time; the answer stops it. */
export function warm(film, bitmaps, stage) {
  const moments = SCENES.flatMap((_, scene) => SHARES.map((t) => [scene, t]));
  const names = new Set();
  let timer = setTimeout(next, FIRST_MS);
  return () => clearTimeout(timer);

  function next() {
    const moment = moments.shift();
    if (!moment) return;
    for (const object of layout(film, ...moment, stage.size)) {
      for (const name of [object.source, object.source2]) {
        if (!name || names.has(name)) continue;
        names.add(name);
        bitmaps.get(name, film, stage.theme);
      }
    }
    timer = setTimeout(next, EACH_MS);
  }
}
