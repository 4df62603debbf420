// The jobs: found, sorted, chosen, compared; and each by itself, opened in its row.

import { list } from "../../lib/api.js";
import { metricsOf } from "../../lib/catalogue.js";
import { learnNames, useDatasetNames } from "../../lib/datasets.js";
import { ago, duration } from "../../lib/format.js";
import { ListEnd, useEntries, usePaged } from "../../lib/paged.js";
import { Parts } from "../../lib/parts.js";
import { address, currentRoute, setParams } from "../../lib/router.js";
import { Score } from "../../lib/score.js";
import { titleOf } from "../../lib/spec.js";
import { html, useEffect, useLoaded, useMemo, useRows } from "../../lib/ui.js";
import { choiceOf, differences } from "./differences.js";
import { Filters, STATES } from "./filters.js";
import { Details } from "./job.js";
import { bestOf, OrderNote, ORDERS, orderOf, SortHead } from "./orders.js";

const MOST_COMPARED = 6; // so many curves have a colour of their own

export function Jobs({ params }) {
  const status = STATES.includes(params.status) ? params.status : "";
  const { dataset = "", q = "", open } = params;
  const sort = orderOf(params.sort);
  const wanted = new URLSearchParams(Object.entries({ status, dataset, q, sort }).filter(([, value]) => value)).toString();
  const jobs = usePaged(`/v1/jobs${wanted && `?${wanted}`}`);
  const entries = useEntries("/v1/jobs", jobs, open);
  const datasets = useLoaded((signal) => list("/v1/datasets", { signal }), [], { every: 10_000 });
  useEffect(() => learnNames(datasets.data), [datasets.data]);
  const filtered = status || dataset || q || sort;
  return html`
    <${Filters} datasets=${datasets.data ?? []} dataset=${dataset} words=${q} status=${status} sort=${sort} />
    <${OrderNote} sort=${sort} dataSets=${new Set(entries.map((job) => job.dataset)).size} />
    <${Picked} picked=${pickedOf(params)} entries=${entries} />
    ${entries.length > 0 && html`<${Table} entries=${entries} sort=${sort} open=${open} picked=${pickedOf(params)}
      complete=${!jobs.more && !jobs.loading} learns=${learnsOf(dataset, datasets.data, entries)} onChanged=${jobs.reload} />`}
    <${ListEnd} list=${jobs} empty=${filtered ? emptyText(status, q, dataset, sort) : "No job yet. One begins under Train."} />`;
}

const pickedOf = ({ pick }) => (pick ? pick.split(",").filter(Boolean).slice(0, MOST_COMPARED) : []);

function pick(id) {
  const picked = pickedOf(currentRoute().params);
  setParams({ pick: (picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id]).join() });
}

function emptyText(status, q, dataset, sort) {
  if (status && !q && !dataset && !sort) return `No job is ${status}.`;
  return "No job is like this.";
}

/** What the runs are scored by: the data set that was chosen says it, else the newest result in the list. */
function learnsOf(dataset, datasets, entries) {
  if (dataset) return datasets?.find(({ id }) => id === dataset)?.task;
  for (const { metrics } of entries) {
    const row = ["classification", "regression"].flatMap(metricsOf).find(({ name }) => `test_${name}` in metrics);
    if (row) return row.task;
  }
  return "classification";
}

function Picked({ picked, entries }) {
  if (!picked.length) return null;
  const data = new Set(picked.map((id) => entries.find((job) => job.id === id)?.dataset).filter(Boolean));
  const [dataset] = data.size === 1 ? data : [];
  return html`<div class="picked" role="status">
    <a class="button primary small" href=${address("train", { runs: picked.join(), dataset })}>${picked.length === 1 ? "Show its curve" : `Compare ${picked.length}`}</a>
    <button type="button" class="button quiet small" onClick=${() => setParams({ pick: "" })}>Choose none</button>
    ${data.size > 1 && html`<span class="note">They learned from different data: their scores are not comparable.</span>`}
    ${picked.length === MOST_COMPARED && html`<span class="note">Six at most.</span>`}
  </div>`;
}

function Table({ entries, complete, sort, open, picked, learns, onChanged }) {
  const datasetName = useDatasetNames();
  const row = useRows();
  const columns = useMemo(() => differences(entries), [entries]);
  const ranked = complete || sort === ORDERS.result(learns)[0]; // else a better one may stand further down
  const best = useMemo(() => (ranked ? bestOf(entries) : new Set()), [entries, ranked]);
  const paths = columns.map(({ path }) => path).join();
  const full = picked.length >= MOST_COMPARED;
  return html`<div class="table-wrap"><table class="list jobs" aria-rowcount=${entries.length + 1}>
    <thead><tr><th class="pick"><span class="unseen">Compare</span></th><th>Job</th><th>State</th><th class="wide-only">Data</th>
      ${columns.map(({ path, title }) => html`<th key=${path} class="wide-only choice">${title}</th>`)}
      <${SortHead} title="Result" orders=${ORDERS.result(learns)} sort=${sort} />
      <${SortHead} title="Took" orders=${ORDERS.took()} sort=${sort} className="right wide-only" />
      <${SortHead} title="Submitted" orders=${ORDERS.submitted()} sort=${sort} className="right wide-only" /></tr></thead>
    <${Parts} entries=${entries} columns=${7 + columns.length} draw=${(job, number) => {
      const [name, since, opened, chosen] = [datasetName(job.dataset), ago(job.created_at), open === job.id, picked.includes(job.id)];
      const inputs = [job, name, since, opened, chosen, best.has(job.id), paths, full, number];
      return row(job.id, inputs, () => html`<${Row} key=${job.id} job=${job} dataset=${name} since=${since} open=${opened} chosen=${chosen}
        best=${best.has(job.id)} columns=${columns} full=${full} number=${number} onChanged=${onChanged} />`);
    }} />
  </table></div>`;
}

function Row({ job, dataset, since, open, chosen, best, columns, full, number, onChanged }) {
  const title = titleOf(job);
  return html`<tr class=${open ? "chosen" : ""} aria-rowindex=${number + 2}>
      <td class="pick"><label class="check"><span class="unseen">Compare ${title}</span><input type="checkbox" checked=${chosen} disabled=${full && !chosen} onChange=${() => pick(job.id)} /></label></td>
      <td><button type="button" class="row-button" aria-expanded=${String(open)} onClick=${() => setParams({ open: open ? "" : job.id })}>${title}</button></td>
      <td><span class=${`status ${job.status}`}>${job.status}</span></td>
      <td class="wide-only">${dataset}</td>
      ${columns.map(({ path }) => html`<td key=${path} class="wide-only choice">${choiceOf(job, path)}</td>`)}
      <td class="right">${best && html`<span class="best">best</span> `}${resultOf(job)}</td>
      <td class="right wide-only">${job.started_at && job.finished_at ? duration((new Date(job.finished_at) - new Date(job.started_at)) / 1000) : "–"}</td>
      <td class="right wide-only">${since}</td>
    </tr>
    ${open && html`<tr class="details"><td colspan=${7 + columns.length}><${Details} job=${job} onChanged=${onChanged} /></td></tr>`}`;
}

function resultOf(job) {
  const { progress, status, error } = job;
  if (status === "running") return `epoch ${progress.epoch} of ${progress.epochs}`;
  if (error) return error.code.replaceAll("_", " ");
  return html`<${Score} of=${job} />`;
}
