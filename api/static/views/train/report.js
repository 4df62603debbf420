// What a finished run still gets wrong: which class it takes for which, and its worst mistakes.

import { get } from "../../lib/api.js";
import { count, datum, percent } from "../../lib/format.js";
import { readsDigits } from "../../lib/models.js";
import { isDense } from "../../lib/network.js";
import { Digit, isPicture, mostOf } from "../../lib/pictures.js";
import { address } from "../../lib/router.js";
import { titleOf } from "../../lib/spec.js";
import { useTurns } from "../../lib/turns.js";
import { html, useLoaded, useState } from "../../lib/ui.js";

const SHOWN = 12;

export function Report({ entry }) {
  const job = entry?.job;
  const { data: model } = useLoaded((signal) => (job?.model_id ? get(`/v1/models/${job.model_id}`, { signal }) : null), [job?.model_id]);
  if (!model?.evaluation || model.id !== job?.model_id) return null;
  return html`<${Evaluation} key=${model.id} job=${job} model=${model} />`;
}

/** Keyed by its model: a cell that was chosen in one run's matrix is not chosen in the next one's. */
function Evaluation({ job, model }) {
  const [cell, setCell] = useState(null);
  const { confusion, mistakes, rows } = model.evaluation;
  const wrong = rows - confusion.reduce((sum, row, k) => sum + row[k], 0);
  const kept = cell ? mistakes.filter(({ label, predicted }) => label === cell[0] && predicted === cell[1]) : mistakes;
  return html`<section class="report appear" aria-labelledby="report-title">
    <div class="section-head"><h2 id="report-title">${wrong ? `What ${titleOf(job)} gets wrong` : `${titleOf(job)} gets nothing wrong`}</h2>
      <p>${wrong ? `${count(wrong)} of` : "Of"} ${count(rows)} rows that it never saw in training${wrong ? `, ${percent(wrong / rows, 2)}` : ""}.</p></div>
    <div class="report-grid">
      <${Confusion} confusion=${confusion} classes=${model.classes} cell=${cell} onChoose=${setCell} />
      ${wrong > 0 && html`<div class="mistakes-side">
        <h3>${cell ? html`${model.classes[cell[0]]} taken for ${model.classes[cell[1]]} <button type="button" class="button quiet small" onClick=${() => setCell(null)}>show all</button>` : "Its worst mistakes: those of which it was surest"}</h3>
        ${kept.length ? html`<${Mistakes} key=${cell?.join()} mistakes=${kept.slice(0, SHOWN)} model=${model} />`
          : html`<p class="note">None of these is among the worst ${mistakes.length}.</p>`}
      </div>`}
    </div>
  </section>`;
}

function Confusion({ confusion, classes, cell, onChoose }) {
  const off = Math.max(1, ...confusion.flatMap((row, t) => row.filter((_, p) => p !== t)));
  return html`<div class="table-wrap" tabindex="0" role="group" aria-label="Confusion matrix"><table class="confusion numeric">
    <caption class="note">Row: what it is. Column: what was read.</caption>
    <thead><tr><td></td>${classes.map((name, p) => html`<th key=${p} scope="col">${name}</th>`)}</tr></thead>
    <tbody>${confusion.map((row, t) => html`<tr key=${t}><th scope="row" title=${classes[t]}>${classes[t]}</th>
      ${row.map((n, p) => html`<td key=${p} class=${p === t ? "right-one" : n ? "wrong-one" : ""} style=${p !== t && n ? { "--share": (n / off) ** 0.7 } : undefined}>
        ${p !== t && n ? html`<button type="button" aria-pressed=${String(cell?.[0] === t && cell?.[1] === p)} aria-label=${`${n} times ${classes[t]} was taken for ${classes[p]}`} onClick=${() => onChoose([t, p])}>${n}</button>` : n || ""}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

function Mistakes({ mistakes, model }) {
  const standing = useTurns(mistakes.length);
  // Asked for once, here: where it is gone, each mistake would ask in vain.
  const { data: dataset, error } = useLoaded((signal) => get(`/v1/datasets/${model.dataset}`, { signal }), [model.dataset]);
  if (error) return html`<p class="note">${error.status === 404 ? "They are gone with their data set." : error.message}</p>`;
  if (!dataset) return null;
  return html`<div class="mistakes">${mistakes.slice(0, standing).map((mistake) => html`<${Mistake} key=${mistake.index} mistake=${mistake} model=${model} />`)}</div>`;
}

function Mistake({ mistake, model }) {
  const { index, label, predicted, probability } = mistake;
  const { data } = useLoaded((signal) => get(`/v1/datasets/${model.dataset}/samples?split=test&offset=${index}&limit=1`, { signal }), [model.dataset, index]);
  const x = data?.data[0]?.x;
  const shape = model.architecture.input_shape;
  const words = html`<figcaption><b>${model.classes[label]}</b> read as <b class="as">${model.classes[predicted]}</b> <span class="note numeric">${percent(probability, 0)}</span></figcaption>`;
  if (!isPicture(shape)) return html`<figure class="mistake row-of-numbers"><code>${x ? x.slice(0, 6).map(datum).join(", ") : "…"}</code>${words}</figure>`;
  // Inside shows test images of MNIST, and the networks that it computes.
  if (model.dataset !== "mnist" || !readsDigits(model) || !isDense(model))
    return html`<figure class="mistake"><${Digit} pixels=${x} shape=${shape} most=${x && mostOf([x])} label=${`Test image ${index}`} />${words}</figure>`;
  return html`<figure class="mistake"><a href=${address("inside", { model: model.id, sample: String(index), as: String(label) })} aria-label=${`Test image ${index}, a ${model.classes[label]} read as ${model.classes[predicted]}: look inside`}>
    <${Digit} pixels=${x} /></a>${words}</figure>`;
}
