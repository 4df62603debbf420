// In which order jobs are listed: what the API is asked for, and what is said of it.

import { setParams } from "../../lib/router.js";
import { html } from "../../lib/ui.js";

const ACCURACY = "metrics.test_accuracy";
const ERROR = "metrics.test_rmse";

const SAID = {
  [`-${ACCURACY}`]: "Best first, by the accuracy on the test set",
  [ACCURACY]: "Worst first, by the accuracy on the test set",
  [ERROR]: "Best first, by the error on the test set (RMSE)",
  [`-${ERROR}`]: "Worst first, by the error on the test set (RMSE)",
  duration: "Shortest first",
  "-duration": "Longest first",
  created_at: "Oldest first",
};

/** An order of the address that the API knows; "" is its own, newest first. */
export const orderOf = (sort) => (SAID[sort] ? sort : "");

/** Column → the orders that its head leads through, the usual one first. */
export const ORDERS = {
  result: (learns) => (learns === "regression" ? [ERROR, `-${ERROR}`, ""] : [`-${ACCURACY}`, ACCURACY, ""]),
  took: () => ["duration", "-duration", ""],
  submitted: () => ["", "created_at"],
};

/** The order on another data set: where this one is by a result, by the result that its runs have. */
export const orderOn = (sort, learns) => (learns && sort.includes("metrics") ? ORDERS.result(learns)[0] : sort);

/** The head of a column by which one can sort. */
export function SortHead({ title, orders, sort, className = "right" }) {
  const at = orders.indexOf(sort);
  const next = orders[(at + 1) % orders.length];
  const descends = sort === "" || sort.startsWith("-");
  const arrow = at < 0 || (sort === "" && orders[0] !== "") ? "" : descends ? "↓" : "↑";
  return html`<th class=${className} aria-sort=${arrow ? (descends ? "descending" : "ascending") : undefined}>
    <button type="button" class="sort" onClick=${() => setParams({ sort: next, open: "" })}>${title}<span aria-hidden="true">${arrow || "↕"}</span></button></th>`;
}

/** What the order leaves out, and when it compares what cannot be compared. */
export function OrderNote({ sort, dataSets }) {
  if (!sort) return null;
  const lacks = sort === "created_at" ? "" : sort.includes("metrics") ? " Runs without one are left out." : " Runs that have not succeeded are left out.";
  const mixed = sort.includes("metrics") && dataSets > 1 ? " They learned from different data: choose one data set, to compare like with like." : "";
  return html`<p class="note" role="status">${SAID[sort]}.${lacks}${mixed} <button type="button" class="button quiet small" onClick=${() => setParams({ sort: "" })}>Newest first</button></p>`;
}

/** IDs of the jobs that did best on their data, where several are listed that have a result. */
export function bestOf(jobs) {
  const groups = new Map();
  for (const job of jobs) {
    const { test_accuracy: accuracy, test_rmse: error } = job.metrics;
    const score = accuracy ?? (error === undefined ? undefined : -error);
    if (score === undefined) continue;
    const { best, of } = groups.get(job.dataset) ?? { best: null, of: 0 };
    groups.set(job.dataset, { best: best && best.score >= score ? best : { id: job.id, score }, of: of + 1 });
  }
  return new Set([...groups.values()].filter(({ of }) => of > 1).map(({ best }) => best.id));
}
