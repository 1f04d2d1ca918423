import { make } from "../shared/dom.js";
import { RolloutView } from "./rollout_view.js";

// one laboratory per place on the page: Streamlit calls again on the same element
const views = new WeakMap();

/** The component's entry (Streamlit components v2). */
export default function rolloutLab({ data, parentElement, setStateValue }) {
  if (!("createImageBitmap" in globalThis)) {
    const sentence = "This browser has no canvas pictures, which this page needs. A current Firefox, Chrome, Edge or Safari has them.";
    parentElement.replaceChildren(make("p", { role: "alert" }, sentence));
    return undefined;
  }
  if (!views.has(parentElement)) {
    const root = make("div", { className: "explorer rollout" });
    const tell = (name) => (value) => setStateValue(name, value);
    const on = { select: tell("selection"), settle: tell("settings") };
    parentElement.append(root);
    views.set(parentElement, new RolloutView(root, on));
  }
  views.get(parentElement).update(data);
  return () => {
    const view = views.get(parentElement);
    view?.close();
    view?.root.remove();
    views.delete(parentElement);
  };
}
