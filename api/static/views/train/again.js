// An earlier run, run again with a change: the form is filled from what it was asked for.

import { get } from "../../lib/api.js";
import { setParams } from "../../lib/router.js";
import { Score } from "../../lib/score.js";
import { titleOf } from "../../lib/spec.js";
import { html, useLoaded } from "../../lib/ui.js";

/** {job, error} of the job that the address names. */
export function useJob(id) {
  const { data, error } = useLoaded((signal) => (id ? get(`/v1/jobs/${encodeURIComponent(id)}`, { signal }) : null), [id]);
  return { job: id && data?.id === id ? data : null, error: id ? error : null };
}

/** From which run the form was filled. */
export function Again({ origin: { job, error }, base }) {
  if (error) return html`<p class="problem" role="alert"><b>Not filled in.</b> ${error.message}</p>`;
  if (!job || !base) return null;
  return html`<p class="again" role="status"><span>As <b>${titleOf(job)}</b>${job.status === "succeeded" ? html` (<${Score} of=${job} />)` : `, which ${job.status === "failed" ? "failed" : `is ${job.status}`}`}, with a new seed. Change what you like.</span>
    <button type="button" class="button quiet small" onClick=${() => setParams({ from: "" })}>Begin without it</button></p>`;
}
