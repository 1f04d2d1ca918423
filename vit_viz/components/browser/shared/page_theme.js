import { isDark, parseColor, ramps } from "./ramps.js";

/**
 * Colour ramps for the page's theme; `root` gets the class dark or light.
 * The page's own property is read: the component's style sheet may not have arrived when it is first drawn.
 */
export function pageTheme(root) {
  const style = getComputedStyle(root);
  const background = parseColor(style.getPropertyValue("--st-background-color") || style.backgroundColor);
  root.classList.toggle("dark", isDark(background));
  root.classList.toggle("light", !isDark(background));
  return ramps(background);
}
