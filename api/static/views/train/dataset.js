// Which data a run learns from: one that is there, or a file dropped here.

import { get } from "../../lib/api.js";
import { count } from "../../lib/format.js";
import { Digit } from "../../lib/pictures.js";
import { html, useLoaded } from "../../lib/ui.js";

const SHOWN = 18;

export function DatasetPicker({ datasets, chosen, onChoose }) {
  const found = datasets.data ?? [{ id: "mnist", name: "MNIST", status: "ready" }];
  const about = found.find((entry) => entry.id === chosen);
  return html`<fieldset class="block">
    <legend class="label">Data</legend>
    <label class="field"><span class="unseen">Data set</span>
      <select value=${chosen} onChange=${(event) => onChoose(event.currentTarget.value)}>
        ${found.map((entry) => html`<option key=${entry.id} value=${entry.id} disabled=${entry.status !== "ready"}>
          ${entry.name ?? entry.id}${entry.status === "ready" ? "" : ` (${entry.status})`}</option>`)}
      </select></label>
    ${chosen === "mnist" && html`<${Mosaic} />`}
    ${about?.rows && html`<p class="note">${count(about.rows)} rows</p>`}
  </fieldset>`;
}

/** A row of images to see what the data is. */
function Mosaic() {
  const { data } = useLoaded((signal) => get(`/v1/datasets/mnist/samples?split=train&limit=${SHOWN}`, { signal }), []);
  return html`<div class="mosaic" role="img" aria-label="Handwritten digits, as the network sees them">
    ${Array.from({ length: SHOWN }, (_, i) => html`<${Digit} key=${i} pixels=${data?.data[i]?.x} />`)}
  </div>`;
}
