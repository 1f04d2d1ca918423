import { make } from "../shared/dom.js";
import { EmbeddingView } from "./embedding_view.js";

// one view per place on the page: Streamlit calls again on the same element
const views = new WeakMap();

/** The component's entry (Streamlit components v2). */
export default function embeddingExplorer({ data, parentElement, setStateValue }) {
  if (!views.has(parentElement)) {
    const root = make("div", { className: "embedding" });
    parentElement.append(root);
    views.set(parentElement, new EmbeddingView(root, (selection) => setStateValue("selection", selection)));
  }
  views.get(parentElement).update(data);
  return () => {
    const view = views.get(parentElement);
    view?.close();
    view?.root.remove();
    views.delete(parentElement);
  };
}
