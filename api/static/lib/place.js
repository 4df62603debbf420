// How far down one was: Back returns to it, also from another page; a view that is newly opened begins at its top.
//
// A view grows while its data come, so that the browser's own attempt comes too early. The place is kept in the entry of
// the history, and taken up again while the page grows to its full length, unless somebody scrolls meanwhile.

const SETTLED_MS = 120; // without another scroll: browsers bound how often an entry may be written
const PATIENCE_MS = 30_000; // until the page is long enough
const GROWN_MS = 4000; // without growing: it is all there
const BY_HAND = ["wheel", "touchstart", "pointerdown", "keydown"];

let stop = () => {};

/** Stay at `y` while the page grows: what is added above would push on what stands there already. */
function returnTo(y) {
  stop();
  let timer;
  const attempt = () => {
    scrollTo({ top: y, behavior: "instant" });
    clearTimeout(timer);
    timer = setTimeout(() => stop(), Math.abs(scrollY - y) < 2 ? GROWN_MS : PATIENCE_MS);
  };
  const observer = new ResizeObserver(attempt);
  stop = () => {
    observer.disconnect();
    clearTimeout(timer);
    for (const kind of BY_HAND) removeEventListener(kind, stop);
    stop = () => {};
  };
  for (const kind of BY_HAND) addEventListener(kind, stop, { passive: true });
  observer.observe(document.body);
}

/** Keep places from now on; `viewNow()` tells which view the page shows. */
export function keepPlace(viewNow) {
  history.scrollRestoration = "manual";
  const keep = () => history.replaceState({ ...history.state, y: Math.round(scrollY) }, "");
  let timer;
  addEventListener("scroll", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, SETTLED_MS);
  }, { passive: true });
  addEventListener("pagehide", () => {
    clearTimeout(timer);
    keep();
  });
  addEventListener("popstate", ({ state }) => {
    clearTimeout(timer); // it was of the entry that was left
    if (state?.y !== undefined) returnTo(state.y);
    else if (location.hash.replace(/^#\/?/, "").split("?")[0] !== viewNow()) {
      stop();
      scrollTo({ top: 0, behavior: "instant" });
    }
  });
  if (history.state?.y) returnTo(history.state.y);
}
