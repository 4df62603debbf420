// The runs: which are drawn, how far each is, how it ended, and whether what came of it is any good.

import { post } from "../../lib/api.js";
import { useDatasetNames } from "../../lib/datasets.js";
import { ago, compact, duration, number, percent } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { scoreOf } from "../../lib/models.js";
import { address, setParams } from "../../lib/router.js";
import { epochsInWords, finished, keptEpoch } from "../../lib/runs.js";
import { baselineInWords, guessInWords, NO_BETTER, Score, verdict } from "../../lib/score.js";
import { titleOf } from "../../lib/spec.js";
import { html, useState } from "../../lib/ui.js";
import { Turn } from "./queue.js";

/** `most`: how many runs are drawn at once; `madeRoom`: `{id, title}` of those that a later one has just pushed out. */
export function RunTable({ entries, recent, chosen, onShow, most, madeRoom }) {
  const ids = entries.map((entry) => entry.id);
  const others = (recent ?? []).filter((job) => !ids.includes(job.id));
  const nameOf = useDatasetNames();
  return html`<div class="runs">
    ${!entries.length && html`<p class="empty">${others.length ? "No run is shown." : "No run yet."} Start one, and its curve grows here.</p>`}
    ${madeRoom.map(({ id, title }) => html`<p key=${id} class="made-room note" role="status">“${title}” made room: ${most} runs are drawn at once.
      <button type="button" class="button small" onClick=${() => onShow([...ids, id], id)}>Show it again</button></p>`)}
    <ul class="run-list" aria-label="Runs in the charts">
      ${entries.map((entry) => html`<${Run} key=${entry.id} entry=${entry} chosen=${entry.id === chosen && entries.length > 1}
        onChoose=${() => onShow(ids, entry.id)} onHide=${() => onShow(ids.filter((id) => id !== entry.id))} />`)}
    </ul>
    ${others.length > 0 && html`<details class="others" open=${!entries.length}>
      <summary>${entries.length ? "Compare with an earlier run" : "Show an earlier run"}</summary>
      ${entries.length >= most && html`<p class="note">${most} runs are drawn at once: the next takes the place of “${nameOfRun(entries[0])}”.</p>`}
      <ul>${others.map((job) => html`<li key=${job.id}><button type="button" class="other" onClick=${() => onShow([...ids, job.id], job.id)}>
        ${icon("plus")}<span>${titleOf(job)}</span>
        <span class="note numeric">${nameOf(job.dataset)} · ${job.status === "succeeded" ? html`<${Score} of=${job} />` : job.status} · ${ago(job.created_at)}</span>
      </button></li>`)}</ul>
    </details>`}
  </div>`;
}

const nameOfRun = ({ id, job }) => (job ? titleOf(job) : id);

/** Fill the form from this run, to be changed there. */
function again(job) {
  setParams({ from: job.id, dataset: job.dataset });
  document.getElementById("new-title")?.scrollIntoView();
}

