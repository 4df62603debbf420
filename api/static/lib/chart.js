// Curves over epochs: uPlot, in the page's colours.

import { soon } from "./turns.js";
import { colour, html, useColourScheme, useEffect, useRef, useState, useWidth } from "./ui.js";

const STEPS = [1, 2, 5, 10, 20, 30, 50, 60, 100, 120, 200, 300, 500, 1000, 2000, 5000, 10000];
const RING = 5; // pixels of radius
const NONE = [];
const FONT = "12px 'Instrument Sans', system-ui, sans-serif";

let loading = null;

/** uPlot, once a chart is wanted: whoever opens Draw need not wait for it. */
function loadUPlot() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/uPlot.iife.min.js", import.meta.url).href;
    script.onload = resolve;
    script.onerror = () => {
      loading = null; // the next chart tries again
      reject(new Error("uPlot could not be loaded"));
    };
    document.head.append(script);
  });
  return loading;
}

/** A running mean that forgets with the weight `smoothing` (0: none), corrected for its start at zero. */
export function smooth(values, smoothing) {
  if (!smoothing) return values;
  let mean = 0;
  let weight = 0;
  return values.map((value) => {
    if (value === null || value === undefined) return value;
    mean = smoothing * mean + (1 - smoothing) * value;
    weight = smoothing * weight + (1 - smoothing);
    return mean / weight;
  });
}

/**
 * Lines over a common x.
 * `lines`: [{key, label, colour, faint, x: [...], y: [...]}], `height` in pixels, `format(ticks)` for the axis, `log` for a
 * logarithmic axis, `fractions` where x is more than whole numbers, `xFormat(ticks)` for the other axis, `sync` names charts whose cursors move together,
 * `range(plot, low, high)` of y, `rings`: [{x, y, colour}], `onCursor(x | null, share of the width at which it stands)`.
 */
export function Chart({ lines, rings = NONE, height = 260, format, log = false, fractions = false, range, xFormat, sync, onCursor, label }) {
  const [box, wide] = useWidth();
  const [ready, setReady] = useState(Boolean(globalThis.uPlot));
  const width = ready ? wide : 0; // there is nothing to draw before
  useEffect(() => {
    let here = true;
    if (!ready) loadUPlot().then(() => here && setReady(true), () => undefined);
    return () => (here = false);
  }, []);
  const scheme = useColourScheme();
  const plot = useRef(null);
  const shape = JSON.stringify([lines.map((line) => [line.key, line.colour, line.faint]), log, fractions, height, scheme]);
  const latest = useRef(null);
  latest.current = { lines, rings, range, width };

  const create = () => {
    const { lines, width } = latest.current;
    const ink = colour("--ink-3");
    const axis = { stroke: ink, font: FONT, grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
    plot.current?.destroy();
    plot.current = new globalThis.uPlot(
      {
        width,
        height,
        padding: [10, 12, 0, 0],
        legend: { show: false },
        cursor: { sync: sync ? { key: sync, setSeries: false } : undefined, drag: { x: false, y: false }, points: { size: 7 } },
        scales: { x: { time: false, range: (_, low, high) => [low ?? 0, high > low ? high : (low ?? 0) + 1] }, y: { distr: log ? 3 : 1, range: log || !range ? undefined : (...bounds) => latest.current.range(...bounds) } },
        series: [
          {},
          ...lines.map((line) => ({
            label: line.label,
            stroke: colour(line.colour),
            alpha: line.faint ? 0.45 : 1,
            width: line.faint ? 1.25 : 2,
            dash: line.faint ? [4, 3] : undefined,
            points: { show: (u) => u.data[0].length < 3, size: 5 },
            spanGaps: true,
          })),
        ],
        axes: [
          { ...axis, size: 34, grid: { show: false }, incrs: fractions ? undefined : STEPS, space: 44, values: xFormat && ((_, ticks) => xFormat(ticks)) },
          { ...axis, size: 52, values: (_, ticks) => format(ticks, { log }) },
        ],
        hooks: {
          draw: [(u) => latest.current.rings.forEach((ring) => drawRing(u, ring))],
          setCursor: [(u) => onCursor?.(u.data[0][u.cursor.idx] ?? null, u.cursor.left / u.over.clientWidth)],
        },
      },
      joined(lines),
      box.current,
    );
  };
  useEffect(() => (width ? soon(create) : undefined), [shape, width > 0]);
  useEffect(() => () => plot.current?.destroy(), []);

  useEffect(() => (plot.current ? soon(() => plot.current?.setData(joined(lines))) : undefined), [lines, rings, range]);
  useEffect(() => {
    if (width) plot.current?.setSize({ width, height });
  }, [width]);

  return html`<div class="chart" role="img" aria-label=${label} ref=${box} style=${{ minHeight: `${height}px` }}></div>`;
}

function drawRing(u, { x, y, colour: name }) {
  const [left, top] = [u.valToPos(x, "x", true), u.valToPos(y, "y", true)];
  const { ctx, bbox } = u;
  if (top < bbox.top || top > bbox.top + bbox.height) return;
  ctx.save();
  ctx.beginPath();
  ctx.arc(left, top, RING * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fillStyle = colour("--sheet");
  ctx.strokeStyle = colour(name);
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}

function joined(lines) {
  const filled = lines.filter((line) => line.x.length);
  if (!filled.length) return [[], ...lines.map(() => [])];
  return globalThis.uPlot.join(lines.map((line) => [line.x, line.y]));
}
