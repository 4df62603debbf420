// An answer: the digit, how sure, ten bars, and how long it took.

import { percent } from "../../lib/format.js";
import { titleOf } from "../../lib/models.js";
import { html } from "../../lib/ui.js";

const UNSURE = 0.6;

export function Answer({ model, answer, error, truth, titled, settled, inked, unlike }) {
  const probabilities = answer?.probabilities ?? model.classes.map(() => 0);
  const best = answer ? probabilities.indexOf(Math.max(...probabilities)) : -1;
  const sure = answer ? probabilities[best] : 0;
  // By name: a model of other data has MNIST's digits at other places among its classes, or not at all.
  const wrong = answer && model.classes.includes(truth) && truth !== model.classes[best];
  const waiting = error ? "no answer" : inked ? "…" : "waiting for ink";
  return html`<article class=${`answer ${answer ? "" : "waiting"} ${unlike ? "unlike" : ""}`} data-settled=${String(Boolean(settled && answer))}>
    ${titled && html`<h2 class="answer-model">${titleOf(model)}</h2>`}
    <div class="answer-head">
      <output class="answer-digit" aria-live="polite" aria-label=${answer ? `It reads ${model.classes[best]}` : "Nothing read yet"}>${answer ? model.classes[best] : "?"}</output>
      <div class="answer-words">
        <p class="answer-sure">${answer ? html`${sure < UNSURE ? "perhaps, " : ""}<b class="numeric">${percent(sure, sure > 0.9995 ? 2 : 1)}</b>` : waiting}</p>
        ${unlike && html`<p class="answer-unlike">Not like anything that it learned from: the digit is only the nearest that it knows.</p>`}
        ${wrong && html`<p class="answer-wrong">wrong: it is a ${truth}</p>`}
        <p class="note numeric answer-time">${error ? html`<span role="alert">${error.message}</span>` : answer ? html`answered in <b data-ms=${answer.milliseconds.toFixed(1)}>${Math.max(1, Math.round(answer.milliseconds))} ms</b>, over HTTP, queue and worker` : "\u00a0"}</p>
      </div>
    </div>
    <ol class="bars" aria-label="Probability of each class">
      ${probabilities.map((p, k) => html`<li key=${k} class=${k === best ? "best" : ""}>
        <span class="bars-name">${model.classes[k]}</span>
        <span class="bars-track"><i style=${{ transform: `scaleX(${p})` }}></i></span>
        <span class="bars-value numeric">${answer ? percent(p, 1) : ""}</span>
      </li>`)}
    </ol>
  </article>`;
}
