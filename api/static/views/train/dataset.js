// Which data a run learns from: one that is there, or a file dropped here.

import { get } from "../../lib/api.js";
import { count } from "../../lib/format.js";
import { Digit } from "../../lib/pictures.js";
import { html, useEffect, useLoaded, useState } from "../../lib/ui.js";
import { DropZone, uploadDataset } from "../../lib/upload.js";

const SHOWN = 18;

export function DatasetPicker({ datasets, chosen, onChoose }) {
  const [brought, setBrought] = useState(null);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const found = datasets.data ?? [{ id: "mnist", name: "MNIST", status: "ready" }];
  const about = found.find((entry) => entry.id === chosen);
  const arrived = found.find((entry) => entry.id === brought);
  useEffect(() => {
    if (arrived?.status === "ready") {
      onChoose(arrived.id);
      setBrought(null);
    }
  }, [arrived?.status]);
  const take = async (files) => {
    setBusy(true);
    try {
      setBrought((await uploadDataset(files, { name: files[0].name })).id);
      setProblem(null);
      datasets.reload();
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  return html`<fieldset class="block">
    <legend class="label">Data</legend>
    <label class="field"><span class="unseen">Data set</span>
      <select value=${chosen} onChange=${(event) => onChoose(event.currentTarget.value)}>
        ${found.map((entry) => html`<option key=${entry.id} value=${entry.id} disabled=${entry.status !== "ready" || entry.task === null}>
          ${entry.name ?? entry.id}${entry.status !== "ready" ? ` (${entry.status})` : entry.task === null ? " (to be predicted)" : ""}</option>`)}
      </select></label>
    ${chosen === "mnist" ? html`<${Mosaic} />` : about?.rows && html`<p class="note">${count(about.rows.train)} rows to learn from, ${count(about.rows.test)} to be tested on.
      ${about.task === "classification" ? ` ${about.classes.length} classes.` : " Answers are numbers."}</p>`}
    <details class="bring"><summary>Use a file of your own</summary>
      <${DropZone} onFiles=${take} busy=${busy} label="Choose a file">
        ${arrived && html`<p class="note" role="status">${arrived.status === "failed" ? arrived.error?.message : `${arrived.name} is being read…`}</p>`}
        ${problem && html`<p class="problem" role="alert">${problem.errors[0]?.detail ?? problem.message}</p>`}
      </${DropZone}></details>
  </fieldset>`;
}

/** Some images, to see what the data is. */
function Mosaic() {
  const { data } = useLoaded((signal) => get(`/v1/datasets/mnist/samples?split=train&limit=${SHOWN}`, { signal }), []);
  return html`<div class="mosaic" role="img" aria-label="Handwritten digits, as the network sees them">
    ${Array.from({ length: SHOWN }, (_, i) => html`<${Digit} key=${i} pixels=${data?.data[i]?.x} />`)}
  </div>`;
}
