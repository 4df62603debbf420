// One job, opened in the list: how it went, what was asked for, and what can be done next.

import { get, post, remove } from "../../lib/api.js";
import { icon } from "../../lib/icons.js";
import { MetricFacts } from "../../lib/metrics.js";
import { address, currentRoute, setParams } from "../../lib/router.js";
import { finished } from "../../lib/runs.js";
import { titleOf } from "../../lib/spec.js";
import { html, useLoaded, useTrying } from "../../lib/ui.js";

export function Details({ job, onChanged }) {
  const events = useLoaded((signal) => get(`/v1/jobs/${job.id}/events?limit=100`, { signal }), [job.id, job.status]);
  const life = (events.data?.data ?? []).filter((event) => event.event !== "epoch");
  const { problem, trying } = useTrying(onChanged);
  const cancel = trying(() => post(`/v1/jobs/${job.id}/cancel`));
  const drop = trying(async () => {
    if (!confirm(`Delete the job “${titleOf(job)}” and its curve? Its model stays.`)) return;
    await remove(`/v1/jobs/${job.id}`);
    if (currentRoute().params.open === job.id) setParams({ open: "" });
  });
  return html`<div class="detail two">
    <div class="stack">
      ${problem && html`<p class="problem" role="alert">${problem.message}</p>`}
      ${job.error && html`<p class="problem"><b>${job.error.code.replaceAll("_", " ")}.</b> ${job.error.message}</p>`}
      <div class="row">
        <a class="button small" href=${address("train", { runs: job.id, dataset: job.dataset })}>Show its curve</a>
        <a class="button small changes" href=${address("train", { from: job.id, dataset: job.dataset, runs: job.id })}>Run again with a change</a>
        ${job.model_id && html`<a class="button small" href=${address("library", { tab: "models", open: job.model_id })}>Its model</a>`}
        ${finished(job) ? html`<button type="button" class="button small danger" onClick=${drop}>${icon("trash")} Delete</button>` : html`<button type="button" class="button small changes" onClick=${cancel}>Cancel</button>`}
      </div>
      <dl class="facts">
        <dt>ID</dt><dd><code>${job.id}</code></dd>
        <dt>Attempt</dt><dd>${job.attempt}</dd>
        <${MetricFacts} metrics=${job.metrics} />
      </dl>
      <div><h2>Its life</h2><dl class="facts">${life.map((event) => html`<dt key=${event.id}>${new Date(event.created_at).toLocaleTimeString("en-GB")}</dt>
        <dd>${event.event.replaceAll("_", " ")}${event.data.reason ? `, ${event.data.reason}` : ""}${event.data.attempt > 1 ? `, attempt ${event.data.attempt}` : ""}</dd>`)}</dl></div>
    </div>
    <div><h2>What was asked for</h2><pre class="code" tabindex="0">${JSON.stringify(job.config, null, 2)}</pre></div>
  </div>`;
}
