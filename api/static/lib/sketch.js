// A network as a small picture: a column of dots for each layer, a line for each connection.

import { compact } from "./format.js";
import { html } from "./ui.js";

const WIDTH = 320;
const HEIGHT = 120;
const MOST_DOTS = 8;

/** `sizes`: units of each layer, input first. */
export function Sketch({ sizes }) {
  const columns = sizes.map((size, i) => {
    const dots = Math.max(1, Math.min(MOST_DOTS, Math.round(size <= 12 ? size * 0.62 : 2 + Math.log2(size) * 0.72)));
    const x = sizes.length === 1 ? WIDTH / 2 : 18 + (i * (WIDTH - 36)) / (sizes.length - 1);
    const gap = Math.min(13, (HEIGHT - 26) / dots);
    return { size, x, dots: Array.from({ length: dots }, (_, k) => 48 + (k - (dots - 1) / 2) * gap) };
  });
  const lines = columns.slice(1).map((column, i) =>
    columns[i].dots.flatMap((y1) => column.dots.map((y2) => `M${columns[i].x} ${y1.toFixed(1)}L${column.x} ${y2.toFixed(1)}`)).join(""));
  return html`<svg class="sketch" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${`A network of ${sizes.join(", ")} units`}>
    ${lines.map((d, i) => html`<path key=${i} d=${d} class="edges" />`)}
    ${columns.map(({ size, x, dots }, i) => html`<g key=${i} class=${i === 0 ? "in" : i === columns.length - 1 ? "out" : "hidden"}>
      ${dots.map((y, k) => html`<circle key=${k} cx=${x} cy=${y} r="3.400" />`)}
      <text x=${x} y=${HEIGHT - 6} text-anchor="middle">${compact(size)}</text></g>`)}
  </svg>`;
}
