// The models: what each is, how good, under which names it answers, and its weights to take away.

import { download, list, put, remove, send } from "../../lib/api.js";
import { useDatasetNames } from "../../lib/datasets.js";
import { ago, bytes, count } from "../../lib/format.js";
import { icon } from "../../lib/icons.js";
import { MetricFacts } from "../../lib/metrics.js";
import { readsDigits, titleOf } from "../../lib/models.js";
import { isDense } from "../../lib/network.js";
import { catalogue } from "../../lib/catalogue.js";
import { ListEnd, useEntries, usePaged } from "../../lib/paged.js";
import { address, currentRoute, setParams, shows } from "../../lib/router.js";
import { Score } from "../../lib/score.js";
import { html, useLoaded, useState, useTrying } from "../../lib/ui.js";

export function Models({ params }) {
  const models = usePaged("/v1/models");
  const datasetOf = useDatasetNames();
  const aliases = useLoaded((signal) => list("/v1/aliases", { signal }), [], { every: 5000 });
  const entries = useEntries("/v1/models", models, params.open);
  const changed = () => {
    models.reload();
    aliases.reload();
  };
  return html`
    <${Import} onDone=${changed} />
    ${entries.length > 0 && html`<div class="table-wrap"><table class="list">
      <thead><tr><th>Model</th><th class="wide-only">Data</th><th class="right">Result</th><th class="right wide-only">Size</th><th class="right wide-only">Made</th></tr></thead>
      <tbody>${entries.map((model) => html`<${Row} key=${model.id} model=${model} dataset=${datasetOf(model.dataset)} open=${params.open === model.id} onChanged=${changed}
        aliases=${(aliases.data ?? []).filter((alias) => alias.model_id === model.id)} />`)}</tbody>
    </table></div>`}
    <${ListEnd} list=${models} empty="No model yet. Each training that succeeds leaves one here." />`;
}

function Row({ model, dataset, open, aliases, onChanged }) {
  return html`<tr class=${open ? "chosen" : ""}>
      <td><div class="row"><button type="button" class="row-button" aria-expanded=${String(open)} onClick=${() => setParams({ open: open ? "" : model.id })}>${titleOf(model)}</button>
        <span class="aliases">${aliases.map(({ name }) => html`<span class="alias" key=${name}>${name}</span>`)}</span></div></td>
      <td class="wide-only">${dataset}</td>
      <td class="right"><${Score} of=${model} /></td>
      <td class="right wide-only">${bytes(model.size_bytes)}</td>
      <td class="right wide-only">${ago(model.created_at)}</td>
    </tr>
    ${open && html`<tr class="details"><td colspan="5"><${Details} model=${model} aliases=${aliases} onChanged=${onChanged} /></td></tr>`}`;
}

function Details({ model, aliases, onChanged }) {
  const { problem, trying } = useTrying(onChanged);
  const [name, setName] = useState("");
  const [writing, setWriting] = useState(null); // the format that is written and fetched just now
  const take = (format) => trying(async () => {
    setWriting(format);
    try {
      await save(model, format);
    } finally {
      setWriting(null);
    }
  });
  const point = trying(async () => {
    await put(`/v1/aliases/${encodeURIComponent(name.trim())}`, { model_id: model.id });
    setName("");
  });
  const drop = trying(async () => {
    if (!confirm(`Delete the model “${titleOf(model)}”? It cannot be brought back.`)) return;
    await remove(`/v1/models/${model.id}`);
    if (currentRoute().params.open === model.id) setParams({ open: "" });
  });
  const { layers = [], input_shape: shape = [] } = model.architecture ?? {};
  return html`<div class="detail two">
    <div class="stack">
      <div class="row">
        ${readsDigits(model) && html`<a class="button small" href=${address("draw", { model: model.id })}>Draw for it</a>`}
        ${readsDigits(model) && isDense(model) && html`<a class="button small" href=${address("inside", { model: model.id })}>Look inside</a>`}
        ${model.job_id && html`<a class="button small" href=${address("train", { runs: model.job_id })}>How it learned</a>`}
        <button type="button" class="button small danger" onClick=${drop}>${icon("trash")} Delete</button>
      </div>
      ${problem && html`<p class="problem" role="alert">${problem.errors?.[0]?.detail ?? problem.message}</p>`}
      <div><h2>Take it away</h2><div class="row">${catalogue.exports.map((format) => html`<button key=${format} type="button" class="button small" disabled=${writing !== null}
        aria-busy=${String(writing === format)} onClick=${take(format)}>${icon("download")} ${writing === format ? `${format} is coming…` : format}</button>`)}</div></div>
      <form onSubmit=${point}><h2>Names it answers to</h2>
        <div class="aliases">${aliases.map((alias) => html`<span class="alias" key=${alias.name}>${alias.name}
          <button type="button" class="changes" aria-label=${`Remove the name ${alias.name}`} onClick=${trying(() => remove(`/v1/aliases/${alias.name}`))}>${icon("close")}</button></span>`)}</div>
        <div class="row changes"><label class="field inline"><span class="unseen">Another name</span><input type="text" value=${name} placeholder="digits" maxlength="64" required onInput=${(event) => setName(event.currentTarget.value)} /></label>
          <button class="button small changes" type="submit">Give it this name</button></div></form>
    </div>
    <div class="stack">
      <div><h2>What it is</h2><p class="architecture"><span>${shape.join(" × ")}</span>${layers.map((layer, i) => html`<span key=${i}>${layer.type.replaceAll("_", " ")}${layer.units ? ` ${count(layer.units)}` : layer.filters ? ` ${layer.filters}` : ""}</span>`)}</p></div>
      <dl class="facts">
        <dt>ID</dt><dd><code>${model.id}</code></dd>
        <dt>Task</dt><dd>${model.task}${model.classes?.length ? `, ${model.classes.length} classes` : ""}</dd>
        <${MetricFacts} metrics=${model.metrics} />
        <dt>sha256</dt><dd><code>${model.sha256}</code></dd>
      </dl>
    </div>
  </div>`;
}

/** Bring the file here with the key, then hand it to the browser as a download. */
async function save(model, format) {
  const { bytes: content, name } = await download(`/v1/models/${model.id}/export?format=${format}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content]));
  link.download = name ?? `${model.id}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function Import({ onDone }) {
  const [problem, setProblem] = useState(null);
  const take = async (event) => {
    const [file] = event.currentTarget.files;
    if (!file) return;
    try {
      const model = await send("/v1/models", file, { "Content-Type": "application/octet-stream" });
      setProblem(null);
      if (shows("library", "models")) setParams({ open: model.id });
      onDone();
    } catch (error) {
      setProblem(error);
    }
    event.target.value = "";
  };
  return html`<div class="filters changes"><label class="button small" tabindex="-1">${icon("upload")} Bring a model
      <input class="unseen" type="file" accept=".safetensors,.npz" onChange=${take} /></label>
    <span class="note">a safetensors or npz file that was taken from here</span>
    ${problem && html`<p class="problem" role="alert">${problem.message}</p>`}</div>`;
}
