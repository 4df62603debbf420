// The confusion matrix, its zeros written; on its margins how much of each class is found, and how often its name is right.

import { html } from "../../lib/ui.js";

export function Confusion({ confusion, classes, cell, onChoose }) {
  const off = Math.max(1, ...confusion.flatMap((row, t) => row.filter((_, p) => p !== t)));
  const said = classes.map((_, p) => confusion.reduce((sum, row) => sum + row[p], 0));
  return html`<div class="matrix"><div class="table-wrap" tabindex="0" role="group" aria-label="Confusion matrix"><table class="confusion numeric" aria-describedby="matrix-key">
    <thead><tr><td></td>${classes.map((name, p) => html`<th key=${p} scope="col">${name}</th>`)}<th scope="col" class="margin">found</th></tr></thead>
    <tbody>${confusion.map((row, t) => html`<tr key=${t}><th scope="row" title=${classes[t]}>${classes[t]}</th>
      ${row.map((n, p) => html`<${Cell} key=${p} n=${n} t=${t} p=${p} classes=${classes} share=${n / off} pressed=${cell?.[0] === t && cell?.[1] === p} onChoose=${onChoose} />`)}
      <td class="margin">${percentOf(row[t], row.reduce((sum, n) => sum + n, 0))}</td></tr>`)}</tbody>
    <tfoot><tr><th scope="row" class="margin">right when said</th>${said.map((n, p) => html`<td key=${p} class="margin">${percentOf(confusion[p][p], n)}</td>`)}<td></td></tr></tfoot>
  </table></div><p class="note" id="matrix-key">Row: what it is. Column: what was read. On the margins: how many % of a class were found, and how many % of what was so called were right.</p></div>`;
}

function Cell({ n, t, p, classes, share, pressed, onChoose }) {
  if (p === t) return html`<td class=${n ? "right-one" : "right-one none"}>${n}</td>`;
  if (!n) return html`<td class="none">0</td>`;
  return html`<td class="wrong-one" style=${{ "--share": share ** 0.7 }}><button type="button" aria-pressed=${String(pressed)}
    aria-label=${`${n} times ${classes[t]} was taken for ${classes[p]}`} onClick=${() => onChoose([t, p])}>${n}</button></td>`;
}

/** A share in percent, without the sign; 0 and 100 are said of nothing and of all alone. */
export function percentOf(n, of) {
  if (!of) return "–";
  if (n === 0 || n === of) return n ? "100" : "0";
  return Math.min(99.9, Math.max(0.1, (100 * n) / of)).toFixed(1);
}
