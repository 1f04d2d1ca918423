// How to use a picture, for the hand that is there: a mouse points and clicks, a finger taps.

const OF_A_FINGER = [
  [/Move to look, click to (\w+), arrows to walk/, "Tap to $1"],
  [/Point to read, click to pick/, "Tap to read and pick"],
  [/Point at a token; click or Enter makes it the key/, "Tap a token to make it the key"],
  [/move to read weights, click it again to let go/, "tap another patch to move the pin, the same one to let go"],
  [/, or draw over them\. With the keyboard: arrows, then Enter/, ""],
  [/ or Enter\b/g, ""],
  [/\bPoint at\b/g, "Tap"],
  [/\bPoint to\b/g, "Tap to"],
  [/\bMove over\b/g, "Touch"],
  [/\bClick\b/g, "Tap"],
  [/\bclick\b/g, "tap"],
];

/** The invitation as it is for a mouse, or for a finger where nothing can hover. */
export function byHand(words, isFinger = globalThis.matchMedia?.("(hover: none)").matches ?? false) {
  return isFinger ? OF_A_FINGER.reduce((text, [mouse, finger]) => text.replace(mouse, finger), words) : words;
}
