// Streamlit adds an entry to the browser's history for every choice that the address tells: Back would walk
// through all of them, and the page, which keeps its own choice, would not follow.

/** From now on a page has one entry, with its last address, and Back leaves the page. */
export function oneEntryPerPage({ history, location } = globalThis) {
  if (Object.hasOwn(history, "pushState")) return; // done by another component
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const isSamePage = new URL(url ?? "", location.href).pathname === location.pathname;
    if (isSamePage) history.replaceState(state, title, url);
    else push(state, title, url);
  };
}
