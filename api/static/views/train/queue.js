// What runs now and what waits: each by its name, with a way to its curve, and to end it.

import { post } from "../../lib/api.js";
import { useDatasetNames } from "../../lib/datasets.js";
import { count, duration } from "../../lib/format.js";
import { queue, startsIn, turnOf } from "../../lib/queue.js";
import { titleOf } from "../../lib/spec.js";
import { html, useState, useStore } from "../../lib/ui.js";

/** Where one's own run stands in line, and behind what. */
export function Turn({ job }) {
  const { running } = useStore(queue);
  const turn = turnOf(job);
  return html`<div class="turn"><dd>${turn || "waits"}</dd>${running.length > 0 && html`<dt>now running: ${running.map(saysRunning).join("; ")}</dt>`}</div>`;
}

const epochOf = ({ progress }) => `epoch ${count(progress.epoch)} of ${count(progress.epochs)}`;
const saysRunning = (job) => `${titleOf(job)}, ${epochOf(job)}`;

/** Nothing while nobody waits and all that runs is in the charts. */
export function Queue({ line, shown, onShow }) {
  const [problem, setProblem] = useState(null);
  const hidden = line.running.filter((job) => !shown.includes(job.id));
  if (!line.waiting.length && !hidden.length && !problem) return null;
  const cancel = async (...jobs) => {
    setProblem(null);
    for (const job of jobs) {
      try {
        await post(`/v1/jobs/${job.id}/cancel`);
      } catch (error) {
        setProblem(error);
        break;
      }
    }
    line.reload();
  };
  return html`<section class="queue" aria-label="Queue">
    ${line.running.map((job) => html`<p key=${job.id} class="queue-job"><span class="status running">running</span>
      <b>${titleOf(job)}</b><span class="note numeric">${epochOf(job)}${job.progress.eta_seconds !== null ? `, ${duration(job.progress.eta_seconds)} to go` : ""}</span>
      ${!shown.includes(job.id) && html`<button type="button" class="button small" onClick=${() => onShow(job.id)} aria-label=${`Show its curve: ${titleOf(job)}`}>Show its curve</button>
        <button type="button" class="button small changes" onClick=${() => cancel(job)} aria-label=${`Cancel ${titleOf(job)}`}>Cancel</button>`}</p>`)}
    ${line.waiting.length > 0 && html`<${Waiting} line=${line} shown=${shown} onShow=${onShow} onCancel=${cancel} />`}
    ${problem && html`<p class="problem" role="alert">${problem.message}</p>`}
  </section>`;
}

function Waiting({ line, shown, onShow, onCancel }) {
  const [open, setOpen] = useState(false);
  const { waiting, ahead } = line;
  const all = waiting.length + ahead;
  const last = startsIn(waiting.at(-1).queue?.starts_in_seconds);
  const cancelAll = () => confirm(`Cancel ${waiting.length === 1 ? "the job that waits" : `the ${waiting.length} jobs that wait`}?`) && onCancel(...waiting);
  return html`<details class="waiting" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>${all} ${all === 1 ? "waits" : "wait"}${last && `${all === 1 ? "," : ", the last begins"} ${last}`}</summary>
    ${open && html`${ahead > 0 && html`<p class="note">${ahead} more wait before these.</p>`}
      <${Places} ...${{ waiting, shown, onShow, onCancel }} />
      ${waiting.length > 1 && html`<button type="button" class="button small danger" onClick=${cancelAll}>Cancel these ${waiting.length}</button>`}`}
  </details>`;
}

function Places({ waiting, shown, onShow, onCancel }) {
  const nameOf = useDatasetNames();
  return html`<ol>${waiting.map((job) => html`<${Place} key=${job.id} job=${job} data=${nameOf(job.dataset)} isShown=${shown.includes(job.id)} onShow=${onShow} onCancel=${onCancel} />`)}</ol>`;
}

function Place({ job, data, isShown, onShow, onCancel }) {
  const [asked, setAsked] = useState(false);
  const title = titleOf(job);
  const cancel = async () => {
    setAsked(true);
    await onCancel(job);
    setAsked(false);
  };
  return html`<li class="queue-job"><span class="note numeric">${turnOf(job)}</span><b>${title}</b><span class="note">${data}</span>
    ${!isShown && html`<button type="button" class="button quiet small" onClick=${() => onShow(job.id)} aria-label=${`Show ${title}`}>Show</button>`}
    <button type="button" class="button small changes" disabled=${asked} onClick=${cancel} aria-label=${`Cancel ${title}`}>Cancel</button></li>`;
}
