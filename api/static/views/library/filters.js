// Which jobs are listed: by data set, by words, by state.

import { datasetName } from "../../lib/datasets.js";
import { setParams } from "../../lib/router.js";
import { html, useEffect, useRef, useState } from "../../lib/ui.js";
import { orderOn } from "./orders.js";

const PAUSE_MS = 250; // in typing, before the list is asked for

export const STATES = ["", "queued", "running", "succeeded", "failed", "cancelled"];

export function Filters({ datasets, dataset, words, status, sort }) {
  const known = datasets.filter((entry) => entry.task);
  const choose = (event) => {
    const id = event.currentTarget.value;
    setParams({ dataset: id, open: "", sort: orderOn(sort, known.find((entry) => entry.id === id)?.task) });
  };
  const others = dataset && !known.some(({ id }) => id === dataset) ? [dataset] : [];
  return html`<div class="filters job-filters">
    <label class="field inline"><span>Data</span><select value=${dataset} onChange=${choose}>
      <option value="">all data sets</option>
      ${[...known.map(({ id }) => id), ...others].map((id) => html`<option key=${id} value=${id}>${datasetName(id)}</option>`)}
    </select></label>
    <${Words} words=${words} />
    <div class="chips" role="group" aria-label="State">
      ${STATES.map((state) => html`<button key=${state} type="button" class="chip" aria-pressed=${String(state === status)}
        onClick=${() => setParams({ status: state, open: "" })}>${state || "all"}</button>`)}</div></div>`;
}

function Words({ words }) {
  const [text, setText] = useState(words);
  const timer = useRef(null);
  useEffect(() => setText(words), [words]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (event) => {
    const typed = event.currentTarget.value;
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setParams({ q: typed.trim(), open: "" }), PAUSE_MS);
  };
  return html`<label class="field inline"><span>Find</span><input type="text" value=${text} maxlength="200" onInput=${type} placeholder="name, adam, 128-64 …" /></label>`;
}
