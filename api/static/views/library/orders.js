// In which order jobs are listed: what the API is asked for, and what is said of it.

import { headline, metricsOf } from "../../lib/catalogue.js";
import { setParams } from "../../lib/router.js";
import { html } from "../../lib/ui.js";

const fieldOf = ({ name }) => `metrics.test_${name}`;
const MEASURED = ["classification", "regression"].flatMap(metricsOf).filter((row) => row.headline);
const bestFirst = (row) => (row.better === "higher" ? `-${fieldOf(row)}` : fieldOf(row));
const worstFirst = (row) => (row.better === "higher" ? fieldOf(row) : `-${fieldOf(row)}`);

const SAID = {
  ...Object.fromEntries(MEASURED.map((row) => [bestFirst(row), `Best first, by the ${row.title} on the test set`])),
  ...Object.fromEntries(MEASURED.map((row) => [worstFirst(row), `Worst first, by the ${row.title} on the test set`])),
  duration: "Shortest first",
  "-duration": "Longest first",
  created_at: "Oldest first",
};

/** An order of the address that the API knows; "" is its own, newest first. */
export const orderOf = (sort) => (SAID[sort] ? sort : "");

/** Column → the orders that its head leads through, the usual one first. */
export const ORDERS = {
  result: (learns) => [bestFirst(headline(learns ?? "classification")), worstFirst(headline(learns ?? "classification")), ""],
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
    const row = MEASURED.find(({ name }) => job.metrics[`test_${name}`] !== undefined);
    if (!row) continue;
    const score = job.metrics[`test_${row.name}`] * (row.better === "higher" ? 1 : -1);
    const { best, of } = groups.get(job.dataset) ?? { best: null, of: 0 };
    groups.set(job.dataset, { best: best && best.score >= score ? best : { id: job.id, score }, of: of + 1 });
  }
  return new Set([...groups.values()].filter(({ of }) => of > 1).map(({ best }) => best.id));
}
