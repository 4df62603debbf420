// A network as a small picture: a column of dots for each layer, a line for each connection.

import { compact } from "./format.js";
import { html } from "./ui.js";

const WIDTH = 320;
const HEIGHT = 120;
const MIDDLE = 48;
const STEP = 13;
const MOST_DOTS = 10;
const ENDS = 4; // dots above and below the gap that stands for the others

/** Heights of the units that are drawn: each one of a few; of many the first and the last, and a gap in between. */
function heights(size) {
  const places = size <= MOST_DOTS ? size : 2 * ENDS + 2;
  const step = Math.min(STEP, (HEIGHT - 26) / places);
  const all = Array.from({ length: places }, (_, k) => MIDDLE + (k - (places - 1) / 2) * step);
  return size <= MOST_DOTS ? all : [...all.slice(0, ENDS), ...all.slice(-ENDS)];
}

/** `sizes`: units of each layer, input first; `members`: how many networks say their mean. */
export function Sketch({ sizes, members = 1 }) {
  const columns = sizes.map((size, i) => {
    const x = sizes.length === 1 ? WIDTH / 2 : 18 + (i * (WIDTH - 36)) / (sizes.length - 1);
    return { size, x, dots: heights(size), cut: size > MOST_DOTS };
  });
  const lines = columns.slice(1).map((column, i) =>
    columns[i].dots.flatMap((y1) => column.dots.map((y2) => `M${columns[i].x} ${y1.toFixed(1)}L${column.x} ${y2.toFixed(1)}`)).join(""));
  const several = members > 1 ? `${members} such networks share these weights, each seen through its own scales; their mean is the answer. ` : "";
  const cut = columns.some((column) => column.cut) ? "A dot is a unit; ⋮ stands for those that have no room here." : "";
  return html`<figure class="sketch-figure"><svg class="sketch" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${`A network of ${sizes.join(", ")} units`}>
    ${lines.map((d, i) => html`<path key=${i} d=${d} class="edges" />`)}
    ${columns.map(({ size, x, dots, cut }, i) => html`<g key=${i} class=${i === 0 ? "in" : i === columns.length - 1 ? "out" : "hidden"}>
      ${dots.map((y, k) => html`<circle key=${k} cx=${x} cy=${y} r="3.400" />`)}
      ${cut && [-4, 0, 4].map((dy) => html`<rect key=${dy} class="cut" x=${x - 0.9} y=${MIDDLE + dy - 0.9} width="1.800" height="1.800" />`)}
      <text x=${x} y=${HEIGHT - 6} text-anchor="middle">${compact(size)}</text></g>`)}
  </svg>${(several || cut) && html`<figcaption class="note">${several}${cut}</figcaption>`}</figure>`;
}
