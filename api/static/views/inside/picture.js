// The whole network for one digit: every unit as a square, the strongest contributions as lines.

import { count, fixed, percent } from "../../lib/format.js";
import { answerOf } from "../../lib/network.js";
import { Digit, diverging } from "../../lib/pictures.js";
import { html, useColourScheme, useMemo, useWidth } from "../../lib/ui.js";
import { layout } from "./layout.js";

const SIDE = 28;

/** Key → the step on the screen, in x and y. */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The nearest unit in a direction, of any layer: ahead counts once, aside twice. */
function neighbour(plan, sizes, { layer, unit }, [dx, dy]) {
  const [x, y] = plan.layers[layer].place(unit);
  let best = null;
  sizes.forEach((size, l) => {
    for (let j = 0; j < size; j += 1) {
      const [toX, toY] = plan.layers[l].place(j);
      const ahead = (toX - x) * dx + (toY - y) * dy;
      const away = ahead + 2 * Math.abs((toX - x) * dy + (toY - y) * dx);
      if (ahead > 1 && (!best || away < best.away)) best = { layer: l, unit: j, away };
    }
  });
  return best;
}

export function Picture({ network, pass, pixels, lines, classes, chosen, onChoose }) {
  const [box, width] = useWidth();
  const sizes = network.blocks.map((block) => block.nOut);
  const plan = useMemo(() => (width ? layout(width, sizes) : null), [width, sizes.join()]);
  const click = (event) => {
    const { layer, unit } = event.target.dataset;
    if (layer !== undefined) onChoose(Number(layer), Number(unit));
  };
  const key = (event) => {
    const next = plan && DIRECTIONS[event.key] && neighbour(plan, sizes, chosen, DIRECTIONS[event.key]);
    if (!next) return;
    event.preventDefault();
    onChoose(next.layer, next.unit);
  };
  return html`<div class="picture" ref=${box} style=${{ minHeight: "340px" }} role="application" tabindex="0" onKeyDown=${key}
    aria-label="Picture of the network: arrow keys go from unit to unit" aria-describedby="unit-title">
    ${plan && html`
      <div class="picture-image" style=${{ left: `${plan.image.x}px`, top: `${plan.image.y}px`, width: `${plan.image.side}px` }}><${Digit} pixels=${pixels} label="The image, 28 by 28 pixels" /></div>
      <svg width=${plan.width} height=${plan.height} onClick=${click} role="img"
        aria-label=${`The network: ${network.blocks[0].nIn} pixels, then layers of ${sizes.join(", ")} units`}>
        <${Cells} plan=${plan} pass=${pass} chosen=${chosen} classes=${classes} />
        <${Lines} plan=${plan} lines=${lines} />
        <${Captions} plan=${plan} network=${network} />
      </svg>`}
  </div>`;
}

function Lines({ plan, lines }) {
  const most = useMemo(() => {
    const sizes = {};
    for (const { layer, value } of lines) sizes[layer] = Math.max(sizes[layer] ?? 0, Math.abs(value));
    return sizes;
  }, [lines]);
  const middle = (layer, unit) => {
    if (layer < 0) {
      const cell = plan.image.side / SIDE;
      return [plan.image.x + ((unit % SIDE) + 0.5) * cell, plan.image.y + (Math.floor(unit / SIDE) + 0.5) * cell];
    }
    const { place, size } = plan.layers[layer];
    const [x, y] = place(unit);
    return [x + size / 2, y + size / 2];
  };
  return html`<g class="lines">${lines.map(({ layer, from, to, value }) => {
    const [x1, y1] = middle(layer - 1, from);
    const [x2, y2] = middle(layer, to);
    const share = Math.abs(value) / most[layer];
    const bend = plan.vertical ? `${x1} ${(y1 + y2) / 2} ${x2} ${(y1 + y2) / 2}` : `${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2}`;
    return html`<path key=${`${layer}.${from}.${to}`} d=${`M${x1} ${y1}C${bend} ${x2} ${y2}`} class=${value < 0 ? "less" : "more"}
      stroke-width=${(0.6 + 2.6 * share).toFixed(2)} opacity=${(0.18 + 0.62 * share).toFixed(2)} />`;
  })}</g>`;
}

/** What each layer is: above it, over the lines that pass. */
function Captions({ plan, network }) {
  return plan.layers.map((at, layer) => {
    const { nOut, activation } = network.blocks[layer];
    const caption = at.answer ? "answer" : `${count(nOut)} × ${activation.replaceAll("_", " ")}`;
    return plan.vertical ? html`<text key=${layer} class="caption" x=${plan.width / 2} y=${at.y - 8} text-anchor="middle">${caption}</text>`
      : html`<text key=${layer} class="caption" x=${at.x} y="14">${caption}</text>`;
  });
}

function Cells({ plan, pass, chosen, classes }) {
  const scheme = useColourScheme();
  const best = answerOf(pass);
  return plan.layers.map((at, layer) => {
    const values = at.answer ? pass.p : pass.layers[layer].a;
    const shade = diverging(at.answer ? 1 : Math.max(1e-6, ...Array.from(values, Math.abs)));
    return html`<g key=${`${layer}.${scheme}`} class=${at.answer ? "answer-cells" : "cells"}>
      ${Array.from(values, (value, unit) => {
        const [x, y] = at.place(unit);
        const [red, green, blue] = shade(value).map(Math.round);
        const isChosen = chosen.layer === layer && chosen.unit === unit;
        return html`<rect key=${unit} x=${x} y=${y} width=${at.size} height=${at.size} rx=${Math.min(3, at.size / 5)} data-layer=${layer} data-unit=${unit}
          fill=${`rgb(${red} ${green} ${blue})`} class=${isChosen ? "chosen" : ""}><title>${at.answer ? classes[unit] : `unit ${unit}`}: ${fixed(value)}</title></rect>`;
      })}
      ${at.answer && named(plan, at, pass.p, classes).map(({ k, name }) => label(plan, at, k, name, pass.p[k], k === best))}
    </g>`;
  });
}

const LINE = 17;
const LETTER = 8;
const LONGEST = 14;

/** The classes whose names stand there: the likeliest first, each if those before it leave it room. */
function named(plan, at, p, classes) {
  const names = classes.map((name, k) => ({ k, name: name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name }));
  const room = (one, other) => (plan.vertical ? (LETTER * (one.name.length + other.name.length)) / 2 + LETTER : LINE);
  const kept = [];
  for (const one of names.sort((a, b) => p[b.k] - p[a.k]))
    if (kept.every((other) => Math.abs(one.k - other.k) * at.cell >= room(one, other))) kept.push(one);
  return kept;
}

function label(plan, at, k, name, p, best) {
  const [x, y] = at.place(k);
  if (plan.vertical)
    return html`<text key=${`t${k}`} class=${best ? "best" : ""} x=${x + at.size / 2} y=${y + at.cell + 18} text-anchor="middle">${name}</text>`;
  return html`<text key=${`t${k}`} class=${best ? "best" : ""} x=${x + at.cell + 8} y=${y + at.size / 2} dominant-baseline="central">
    ${name}<tspan class="share" dx="8">${p >= 0.001 ? percent(p, 1) : ""}</tspan></text>`;
}
