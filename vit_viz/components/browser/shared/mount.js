import { make } from "./dom.js";
import { oneEntryPerPage } from "./history.js";
import { lackOf } from "./needed.js";
import { PictureTools } from "./picture_tools.js";
import { isDark, parseColor, ramps } from "./ramps.js";
import { onOtherScreen } from "./screen.js";
import { dated } from "./selection.js";

/**
 * A component's entry (Streamlit components v2): one view per place on the page, updated on every later call.
 *
 * A View is made with its root element and {tell(name, value)}, by which Python hears of a choice. It has
 * update(data, ramps), and may have close(), citation(words) and drawing() (picture_tools.js). The root has the
 * class "light" or "dark" before each update.
 */
export function entry(View, className, { picture = true } = {}) {
  const places = new WeakMap();
  return (call) => {
    const { parentElement } = call;
    oneEntryPerPage();
    const lacking = lackOf();
    if (lacking) {
      const sentence = `This browser has no ${lacking}, which this picture needs. A current Firefox, Chrome, Edge or Safari has them.`;
      parentElement.replaceChildren(make("p", { className: "problem", role: "alert" }, sentence));
      return undefined;
    }
    if (!places.has(parentElement)) places.set(parentElement, new Place(View, className, picture, parentElement));
    places.get(parentElement).update(call);
    return () => {
      places.get(parentElement)?.close();
      places.delete(parentElement);
    };
  };
}

/** A view's root, its tools, and the way back to Python, which is another function on every call. */
class Place {
  constructor(View, className, picture, parent) {
    this.root = make("div", { className: `component ${className}` });
    // unseen until the style sheet, which comes later, shows it
    this.frame = make("div", { className: "mounted", style: "visibility: hidden" }, this.root);
    parent.append(this.frame);
    this.view = new View(this.root, {
      tell: (name, value) => this.call.setStateValue(name, dated(value)),
    });
    this.leaveScreen = onOtherScreen(() => this.update(this.call));
    if (!picture) return;
    this.tools = new PictureTools(this.root, this.view);
    this.frame.append(this.tools.element);
  }

  update(call) {
    this.call = call;
    this.tools?.cite(call.data.citation);
    this.view.update(call.data, pageTheme(this.root));
  }

  close() {
    this.leaveScreen();
    this.view.close?.();
    this.frame.remove();
  }
}

/**
 * Colour ramps for the page's theme; `root` gets the class dark or light.
 * The page's own property is read: the component's style sheet may not have arrived when it is first drawn.
 */
function pageTheme(root) {
  const style = getComputedStyle(root);
  const background = parseColor(style.getPropertyValue("--st-background-color") || style.backgroundColor);
  root.classList.toggle("dark", isDark(background));
  root.classList.toggle("light", !isDark(background));
  return ramps(background);
}
