// What the runs say at the epoch under the pointer: their names with their values, the best first.

import { number } from "../../lib/format.js";
import { titleOf } from "../../lib/spec.js";
import { html } from "../../lib/ui.js";

export function Readout({ chart, entries, lines, cursor, byTime }) {
  if (!cursor) return null;
  const rows = entries.filter(({ job }) => job).map((entry) => {
    const [trained, held] = lines.filter((line) => line.id === entry.id).map((line) => valueAt(line, cursor.x, byTime));
    return { entry, held, trained, score: held ?? trained };
  }).filter(({ score }) => score !== undefined && score !== null);
  if (!rows.length) return null;
  rows.sort((a, b) => (chart.best(a.score, b.score) === a.score ? -1 : 1));
  const says = (y) => (y === undefined || y === null ? "–" : chart.says(y));
  return html`<div class=${`readout ${cursor.left < 0.5 ? "at-right" : "at-left"}`} aria-hidden="true"><table class="numeric">
    <thead><tr><th>${byTime ? `${number(cursor.x, 3)} s` : `epoch ${cursor.x}`}</th><th>validation</th><th>training</th></tr></thead>
    <tbody>${rows.map(({ entry, held, trained }) => html`<tr key=${entry.id} style=${{ "--series": `var(${entry.colour})` }}>
      <th><i class="swatch"></i>${titleOf(entry.job)}</th><td><b>${says(held)}</b></td><td>${says(trained)}</td></tr>`)}</tbody>
  </table></div>`;
}

/** A line's value at x; over seconds, where each run has its own, that of the last epoch before. */
function valueAt({ x, y }, at, byTime) {
  if (!byTime) return y[x.indexOf(at)];
  return at > x.at(-1) ? undefined : y[x.findLastIndex((seconds) => seconds <= at)];
}
