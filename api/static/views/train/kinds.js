// Runs of other data, or of another loss, on one axis: said, and mended with a click.

import { usualLoss } from "../../lib/catalogue.js";
import { useDatasetNames } from "../../lib/datasets.js";
import { setParams } from "../../lib/router.js";
import { html } from "../../lib/ui.js";

export function NotOfOneKind({ entries }) {
  const jobs = entries.map(({ job }) => job).filter(Boolean);
  const data = grouped(jobs, (job) => job.dataset);
  if (data.size > 1) return html`<${OtherData} data=${data} />`;
  const task = entries.some(({ epochs }) => epochs.some((epoch) => epoch?.train_accuracy !== undefined)) ? "classification" : "regression";
  const losses = grouped(jobs, ({ config: { training } }) => (training.teacher ? "distance from its teacher" : lossOf(training.loss ?? usualLoss(task))));
  if (losses.size < 2) return null;
  return html`<p class="other-kinds note" role="status">Their losses do not compare, for each is measured in its own way: ${[...losses.keys()].join(", ")}.</p>`;
}

function OtherData({ data }) {
  const nameOf = useDatasetNames();
  return html`<div class="other-kinds" role="status"><p>These runs learned from different data. Their numbers do not compare.</p>
    <p class="row">${[...data].map(([dataset, jobs]) => html`<button key=${dataset} type="button" class="chip"
      onClick=${() => setParams({ runs: jobs.map(({ id }) => id).join(), run: "" })}>Only ${nameOf(dataset)} (${jobs.length})</button>`)}</p></div>`;
}

/** A loss in words, with the options that it does not usually have. */
function lossOf(loss) {
  if (typeof loss === "string") return loss.replaceAll("_", " ");
  const { name, ...options } = loss;
  return [name, ...Object.entries(options).map(([option, value]) => `${option} ${value}`)].join(" ").replaceAll("_", " ");
}

/** What of `jobs` has the same key, in the order of the first ones. */
function grouped(jobs, keyOf) {
  const groups = new Map();
  for (const job of jobs) groups.set(keyOf(job), [...(groups.get(keyOf(job)) ?? []), job]);
  return groups;
}
