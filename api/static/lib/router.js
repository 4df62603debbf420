// What is shown stands in the address: `#/train?runs=job_a,job_b&log=1`. A copied address shows the same view.

import { keepPlace } from "./place.js";
import { createStore, useStore } from "./ui.js";

function parse() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  return { view: path, params: Object.fromEntries(new URLSearchParams(query)) };
}

const route = createStore(parse());
addEventListener("hashchange", () => route.set(parse()));
keepPlace(() => route.get().view);

export const useRoute = () => useStore(route);

/** What the address says by now; `hashchange` comes a moment after a link was followed, and `useRoute` with it. */
export const currentRoute = parse;

/** Whether this view (and this tab of it) is still shown, for what changes the address late. */
export function shows(view, tab) {
  const now = currentRoute();
  return now.view === view && (tab === undefined || now.params.tab === tab);
}

const MAY_BE_EMPTY = new Set(["runs"]); // No run shown is something else than nothing said.

/** The address of a view; parameters that are empty are left out. */
export function address(view, params = {}) {
  const says = ([name, value]) => value !== undefined && value !== null && (value !== "" || MAY_BE_EMPTY.has(name));
  const kept = Object.entries(params).filter(says);
  const query = new URLSearchParams(kept).toString().replaceAll("%2C", ",");
  return `#/${view}${query ? `?${query}` : ""}`;
}

/** Show a view. */
export function navigate(view, params = {}, { replace = false } = {}) {
  if (replace) history.replaceState(history.state, "", address(view, params));
  else history.pushState(null, "", address(view, params));
  route.set(parse());
}

/** Change some of the current view's parameters; the browser's history keeps one entry for all such changes. */
export function setParams(patch) {
  const { view, params } = currentRoute();
  navigate(view, { ...params, ...patch }, { replace: true });
}
