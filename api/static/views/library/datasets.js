// The data sets: what there is to learn from, a look at it, and bringing one's own.

import { remove } from "../../lib/api.js";
import { ago, count, datum, spanOf } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { ListEnd, useEntries, usePaged } from "../../lib/paged.js";
import { address, currentRoute, setParams, shows } from "../../lib/router.js";
import { html, useState, useTrying } from "../../lib/ui.js";
import { DropZone, uploadDataset } from "../../lib/upload.js";
import { Preview } from "./preview.js";

export function Datasets({ params }) {
  const datasets = usePaged("/v1/datasets", 2000);
  const entries = useEntries("/v1/datasets", datasets, params.open);
  return html`
    <${Bring} onDone=${datasets.reload} />
    ${entries.length > 0 && html`<div class="table-wrap"><table class="list">
      <thead><tr><th>Data set</th><th>State</th><th class="right">Rows</th><th class="wide-only">One row</th><th class="wide-only">Answer</th><th class="right wide-only">Brought</th></tr></thead>
      <tbody>${entries.map((entry) => html`<${Row} key=${entry.id} entry=${entry} open=${params.open === entry.id} onChanged=${datasets.reload} />`)}</tbody>
    </table></div>`}
    <${ListEnd} list=${datasets} empty="No data set." />`;
}

function Bring({ onDone }) {
  const [options, setOptions] = useState({ name: "", target: "", task: "" });
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const set = (name) => (event) => setOptions({ ...options, [name]: event.currentTarget.value });
  const take = async (files) => {
    setBusy(true);
    try {
      const made = await uploadDataset(files, { ...options, name: options.name || files[0].name });
      setProblem(null);
      setOptions({ name: "", target: "", task: "" });
      if (shows("library", "datasets")) setParams({ open: made.id });
      onDone();
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return html`<${DropZone} onFiles=${take} busy=${busy} label="Bring a file">
    <div class="drop-fields">
      <label class="field"><span>Name</span><input type="text" value=${options.name} onInput=${set("name")} placeholder="that of the file" maxlength="200" /></label>
      <label class="field"><span>Column to learn</span><input type="text" value=${options.target} onInput=${set("target")} placeholder="by its name, else the last" aria-describedby="target-rule" /></label>
      <label class="field"><span>Task</span><select value=${options.task} onChange=${set("task")}>
        <option value="">as the column suggests</option><option value="classification">classification</option><option value="regression">regression</option></select></label>
    </div>
    <p class="note" id="target-rule">Unless you name another, it learns a column called target, label, class, labels, outcome or y, the first of these that is there, else the last column. It can be changed later, under Train, without a second upload.</p>
    ${problem && html`<div class="problem" role="alert"><b>Not taken.</b> ${problem.errors.length ? problem.errors.map(({ pointer, detail }) => html`<div><code>${pointer}</code> ${detail}</div>`) : problem.message}</div>`}
  </${DropZone}>`;
}

function Row({ entry, open, onChanged }) {
  return html`<tr class=${open ? "chosen" : ""}>
      <td><button type="button" class="row-button" aria-expanded=${String(open)} onClick=${() => setParams({ open: open ? "" : entry.id })}>${entry.name ?? entry.id}</button></td>
      <td><span class=${`status ${entry.status}`}>${entry.status}</span></td>
      <td class="right">${entry.rows ? count(entry.rows.total ?? entry.rows.train + entry.rows.test) : "–"}</td>
      <td class="wide-only">${oneRow(entry)}</td>
      <td class="wide-only">${entry.task === "classification" ? `${entry.classes.length} classes` : entry.task === "regression" ? "a number" : entry.status === "ready" ? "to be predicted" : "–"}</td>
      <td class="right wide-only">${entry.created_at ? ago(entry.created_at) : "built in"}</td>
    </tr>
    ${open && html`<tr class="details"><td colspan="6"><${Details} entry=${entry} onChanged=${onChanged} /></td></tr>`}`;
}

function oneRow({ column_count: columns, input_shape: shape }) {
  if (columns) return `${count(columns)} ${columns === 1 ? "column" : "columns"}`;
  return shape?.length ? `${shape.join(" × ")}${shape.length > 1 ? " image" : " numbers"}` : "–";
}

function Details({ entry, onChanged }) {
  const { problem, trying } = useTrying(onChanged);
  const drop = trying(async () => {
    if (!confirm(`Delete the data set “${entry.name ?? entry.id}”? Models that learned from it stay.`)) return;
    await remove(`/v1/datasets/${entry.id}`);
    if (currentRoute().params.open === entry.id) setParams({ open: "" });
  });
  return html`<div class="detail">
    ${entry.error && html`<p class="problem"><b>${entry.error.code.replaceAll("_", " ")}.</b> ${entry.error.message}</p>`}
    ${problem && html`<p class="problem" role="alert">${problem.message}</p>`}
    <div class="row">
      ${entry.status === "ready" && entry.task && html`<a class="button small" href=${address("train", { dataset: entry.id })}>Train on it</a>`}
      ${entry.status === "failed" && entry.upload && entry.config?.purpose === "training" && html`<a class="button small changes" href=${address("train", { dataset: entry.id })}>Read it again with another target</a>`}
      ${!entry.built_in && html`<button type="button" class="button small danger" onClick=${drop}>${icon("trash")} Delete</button>`}
    </div>
    ${entry.notes?.length > 0 && html`<ul class="notes">${entry.notes.map((note) => html`<li key=${note}>${note}</li>`)}</ul>`}
    ${entry.status === "ready" && entry.task && html`<${Preview} entry=${entry} />`}
    ${entry.columns?.length > 0 && html`<${Columns} columns=${entry.columns} />`}
    ${entry.class_counts?.length > 0 && html`<${Counts} entry=${entry} />`}
  </div>`;
}

function Columns({ columns }) {
  return html`<div><h2>Columns</h2><div class="table-wrap" tabindex="0" role="group" aria-label="Columns"><table class="list"><thead><tr><th>Name</th><th>Kind</th><th class="right">Missing</th><th>Values</th></tr></thead>
    <tbody>${columns.map((column) => html`<tr key=${column.name}><td>${column.name}</td><td>${column.kind}</td><td class="right">${count(column.missing)}</td>
      <td>${valuesOf(column)}</td></tr>`)}</tbody></table></div></div>`;
}

function valuesOf(column) {
  const { kind, mean, categories } = column;
  if (kind === "categorical") return (categories ?? []).slice(0, 6).join(", ");
  return kind === "numeric" ? `${spanOf(column)}, mean ${datum(mean)}` : spanOf(column);
}

function Counts({ entry }) {
  const most = Math.max(...entry.class_counts);
  return html`<div><h2>Rows of each class</h2><ol class="bars">${entry.classes.map((name, k) => html`<li key=${name}><span class="bars-name">${name}</span>
    <span class="bars-track"><i style=${{ transform: `scaleX(${entry.class_counts[k] / most})` }}></i></span><span class="bars-value numeric">${count(entry.class_counts[k])}</span></li>`)}</ol></div>`;
}
