// What a key means, as a name and a value; null where it means nothing here.

import { isChord } from "../shared/keys.js";

const STEPS = {
  ArrowRight: "forward",
  ArrowLeft: "back",
  Home: "start",
  End: "end",
  " ": "play",
  f: "fullscreen",
  F: "fullscreen",
  "?": "keys",
};
const OWN_KEYS = {
  INPUT: /^(Arrow|Home|End|Page)/,
  SELECT: /^(Arrow|Home|End|Page| |.$)/,
  BUTTON: /^( |Enter)$/,
  A: /^Enter$/,
};

/** event is {key, shiftKey, ctrlKey, metaKey, altKey}; `tag` the focused element's, `scrubbing` whether that is the scrub bar. */
export function meaning(event, tag, scrubbing) {
  if (isChord(event)) return null;
  const { key, shiftKey } = event;
  if (!scrubbing && OWN_KEYS[tag]?.test(key)) return null;
  if (shiftKey && key.startsWith("Arrow")) return { name: "walk", value: key };
  if (/^[1-9]$/.test(key)) return { name: "jump", value: Number(key) };
  return STEPS[key] ? { name: STEPS[key] } : null;
}
