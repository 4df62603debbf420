// Training runs as this page follows them: the record, and the curve so far.

import { follow, get } from "./api.js";
import { createStore } from "./ui.js";

const FINISHED = new Set(["succeeded", "failed", "cancelled"]);
const POLL_MS = 500;
const MOST_STREAMS = 3; // A browser opens six connections to a host, for all its tabs together.

/** Job ID → {job, epochs, error}: `epochs` are the epochs' events, the first at 0. */
export const runs = createStore(new Map());

const followed = new Map();

export const finished = (job) => FINISHED.has(job.status);

/** The epoch whose weights a run's model has, where early stopping chose one; else null. */
export const keptEpoch = (job) => job?.metrics.best_epoch ?? null;

/** How far a run is, or how far it came: `{value, name}`, a number of epochs and what it is. */
export function epochsInWords(job) {
  const { epoch, epochs } = job.progress;
  const kept = keptEpoch(job);
  if (kept === null) return { value: `epoch ${epoch} of ${epochs}`, name: "" };
  if (epoch === epochs) return { value: `epoch ${epoch} of ${epochs}, kept ${kept}`, name: "" };
  return { value: `stopped after ${epoch}, kept ${kept}`, name: `of ${epochs} epochs` };
}

function update(id, change) {
  runs.set((before) => {
    const run = before.get(id) ?? { job: null, epochs: [], error: null };
    return new Map(before).set(id, { ...run, ...change(run) });
  });
}

/** Follow a run to its end, once, however often it is asked for; `job` stands for its record until that is read. */
export function watch(id, job = null) {
  if (job && !runs.get().get(id)?.job) update(id, () => ({ job }));
  if (followed.has(id)) return;
  const controller = new AbortController();
  followed.set(id, controller);
  Promise.all([readRecord(id, controller.signal), readEvents(id, controller.signal)]).catch((error) => {
    followed.delete(id);
    if (error.name !== "AbortError") update(id, () => ({ error }));
  });
}

/** Forget a run, and stop following it. */
export function unwatch(id) {
  followed.get(id)?.abort();
  followed.delete(id);
  runs.set((before) => {
    const after = new Map(before);
    after.delete(id);
    return after;
  });
}

const pause = (ms, signal) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

/** The record tells how far inside an epoch the run is, how fast, and how it ended. */
async function readRecord(id, signal) {
  while (!signal.aborted) {
    const job = await patiently(() => get(`/v1/jobs/${id}`, { signal }), signal);
    if (signal.aborted) return;
    const before = runs.get().get(id)?.job;
    if (!before || JSON.stringify(before) !== JSON.stringify(job)) update(id, () => ({ job, error: null }));
    if (finished(job)) return;
    await pause(POLL_MS, signal);
  }
}

/** The events tell each epoch: first those that were, in pages, then as they come. */
async function readEvents(id, signal) {
  let last = null;
  while (!signal.aborted) {
    const { job } = runs.get().get(id) ?? {};
    const ended = job && finished(job); // What is asked for from then on misses nothing.
    const page = await patiently(() => get(`/v1/jobs/${id}/events?limit=100${last ? `&after=${last.id}` : ""}`, { signal }), signal);
    if (signal.aborted) return;
    take(id, page.data);
    last = page.data.at(-1) ?? last;
    if (page.has_more) continue;
    if (ended || FINISHED.has(last?.event)) return;
    const streamed = await inStream(async () => {
      last = await stream(id, last, signal);
    });
    if (!streamed) await pause(POLL_MS, signal);
  }
}

/** Do `work` while holding one of the few streams that the tabs share; false, and not done, where none is free. */
async function inStream(work) {
  if (!navigator.locks) return false; // over plain HTTP from another machine
  for (let n = 1; n <= MOST_STREAMS; n += 1) {
    const options = { ifAvailable: true };
    const done = await navigator.locks.request(`neurond.stream.${n}`, options, async (lock) => lock && (await work(), true));
    if (done) return true;
  }
  return false;
}

/** The last event that came, from `last` on, before the stream broke or ended. */
async function stream(id, last, signal) {
  try {
    for await (const event of follow(id, last?.id ?? "", signal)) {
      if (signal.aborted) return last;
      take(id, [event]);
      last = event;
    }
  } catch (error) {
    if (error.name !== "AbortError") await pause(POLL_MS, signal);
  }
  return last;
}

function take(id, events) {
  const epochs = events.filter((event) => event.event === "epoch");
  if (!epochs.length) return;
  update(id, (run) => {
    const all = [...run.epochs];
    // A resumed attempt tells some epochs again: by number, each stands once.
    for (const event of epochs) all[event.data.epoch - 1] = { ...event.data, at: Date.parse(event.created_at) };
    return { epochs: all };
  });
}

/** Ask again while the service is away; give up on what will not change. */
async function patiently(ask, signal) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error.name === "AbortError" || (error.status >= 400 && error.status < 500)) throw error;
      await pause(2 * POLL_MS, signal);
      if (signal.aborted) throw new DOMException("no longer wanted", "AbortError");
    }
  }
}
