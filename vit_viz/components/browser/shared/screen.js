/**
 * Tell whenever the page is on other pixels: the window went to a projector, say, and what is drawn for one screen
 * is blurred there. Returns how to stop.
 */
export function onOtherScreen(tell) {
  let query;
  const told = () => {
    watch();
    tell();
  };
  const watch = () => {
    query = matchMedia(`(resolution: ${globalThis.devicePixelRatio || 1}dppx)`);
    query.addEventListener("change", told, { once: true });
  };
  watch();
  return () => query.removeEventListener("change", told);
}
