// Whether a finished run is any good, which class it takes for which, and its worst mistakes.

import { get } from "../../lib/api.js";
import { count, percent } from "../../lib/format.js";
import { baselineInWords, guessInWords, NO_BETTER, verdict } from "../../lib/score.js";
import { titleOf } from "../../lib/spec.js";
import { html, useLoaded, useState } from "../../lib/ui.js";
import { Confusion } from "./matrix.js";
import { Mistakes } from "./mistakes.js";
import { sentenceOf } from "./sentence.js";

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
      <p>${wrong > 0 && html`<span class="sentence">${sentenceOf(model.evaluation, model.classes)}</span> `}${wrong ? `${count(wrong)} of` : "Of"} ${count(rows)} rows that it never saw in training${wrong ? ` are wrong, ${percent(wrong / rows, 2)}` : ""}.</p>
      <${Worth} of=${verdict(model.metrics, model.evaluation, model.classes)} /></div>
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

/** The score beside that of knowing nothing. */
function Worth({ of }) {
  if (!of) return null;
  const nothing = `${guessInWords(of)}: ${baselineInWords(of)}`;
  return html`<p class=${of.guessing ? "worth guessing" : "worth"}>Right: ${percent(of.score, 2)}; ${nothing}.${of.guessing ? html` <b>This is ${NO_BETTER}.</b>` : ""}</p>`;
}
