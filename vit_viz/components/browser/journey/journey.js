import { make } from "../shared/dom.js";
import { lackOf } from "../shared/needed.js";
import { dated } from "../shared/selection.js";
import { Player } from "./player.js";
import { RouteParts } from "./source.js";

// one player per place on the page: Streamlit calls again on the same element
const players = new WeakMap();
const NEEDED = ["createImageBitmap", "ResizeObserver", "PointerEvent"];

/** The component's entry (Streamlit components v2). */
export default function journey({
  data,
  parentElement,
  setStateValue,
  setTriggerValue,
  openSource = () => new RouteParts(data.urls),
}) {
  const lacking = lackOf(NEEDED);
  if (lacking) {
    const sentence = `This browser has no ${lacking}, which the journey needs. A current Firefox, Chrome, Edge or Safari has it.`;
    parentElement.replaceChildren(make("p", { role: "alert" }, sentence));
    return undefined;
  }
  if (!players.has(parentElement)) {
    // unseen until the style sheet, which comes later, shows it
    const root = make("section", { className: "journey", style: "visibility: hidden" });
    parentElement.append(root);
    const on = {
      selection: (selection) => setStateValue("selection", dated(selection)),
      step: (step) => setStateValue("step", dated(step)),
      open: (scene) => setTriggerValue("open", scene),
    };
    players.set(parentElement, new Player(root, on));
  }
  players.get(parentElement).update(data, openSource);
  return () => {
    const player = players.get(parentElement);
    player?.close();
    player?.root.remove();
    players.delete(parentElement);
  };
}
