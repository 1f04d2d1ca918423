const STATE = "data-test-connection-state";

/**
 * Call `act` whenever the page's lost connection to the app is back; the answer ends it.
 *
 * Streamlit runs nothing then, also where the app has forgotten the session, started again or while a laptop slept:
 * what runs alone within a page (a fragment) is unknown to it, and the reader's next choice would be lost.
 */
export function whenReturned(act) {
  const app = document.querySelector("[data-testid=stApp]");
  if (!app) return () => {};
  const observer = new MutationObserver(() => app.getAttribute(STATE) === "CONNECTED" && act());
  observer.observe(app, { attributeFilter: [STATE] });
  return () => observer.disconnect();
}
