import { make } from "../shared/dom.js";
import { isDark, parseColor, ramps } from "../shared/ramps.js";

// marks of the concepts (experience.md), and the tints in which words about them are written
const MARKS = {
  cls: "#e69f00",
  position: "#56b4e9",
  query: "#0072b2",
  key: "#d55e00",
  value: "#009e73",
  attention: "#cc79a7",
};
const TINTS = {
  light: {
    cls: "#855a00",
    position: "#1b6c99",
    query: "#0069a4",
    key: "#b34700",
    value: "#00704f",
    attention: "#8a3567",
  },
  dark: {
    cls: "#f0b53d",
    position: "#7cc6f2",
    query: "#6bb7ea",
    key: "#f0954a",
    value: "#3fc79d",
    attention: "#e6a3cb",
  },
};
const mix = (from, to, share) =>
  `rgb(${from.map((value, i) => Math.round(value + (to[i] - value) * share)).join(" ")})`;

/** Colours, fonts and ramps for one background [r, g, b] and text colour. */
export function themeOf(background, text, fonts) {
  const dark = isDark(background);
  const rgb = (color) => `rgb(${color.join(" ")})`;
  return {
    dark,
    fonts,
    background: rgb(background),
    backgroundColor: background,
    textColor: text,
    ramps: ramps(background),
    colors: {
      text: rgb(text),
      background: rgb(background),
      quiet: mix(background, text, 0.68),
      line: mix(background, text, 0.22),
      wash: mix(background, text, 0.06),
      veil: rgb(background),
      ...TINTS[dark ? "dark" : "light"],
    },
    marks: MARKS,
  };
}

/** The theme of the page around an element, also before the component's own style sheet is there. */
export function readTheme(element) {
  const read = (property, value) => {
    const probe = make("span", { hidden: true, style: `${property}: ${value}` });
    element.append(probe);
    const found = getComputedStyle(probe).getPropertyValue(property);
    probe.remove();
    return found;
  };
  const background = read("background-color", "var(--background, var(--st-background-color))");
  const text = read("color", "var(--text, var(--st-text-color))");
  const fonts = {
    text: read("font-family", "var(--st-font, inherit)"),
    mono: read("font-family", "var(--mono, var(--st-code-font))"),
  };
  return themeOf(parseColor(background), parseColor(text), fonts);
}
