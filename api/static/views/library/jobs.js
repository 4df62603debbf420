// The jobs: their states, how each went, why one failed.

import { get, post } from "../../lib/api.js";
import { useDatasetNames } from "../../lib/datasets.js";
import { ago, duration } from "../../lib/format.js";
import { MetricFacts } from "../../lib/metrics.js";
import { ListEnd, useEntries, usePaged } from "../../lib/paged.js";
import { address, setParams } from "../../lib/router.js";
import { finished } from "../../lib/runs.js";
import { Score } from "../../lib/score.js";
import { titleOf } from "../../lib/spec.js";
import { html, useLoaded, useState } from "../../lib/ui.js";

const STATES = ["", "queued", "running", "succeeded", "failed", "cancelled"];

export function Jobs({ params }) {
  const status = STATES.includes(params.status) ? params.status : "";
  const jobs = usePaged(`/v1/jobs${status ? `?status=${status}` : ""}`);
  const entries = useEntries("/v1/jobs", jobs, params.open);
  const datasetOf = useDatasetNames();
  return html`
    <div class="filters"><div class="chips" role="group" aria-label="State">
      ${STATES.map((state) => html`<button key=${state} type="button" class="chip" aria-pressed=${String(state === status)}
        onClick=${() => setParams({ status: state, open: "" })}>${state || "all"}</button>`)}</div></div>
    ${entries.length > 0 && html`<div class="table-wrap"><table class="list">
      <thead><tr><th>Job</th><th>State</th><th class="wide-only">Data</th><th class="right">Result</th><th class="right wide-only">Took</th><th class="right wide-only">Submitted</th></tr></thead>
      <tbody>${entries.map((job) => html`<${Row} key=${job.id} job=${job} dataset=${datasetOf(job.dataset)} open=${params.open === job.id} onCancelled=${jobs.reload} />`)}</tbody>
    </table></div>`}
    <${ListEnd} list=${jobs} empty=${status ? `No job is ${status}.` : "No job yet. One begins under Train."} />`;
}

function Row({ job, dataset, open, onCancelled }) {
  const toggle = () => setParams({ open: open ? "" : job.id });
  return html`<tr class=${open ? "chosen" : ""}>
      <td><button type="button" class="row-button" aria-expanded=${String(open)} onClick=${toggle}>${titleOf(job)}</button></td>
      <td><span class=${`status ${job.status}`}>${job.status}</span></td>
      <td class="wide-only">${dataset}</td>
      <td class="right">${resultOf(job)}</td>
      <td class="right wide-only">${job.started_at && job.finished_at ? duration((new Date(job.finished_at) - new Date(job.started_at)) / 1000) : "–"}</td>
      <td class="right wide-only">${ago(job.created_at)}</td>
    </tr>
    ${open && html`<tr class="details"><td colspan="6"><${Details} job=${job} onCancelled=${onCancelled} /></td></tr>`}`;
}

function resultOf(job) {
  const { progress, status, error } = job;
  if (status === "running") return `epoch ${progress.epoch} of ${progress.epochs}`;
  if (error) return error.code.replaceAll("_", " ");
  return html`<${Score} of=${job} />`;
}

function Details({ job, onCancelled }) {
  const events = useLoaded((signal) => get(`/v1/jobs/${job.id}/events?limit=100`, { signal }), [job.id, job.status]);
  const life = (events.data?.data ?? []).filter((event) => event.event !== "epoch");
  const [problem, setProblem] = useState(null);
  const cancel = async () => {
    try {
      await post(`/v1/jobs/${job.id}/cancel`);
      setProblem(null);
      onCancelled();
    } catch (error) {
      setProblem(error);
    }
  };
  return html`<div class="detail two">
    <div class="stack">
      ${problem && html`<p class="problem" role="alert">${problem.message}</p>`}
      ${job.error && html`<p class="problem"><b>${job.error.code.replaceAll("_", " ")}.</b> ${job.error.message}</p>`}
      <div class="row">
        <a class="button small" href=${address("train", { runs: job.id })}>Show its curve</a>
        ${job.model_id && html`<a class="button small" href=${address("library", { tab: "models", open: job.model_id })}>Its model</a>`}
        ${!finished(job) && html`<button type="button" class="button small" onClick=${cancel}>Cancel</button>`}
      </div>
      <dl class="facts">
        <dt>ID</dt><dd><code>${job.id}</code></dd>
        <dt>Attempt</dt><dd>${job.attempt}</dd>
        <${MetricFacts} metrics=${job.metrics} />
      </dl>
      <div><h3>Its life</h3><dl class="facts">${life.map((event) => html`<dt key=${event.id}>${new Date(event.created_at).toLocaleTimeString("en-GB")}</dt>
        <dd>${event.event.replaceAll("_", " ")}${event.data.reason ? `, ${event.data.reason}` : ""}${event.data.attempt > 1 ? `, attempt ${event.data.attempt}` : ""}</dd>`)}</dl></div>
    </div>
    <div><h3>What was asked for</h3><pre class="code" tabindex="0">${JSON.stringify(job.config, null, 2)}</pre></div>
  </div>`;
}
