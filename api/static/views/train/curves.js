// Loss and accuracy over the epochs: validation as a line, training dashed beside it.

import { Chart, smooth } from "../../lib/chart.js";
import { decimalsOf, number, percent, ticks } from "../../lib/format.js";
import { setParams } from "../../lib/router.js";
import { titleOf } from "../../lib/spec.js";
import { html, useMemo, useState } from "../../lib/ui.js";

const CHARTS = [
  { title: "Loss", held: "validation_loss", trained: "train_loss", empty: "How wrong it is, epoch by epoch, grows here. It should fall.", format: ticks, says: (y) => number(y, 3) },
  {
    title: "Accuracy", held: "validation_accuracy", trained: "train_accuracy", empty: "How often it is right.", format: percents,
    says: (y) => percent(y, 2), linear: true,
  },
];

/** As many decimals as the ticks need, no more. */
function percents(shares) {
  const decimals = shares.length > 1 ? decimalsOf(100 * (shares[1] - shares[0])) : 1;
  return shares.map((y) => percent(y, Math.max(0, decimals)));
}

export function Curves({ entries, params }) {
  const [at, setAt] = useState(null);
  const byTime = params.x === "time";
  const smoothing = Number(params.smooth ?? 0);
  const log = params.log === "1";
  const lines = useMemo(
    () => CHARTS.map((chart) => linesOf(chart, entries, byTime, smoothing)),
    [entries, byTime, smoothing],
  );
  const regression = entries.some((entry) => entry.epochs.length) && lines[1].every((line) => !line.y.length);
  return html`<div class="curves">
    <div class="curves-grid">
      ${CHARTS.map((chart, i) => (regression && i === 1 ? null : html`<figure key=${chart.title} class="curve">
        <figcaption class="spread"><h2>${chart.title}</h2>
          <span class="note numeric readout" aria-hidden="true">${readout(lines[i], at, byTime, chart.says)}</span></figcaption>
        ${lines[i].every((line) => !line.y.length) ? html`<p class="chart-empty">${chart.empty}</p>` : html`<${Chart} lines=${lines[i]} log=${log && !chart.linear} fractions=${byTime} xFormat=${byTime ? ticks : undefined} format=${chart.format} sync="runs" height=${250}
          range=${chart.linear ? accuracyRange : undefined} onCursor=${(_, x) => setAt(x)} label=${summary(chart, entries)} />`}
      </figure>`))}
    </div>
    <div class="curve-tools">
      <span class="keys note"><i class="key-line"></i> held out <i class="key-line dashed"></i> training</span>
      <label class="check smoothing">Smoothing
        <input type="range" min="0" max="0.95" step="0.05" value=${smoothing} aria-valuetext=${`${Math.round(smoothing * 100)} percent`}
          onInput=${(event) => setParams({ smooth: event.currentTarget.value === "0" ? "" : event.currentTarget.value })} /></label>
      <label class="check"><input type="checkbox" checked=${log} onChange=${() => setParams({ log: log ? "" : "1" })} /> log loss</label>
      <label class="check"><input type="checkbox" checked=${byTime} onChange=${() => setParams({ x: byTime ? "" : "time" })} /> over seconds</label>
    </div>
  </div>`;
}

function linesOf({ held, trained }, entries, byTime, smoothing) {
  return entries.flatMap(({ id, colour, epochs }) => {
    const known = epochs.filter(Boolean);
    let seconds = 0;
    const x = known.map((epoch) => (byTime ? (seconds += epoch.seconds) : epoch.epoch));
    return [[trained, true], [held, false]].map(([name, faint]) => {
      const there = known.some((epoch) => epoch[name] !== undefined);
      const y = there ? smooth(known.map((epoch) => epoch[name] ?? null), smoothing) : [];
      return { key: `${id}.${name}`, label: name, colour, faint, x: there ? x : [], y };
    });
  });
}

const accuracyRange = (_, low, high) => {
  if (low === null || low === undefined) return [0, 1];
  const floor = Math.max(0, low - 0.08 * (1 - low) - 0.004);
  return [floor, Math.min(1, high + 0.15 * (high - floor) + 0.002)];
};

function readout(lines, at, byTime, says) {
  if (at === null || at === undefined) return "";
  const values = lines.filter((line) => !line.faint && line.y[line.x.indexOf(at)] !== undefined);
  if (!values.length) return "";
  return html`${byTime ? `${number(at, 3)} s` : `epoch ${at}`}${values.map((line) => html`<b key=${line.key}
    style=${{ color: `var(${line.colour})` }}> ${says(line.y[line.x.indexOf(at)])}</b>`)}`;
}

function summary({ title, held, trained, says }, entries) {
  const parts = entries.filter((entry) => entry.job && entry.epochs.length).map(({ job, epochs }) => {
    const last = epochs.at(-1);
    return `${titleOf(job)}: ${says(last[held] ?? last[trained])} after ${last.epoch} epochs`;
  });
  return `${title} by epoch. ${parts.join("; ") || "No run yet."}`;
}
