// Train: start runs, watch them learn, compare them, and see what each still gets wrong.

import { list } from "../lib/api.js";
import { useQueue } from "../lib/queue.js";
import { currentRoute, setParams, shows } from "../lib/router.js";
import { runs, unwatch, watch } from "../lib/runs.js";
import { titleOf } from "../lib/spec.js";
import { useTurns } from "../lib/turns.js";
import { html, useEffect, useLoaded, useMemo, useState, useStore } from "../lib/ui.js";
import { Curves } from "./train/curves.js";
import { RunForm } from "./train/form.js";
import { Queue } from "./train/queue.js";
import { Report } from "./train/report.js";
import { RunTable } from "./train/table.js";

const SERIES = 6;

const ids = (text) => (text ? text.split(",").filter(Boolean) : []);

export function Train({ params }) {
  const recent = useLoaded((signal) => list("/v1/jobs", { most: 12, signal }), [], { every: 3000 });
  const line = useQueue();
  const standing = useTurns(2);
  const wanted = params.runs === undefined ? firstShown(recent.data, line.running, params.dataset) : ids(params.runs);
  const shown = wanted.slice(0, SERIES);
  const suggested = useDataOf(shown);
  const [madeRoom, setMadeRoom] = useState([]);

  useEffect(() => {
    for (const id of shown) watch(id, recent.data?.find((job) => job.id === id));
    for (const id of runs.get().keys()) if (!shown.includes(id)) unwatch(id);
  }, [shown.join()]);

  const show = (next, run) => {
    setMadeRoom(next.slice(0, -SERIES).map((id) => ({ id, title: titleFor(id) })));
    setParams({ runs: next.slice(-SERIES).join(), run });
  };
  const started = (job) => {
    if (!shows("train")) return;
    watch(job.id, job);
    const now = currentRoute().params.runs; // another run may have been added or taken out meanwhile
    show([...(now === undefined ? shown : ids(now)), job.id], job.id);
    recent.reload();
    bringIntoSight(document.getElementById("curves"));
  };

  return html`<div class="train">
    <section class="train-new" aria-labelledby="new-title">
      <h1 id="new-title">Teach a network</h1>
      <p class="prose">It starts with random weights and sees each example again and again; after each small batch every
        weight moves a little, against the error.</p>
      <${RunForm} asked=${params.dataset} suggested=${suggested} origin=${params.from} onDataset=${(id) => setParams({ dataset: id })} onStarted=${started} />
    </section>
    <section class="train-runs" aria-label="Runs" id="curves">
      <${Queue} line=${line} shown=${shown} onShow=${(id) => show([...shown, id], id)} />
      ${standing > 1 && html`<${Runs} shown=${shown} beyond=${wanted.slice(SERIES)} params=${params} recent=${recent.data} onShow=${show} madeRoom=${madeRoom} />`}
    </section>
  </div>`;
}

/** What is drawn anew with each epoch: the form beside it is not. */
function Runs({ shown, beyond, params, recent, onShow, madeRoom }) {
  const all = useStore(runs);
  const standing = useTurns(3);
  const ended = shown.filter((id) => all.get(id)?.job?.model_id);
  const chosen = shown.includes(params.run) ? params.run : (ended.at(-1) ?? shown.at(-1));
  const entries = useMemo(
    () => shown.map((id, i) => ({ id, colour: `--series-${i + 1}`, ...(all.get(id) ?? { job: null, epochs: [] }) })),
    [all, shown.join()],
  );
  return html`<${Curves} entries=${entries} params=${params} />
    ${beyond.length > 0 && html`<p class="note" role="status">The address names ${shown.length + beyond.length} runs; the first ${SERIES} are drawn.</p>`}
    ${standing > 1 && html`<${RunTable} entries=${entries} recent=${recent} chosen=${chosen} onShow=${onShow} most=${SERIES} madeRoom=${madeRoom} />`}
    ${standing > 2 && html`<${Report} entry=${entries.find((entry) => entry.id === chosen)} />`}`;
}

function titleFor(id) {
  const job = runs.get().get(id)?.job;
  return job ? titleOf(job) : id;
}

/** Scroll to where a run's curve begins to grow, unless its top is seen already. */
function bringIntoSight(element) {
  const { top } = element.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) element.scrollIntoView();
}

/** With nothing chosen: all that runs now, however much waits behind it, else the last run that came to an end. */
function firstShown(recent, running, dataset) {
  const jobs = recent?.filter((job) => !dataset || job.dataset === dataset) ?? [];
  const here = running.filter((job) => !dataset || job.dataset === dataset);
  const now = new Set([...here, ...jobs.filter((job) => job.status === "running")].map((job) => job.id));
  const last = jobs.find((job) => job.status === "succeeded");
  return now.size ? [...now].slice(0, SERIES).reverse() : last ? [last.id] : [];
}

/** The data set of the first runs that an address shows: what happens to them later leaves the form alone. */
function useDataOf(shown) {
  const [found, setFound] = useState(null);
  useEffect(() => {
    const followed = () => setFound(null); // another address, by a link or the browser's history
    addEventListener("hashchange", followed);
    return () => removeEventListener("hashchange", followed);
  }, []);
  useEffect(() => {
    const look = (all) => {
      const job = shown.map((id) => all.get(id)?.job).find(Boolean);
      if (job) setFound((before) => before ?? job.dataset);
    };
    look(runs.get());
    return runs.subscribe(look);
  }, [shown.join(), found]);
  return found;
}
