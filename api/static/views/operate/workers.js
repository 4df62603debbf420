// Who works: each worker, when it was last seen, and what it has in hand.

import { get } from "../../lib/api.js";
import { duration } from "../../lib/format.js";
import { address } from "../../lib/router.js";
import { titleOf } from "../../lib/spec.js";
import { html, useLoaded } from "../../lib/ui.js";

export function Workers({ workers }) {
  return html`<section aria-labelledby="workers-title"><h2 id="workers-title">Workers</h2>
    ${workers.length === 0 ? html`<p class="empty">No worker was seen lately. <code>neurond worker training</code> starts one.</p>` : html`
    <div class="table-wrap" tabindex="0" role="group" aria-labelledby="workers-title"><table class="list">
      <thead><tr><th>Worker</th><th>Queue</th><th>In hand</th><th class="right">Threads</th><th class="right">Last seen</th></tr></thead>
      <tbody>${workers.map((worker) => html`<tr key=${worker.name}><td>${worker.name}</td><td>${worker.queue}</td>
        <td>${worker.job_ids.length ? worker.job_ids.map((id) => html`<${InHand} key=${id} id=${id} />`) : html`<span class="note">nothing</span>`}</td>
        <td class="right">${worker.threads ?? "–"}</td><td class="right">${worker.silent_seconds < 2.5 ? "now" : `${duration(worker.silent_seconds)} ago`}</td></tr>`)}</tbody>
    </table></div>`}</section>`;
}

function InHand({ id }) {
  const { data: job } = useLoaded((signal) => get(`/v1/jobs/${id}`, { signal }), [id], { every: 1000 });
  if (!job) return html`<code>${id}</code>`;
  return html`<a href=${address("train", { runs: id })}>${titleOf(job)}</a> <span class="note numeric">epoch ${job.progress.epoch} of ${job.progress.epochs}</span>`;
}
