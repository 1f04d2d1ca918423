import { make } from "../shared/dom.js";
import { StreamView } from "./stream_view.js";

const views = new WeakMap();

/** The component's entry (Streamlit components v2). */
export default function streamExplorer({ data, parentElement, setStateValue }) {
  if (!views.has(parentElement)) {
    const root = make("div", { className: "stream" });
    parentElement.append(root);
    views.set(parentElement, new StreamView(root, (selection) => setStateValue("selection", selection)));
  }
  views.get(parentElement).update(data);
  return () => {
    const view = views.get(parentElement);
    view?.close();
    view?.root.remove();
    views.delete(parentElement);
  };
}
