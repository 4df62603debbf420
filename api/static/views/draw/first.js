// There is no model yet that reads digits: train one here, in a few seconds.

import { post } from "../../lib/api.js";
import { percent } from "../../lib/format.js";
import { address } from "../../lib/router.js";
import { finished, runs, watch } from "../../lib/runs.js";
import { html, useEffect, useState, useStore } from "../../lib/ui.js";

const SPEC = { dataset: "mnist", name: "first reader", training: { epochs: 5 } };

export function FirstModel({ onDone }) {
  const [id, setId] = useState(null);
  const [problem, setProblem] = useState(null);
  const run = useStore(runs).get(id);
  const job = run?.job;
  const failed = run?.error ?? (job && finished(job) && job.status !== "succeeded" ? { message: job.error?.message ?? `The run was ${job.status}.` } : null);
  useEffect(() => {
    if (job?.status === "succeeded") onDone();
  }, [job?.status]);
  const start = async () => {
    try {
      const created = await post("/v1/jobs", SPEC);
      watch(created.id, created);
      setId(created.id);
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
  };
  const accuracy = run?.epochs.at(-1)?.validation_accuracy;
  const share = job ? (job.progress.epoch - 1 + (job.progress.step ?? 0) / (job.progress.steps || 1)) / job.progress.epochs : 0;
  return html`<div class="first">
    <h1>Nobody here can read yet</h1>
    <p class="prose">Before you draw, a network has to learn what digits look like. It takes 60,000 examples and, on most
      machines, a few seconds.</p>
    ${(!job || failed) && html`<button type="button" class="button primary large changes" onClick=${start}>${failed ? "Train another" : "Train one now"}</button>`}
    ${job && !failed && html`<div class="first-run" aria-live="polite">
      <div class="bar"><i style=${{ transform: `scaleX(${Math.max(0, Math.min(1, share))})` }}></i></div>
      <p class="note numeric">${job.status === "queued" ? "waiting for a worker" : `epoch ${job.progress.epoch} of ${job.progress.epochs}`}
        ${accuracy !== undefined && `, reads ${percent(accuracy)} of what it has never seen`}</p>
    </div>`}
    ${(problem ?? failed) && html`<p class="problem" role="alert">${(problem ?? failed).message}</p>`}
    <p class="note">Or choose the network yourself under <a href=${address("train")}>Train</a>.</p>
  </div>`;
}