function Run({ entry, chosen, onChoose, onHide }) {
  const { job, colour, error } = entry;
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState(null);
  if (!job) return html`<li class="run">${error ? html`<span class="note">${error.message}</span>` : html`<span class="note">…</span>`}
    <button type="button" class="button quiet icon small" onClick=${onHide} aria-label="Take this run out">${icon("close")}</button></li>`;
  const { progress, metrics } = job;
  const done = job.status === "succeeded" ? 1 : progressOf(progress);
  const speed = finished(job) ? (metrics.samples_per_second ?? progress.samples_per_second) : progress.samples_per_second;
  const guessing = verdict(metrics)?.guessing;
  const cancel = async () => {
    setAsked(true);
    setProblem(null);
    try {
      await post(`/v1/jobs/${job.id}/cancel`);
    } catch (refusal) {
      setAsked(false);
      setProblem(refusal);
    }
  };
  return html`<li class=${`run ${chosen ? "chosen" : ""}`} style=${{ "--series": `var(${colour})` }} data-job=${job.id} data-status=${job.status}>
    <button type="button" class="run-name" aria-pressed=${String(chosen)} onClick=${onChoose}><i class="swatch"></i><span>${titleOf(job)}</span></button>
    <span class=${`status ${job.status} ${guessing ? "guessing" : ""}`}>${asked && !finished(job) ? "cancelling" : job.status}</span>
    <span class="run-end">
      ${!finished(job) && html`<button type="button" class="button small changes" onClick=${cancel} disabled=${asked}>${icon("stop")} Cancel</button>`}
      ${job.model_id && job.dataset === "mnist" && html`<a class="button small" href=${address("draw", { model: job.model_id })}>Draw for it ${icon("arrow")}</a>`}
      ${finished(job) && html`<button type="button" class="button small changes" onClick=${() => again(job)}>Run again…</button>`}
      <button type="button" class="button quiet icon small" onClick=${onHide} aria-label=${`Take ${titleOf(job)} out of the charts`}>${icon("close")}</button>
    </span>
    <div class="bar run-bar" style=${{ "--fill": `var(${colour})` }} role="progressbar" aria-label="Progress" aria-valuenow=${Math.round(100 * done)} aria-valuemin="0" aria-valuemax="100">
      <i style=${{ transform: `scaleX(${done})` }}></i></div>
    <dl class="run-facts numeric">
      ${job.status === "queued" ? html`<${Turn} job=${job} />` : html`<${Fact} ...${epochsInWords(job)} />`}
      ${speed && html`<${Fact} name="a second" value=${`${compact(speed)} rows`} />`}
      ${job.status === "running" && html`<${Fact} name="to go" value=${duration(progress.eta_seconds)} />`}
      ${finished(job) && html`<${Fact} name="took" value=${duration((new Date(job.finished_at) - new Date(job.started_at ?? job.created_at)) / 1000)} />`}
      ${validation(job)}
      ${test(job)}
    </dl>
    ${problem && !finished(job) && html`<p class="problem run-error" role="alert">${problem.message}</p>`}
    ${job.error && html`<p class="problem run-error"><b>${job.error.code.replaceAll("_", " ")}.</b> ${job.error.message}</p>`}
  </li>`;
}

const Fact = ({ name, value, mark }) => html`<div class=${mark ?? ""}><dd>${value}</dd><dt>${name}</dt></div>`;

/** The validation's score, of the epoch that was kept where one was. */
function validation(job) {
  const { metrics } = job;
  const kept = keptEpoch(job);
  const of = kept === null ? "" : ` at epoch ${kept}`;
  if (metrics.validation_accuracy !== undefined) return html`<${Fact} name=${`validation${of}`} value=${percent(metrics.validation_accuracy, 2)} />`;
  if (metrics.validation_loss !== undefined) return html`<${Fact} name=${`validation loss${of}`} value=${number(metrics.validation_loss)} />`;
  return null;
}

/** The test's score beside that of knowing nothing. Green is one that is known to be better. */
function test(job) {
  const { metrics } = job;
  const found = verdict(metrics);
  const mark = found && (found.guessing ? "guessing" : "good");
  return html`${(metrics.test_accuracy ?? metrics.test_rmse) !== undefined && html`<${Fact} name="on the test set" value=${scoreOf(job)} mark=${`strong ${mark ?? ""}`} />`}
    ${metrics.test_r2 !== undefined && html`<${Fact} name="R²" value=${number(metrics.test_r2)} mark=${mark} />`}
    ${found && html`<${Fact} name=${guessInWords(found)} value=${baselineInWords(found)} />`}
    ${found?.guessing && html`<${Fact} name="" value=${NO_BETTER} mark="guessing" />`}`;
}

function progressOf({ epoch, epochs, step, steps }) {
  if (!epoch) return 0;
  return Math.min(1, (epoch - 1 + (steps ? step / steps : 0)) / epochs);
}
