// Loss and accuracy over the epochs: validation as a line, training dashed beside it, a ring on the epoch that was kept.

import { Chart, smooth } from "../../lib/chart.js";
import { decimalsOf, number, percent, ticks } from "../../lib/format.js";
import { setParams } from "../../lib/router.js";
import { keptEpoch } from "../../lib/runs.js";
import { titleOf } from "../../lib/spec.js";
import { html, useCallback, useMemo, useState } from "../../lib/ui.js";
import { NotOfOneKind } from "./kinds.js";
import { Readout } from "./readout.js";

const CHARTS = [
  {
    title: "Loss", held: "validation_loss", trained: "train_loss", empty: "How wrong it is, epoch by epoch, grows here. It should fall.",
    format: ticks, says: (y) => number(y, 3), best: Math.min, range: lossRange,
  },
  {
    title: "Accuracy", held: "validation_accuracy", trained: "train_accuracy", empty: "How often it is right.",
    format: percents, says: (y) => percent(y, 2), best: Math.max, range: accuracyRange, linear: true,
  },
];

/** As many decimals as the ticks need, no more. */
function percents(shares) {
  const decimals = shares.length > 1 ? decimalsOf(100 * (shares[1] - shares[0])) : 1;
  return shares.map((y) => percent(y, Math.max(0, decimals)));
}

export function Curves({ entries, params }) {
  const [cursor, setCursor] = useState(null);
  const point = useCallback((x, left) => setCursor((before) => (x === null ? null : before?.x === x ? before : { x, left })), []);
  const byTime = params.x === "time";
  const smoothing = Number(params.smooth ?? 0);
  const log = params.log === "1";
  const all = params.fit === "all";
  const drawn = useMemo(
    () => CHARTS.map((chart) => drawingOf(chart, entries, { byTime, smoothing, all })),
    [entries, byTime, smoothing, all],
  );
  const regression = entries.some((entry) => entry.epochs.length) && drawn[1].lines.every((line) => !line.y.length);
  const cut = drawn.some((drawing, i) => drawing.cut && !(log && i === 0));
  return html`<div class="curves">
    <${NotOfOneKind} entries=${entries} />
    <div class="curves-grid">
      ${CHARTS.map((chart, i) => (regression && i === 1 ? null : html`<figure key=${chart.title} class="curve">
        <figcaption><h2>${chart.title}</h2></figcaption>
        ${drawn[i].lines.every((line) => !line.y.length) ? html`<p class="chart-empty">${chart.empty}</p>` : html`
          <${Chart} lines=${drawn[i].lines} rings=${drawn[i].rings} log=${log && !chart.linear} fractions=${byTime} xFormat=${byTime ? ticks : undefined} format=${chart.format}
            sync="runs" height=${250} range=${drawn[i].range} onCursor=${point} label=${summary(chart, entries)} />
          <${Readout} chart=${chart} entries=${entries} lines=${drawn[i].lines} cursor=${cursor} byTime=${byTime} />`}
      </figure>`))}
    </div>
    <div class="curve-tools">
      <span class="keys note"><i class="key-line"></i> validation <i class="key-line dashed"></i> training
        ${drawn.some(({ rings }) => rings.length) && html`<i class="key-ring"></i> kept`}</span>
      <label class="check smoothing">Smoothing
        <input type="range" min="0" max="0.95" step="0.05" value=${smoothing} aria-valuetext=${`${Math.round(smoothing * 100)} percent`}
          onInput=${(event) => setParams({ smooth: event.currentTarget.value === "0" ? "" : event.currentTarget.value })} /></label>
      ${(cut || all) && html`<label class="check"><input type="checkbox" checked=${all} onChange=${() => setParams({ fit: all ? "" : "all" })} /> all of training</label>`}
      <label class="check"><input type="checkbox" checked=${log} onChange=${() => setParams({ log: log ? "" : "1" })} /> log loss</label>
      <label class="check"><input type="checkbox" checked=${byTime} onChange=${() => setParams({ x: byTime ? "" : "time" })} /> over seconds</label>
    </div>
  </div>`;
}

/** `{lines, rings, range, cut}` of one chart; `cut`: some of training lies outside. */
function drawingOf(chart, entries, { byTime, smoothing, all }) {
  const runs = entries.map((entry) => ({ entry, lines: linesOf(chart, entry, byTime, smoothing) }));
  const lines = runs.flatMap((run) => run.lines);
  const range = chart.range(limitsOf(lines, chart, all));
  const [low, high] = range();
  return {
    lines,
    rings: runs.flatMap(({ entry, lines: [, held] }) => ringOf(entry, held)),
    range,
    cut: lines.some((line) => line.faint && line.y.some((y) => y !== null && (y < low || y > high))),
  };
}

function linesOf({ held, trained }, { id, colour, epochs }, byTime, smoothing) {
  const known = epochs.filter(Boolean);
  let seconds = 0;
  const x = known.map((epoch) => (byTime ? (seconds += epoch.seconds) : epoch.epoch));
  return [[trained, true], [held, false]].map(([name, faint]) => {
    const there = known.some((epoch) => epoch[name] !== undefined);
    const y = there ? smooth(known.map((epoch) => epoch[name] ?? null), smoothing) : [];
    return { key: `${id}.${name}`, id, label: name, colour, faint, x: there ? x : [], y };
  });
}

function ringOf({ job, colour, epochs }, { x, y }) {
  const at = epochs.filter(Boolean).findIndex((epoch) => epoch.epoch === keptEpoch(job));
  return at < 0 || y[at] === undefined || y[at] === null ? [] : [{ x: x[at], y: y[at], colour }];
}

/**
 * The values that a chart must show: the validation lines from end to end, of training its better side and where it ends. Its
 * first epochs, far worse than all that comes, would press the rest into one stroke. Without a validation line, or with `all`: everything.
 */
function limitsOf(lines, { best }, all) {
  const values = (some) => some.flatMap((line) => line.y).filter(Number.isFinite);
  const held = values(lines.filter((line) => !line.faint));
  const training = lines.filter((line) => line.faint);
  const shown = all || !held.length ? values(lines) : [...held, ...values(training).filter((y) => best(y, held[0]) === y), ...training.flatMap((line) => line.y.slice(-1)).filter(Number.isFinite)];
  return shown.length ? [Math.min(...shown), Math.max(...shown)] : [0, 1];
}

function lossRange([low, high]) {
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  const from = low >= 0 && low < 0.3 * high ? 0 : Math.max(low >= 0 ? 0 : -Infinity, low - room);
  return () => [from, high + room];
}

function accuracyRange([low, high]) {
  const floor = Math.max(0, low - 0.08 * (1 - low) - 0.004);
  return () => [floor, Math.min(1, high + 0.15 * (high - floor) + 0.002)];
}

function summary({ title, held, trained, says }, entries) {
  const parts = entries.filter((entry) => entry.job && entry.epochs.length).map(({ job, epochs }) => {
    const last = epochs.at(-1);
    const kept = epochs[keptEpoch(job) - 1];
    const told = `${titleOf(job)}: ${says(last[held] ?? last[trained])} after ${last.epoch} epochs`;
    return kept ? `${told}, ${says(kept[held])} at epoch ${kept.epoch}, which was kept` : told;
  });
  return `${title} by epoch. ${parts.join("; ") || "No run yet."}`;
}
