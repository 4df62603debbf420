// Which data a run learns from: one that is there, or a file dropped here.

import { access, get } from "../../lib/api.js";
import { readAgain, Trouble } from "../../lib/datasets.js";
import { count } from "../../lib/format.js";
import { Digit } from "../../lib/pictures.js";
import { html, useLoaded, useStore } from "../../lib/ui.js";
import { DropZone, uploadDataset } from "../../lib/upload.js";
import { Learns } from "./learns.js";
import { Otherwise } from "./otherwise.js";

const SHOWN = 18;

/** `reading` is `useReading`'s: while it is busy, nothing may be started. */
export function DatasetPicker({ datasets, reading, chosen, onChoose }) {
  const found = (datasets.data ?? [{ id: "mnist", name: "MNIST", status: "ready", task: "classification" }]).filter(canBeLearned);
  const about = found.find((entry) => entry.id === chosen);
  const readsOnly = useStore(access) === "read";
  const refused = reading.refused ?? refusalOf(datasets.data?.find((entry) => entry.id === chosen));
  const take = (files) => reading.begin(`${files[0].name} is being read…`, () => uploadDataset(files, { name: files[0].name }));
  const again = (source, choices) => {
    const twin = twinOf(found, source, choices);
    if (twin) onChoose(twin.id);
    else reading.begin("The file is being read again…", () => readAgain(source.id, choices), source.id);
  };
  const choose = (event) => {
    reading.clear();
    onChoose(event.currentTarget.value);
  };
  return html`<fieldset class="block">
    <legend class="label">Data</legend>
    <label class="field"><span class="unseen">Data set</span>
      <select value=${chosen} onChange=${choose}>
        ${!about && html`<option value=${chosen} disabled>${refused ? "could not be read" : datasets.data ? "no longer there" : "…"}</option>`}
        ${found.map((entry) => html`<option key=${entry.id} value=${entry.id} disabled=${entry.status !== "ready"}>${nameOf(entry, found)}</option>`)}
      </select></label>
    ${chosen === "mnist" ? html`<${Mosaic} />` : about?.rows && html`
      ${about.target !== null && html`<${Learns} key=${about.id} data=${about} busy=${readsOnly || Boolean(reading.busy)} onAgain=${(choices) => again(about, choices)} />`}
      <p class="note">${count(about.rows.train)} rows to learn from, ${count(about.rows.test)} to be tested on.
        ${about.task === "classification" ? ` ${about.classes.length} classes.` : " Answers are numbers."}</p>`}
    ${reading.busy && html`<p class="note" role="status">${reading.busy}</p>`}
    ${!reading.busy && html`<${Trouble} problem=${reading.problem} refused=${refused} />`}
    ${refused && html`<${Otherwise} key=${refused.source} message=${refused.message} busy=${Boolean(reading.busy)}
      onSay=${(choices) => again({ id: refused.source }, choices)} />`}
    <details class="bring"><summary>Use a file of your own</summary>
      <${DropZone} onFiles=${take} busy=${Boolean(reading.busy)} label="Choose a file" /></details>
  </fieldset>`;
}

/** Files that could not be read are Library's, as are rows that are only to be predicted. */
const canBeLearned = (entry) => entry.status === "processing" || (entry.status === "ready" && entry.task !== null);

/** A data set that an address names, and that could not be read: it may be with another target. */
const refusalOf = (entry) => (entry?.status === "failed" && entry.upload ? { source: entry.id, message: entry.error.message } : null);

const shortNameOf = ({ id, name, target }) => `${name ?? id}${target ? `: ${target}` : ""}`;

/** Its name and what is learned of it; of two that are called so the number of columns too, and when each came. */
function nameOf(entry, all) {
  if (entry.status === "processing") return `${entry.name ?? entry.id} (being read)`;
  const like = all.filter((one) => one !== entry && one.status === "ready" && shortNameOf(one) === shortNameOf(entry));
  const columns = like.length && entry.column_count ? `, ${entry.column_count} columns` : "";
  const twin = like.some((one) => one.column_count === entry.column_count) && entry.created_at;
  return `${shortNameOf(entry)}${columns}${twin ? `, ${new Date(entry.created_at).toLocaleTimeString("en-GB")}` : ""}`;
}

/** The data set that was made of the same files by the same choices, if there is one. */
function twinOf(all, source, choices) {
  if (!source.config) return undefined;
  const wanted = JSON.stringify({ ...source.config, target: source.target, ...choices });
  return all.find((entry) => entry.status === "ready" && entry.config && entry.upload === source.upload &&
    JSON.stringify({ ...entry.config, target: entry.target }) === wanted);
}

/** Some images, to see what the data is. */
function Mosaic() {
  const { data } = useLoaded((signal) => get(`/v1/datasets/mnist/samples?split=train&limit=${SHOWN}`, { signal }), []);
  return html`<div class="mosaic" role="img" aria-label="Handwritten digits, as the network sees them">
    ${Array.from({ length: SHOWN }, (_, i) => html`<${Digit} key=${i} pixels=${data?.data[i]?.x} />`)}
  </div>`;
}
