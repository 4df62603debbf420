// The steps of backpropagation, each with its formula, its numbers, and where it is derived.

import { apart, probability } from "../../lib/figures.js";
import { fixed, number } from "../../lib/format.js";
import { restOf, slopeAt } from "../../lib/network.js";
import { html } from "../../lib/ui.js";
import { Sub, V } from "./formula.js";

const MOST_CLASSES = 12;

export function Step({ n, title, formula, section, children }) {
  return html`<li class="step"><div class="step-what"><span class="step-n" aria-hidden="true">${n}</span>
    <h3>${title}</h3><p class="formula">${formula}</p>
    <a class="note" href=${`/learn/backpropagation#section-${section}`}>derived in section ${section}</a></div>
    <div class="step-numbers">${children}</div></li>`;
}

/** The step goes against the error: what has a positive one is lowered, what has a negative one is raised. */
const moved = (error) => (error < 0 ? "more" : error > 0 ? "less" : "");
const arrow = (error) => (error < 0 ? "↑" : error > 0 ? "↓" : "");

/** A row a class, so that it fits a phone; of many classes the most wrong. */
export function Errors({ pass, delta, label, classes }) {
  const { p } = pass;
  const size = (k) => (k === label ? Infinity : Math.abs(delta[k]));
  const all = classes.map((_, k) => k);
  const shown = all.length > MOST_CLASSES ? [...all].sort((one, other) => size(other) - size(one)).slice(0, MOST_CLASSES).sort((one, other) => one - other) : all;
  return html`<div class="table-wrap" tabindex="0" role="group" aria-label="Probability, wanted and error of each class"><table class="numbers-table errors-table numeric">
    <thead><tr><th scope="col">class</th><th scope="col"><${V} x="p" />, it says</th><th scope="col"><${V} x="q" />, wanted</th><th scope="col"><${V} x="δ" />, its error</th></tr></thead>
    <tbody>${shown.map((k) => html`<tr key=${k} class=${k === label ? "wanted" : ""}><th scope="row">${classes[k]}</th><td>${probability(p[k], restOf(pass, k))}</td><td>${k === label ? 1 : 0}</td>
      <td class=${moved(delta[k])}>${number(delta[k], 3)} ${arrow(delta[k])}</td></tr>`)}</tbody>
    ${shown.length < all.length && html`<tfoot><tr><th scope="row" colspan="4">and ${all.length - shown.length} more, with smaller errors</th></tr></tfoot>`}
  </table></div>`;
}

export function Back({ n, section, network, pass, deltas, layer, unit, classes }) {
  const above = network.blocks[layer + 1];
  const block = network.blocks[layer];
  const delta = deltas[layer + 1];
  const parts = Array.from(delta, (value, k) => ({ k, weight: above.W[k * above.nIn + unit], value })).map((part) => ({ ...part, product: part.weight * part.value }));
  const sum = parts.reduce((total, { product }) => total + product, 0);
  const slope = slopeAt(block, pass.layers[layer].z[unit]);
  const top = [...parts].sort((one, other) => Math.abs(other.product) - Math.abs(one.product)).slice(0, 4);
  const rest = sum - top.reduce((total, { product }) => total + product, 0);
  const name = (k) => (layer + 1 === network.blocks.length - 1 ? `“${classes[k]}”` : `unit ${k}`);
  const all = `${layer + 2}`;
  return html`<${Step} n=${n} section=${section} title=${`Back to unit ${unit} of layer ${layer + 1}`} formula=${html`<${Sub} of="δ" layer=${layer + 1} index="j" /> =${" "}<${V} x="σ′" />(<${Sub} of="z" layer=${layer + 1} index="j" />) Σ<sub><i>k</i></sub> <${Sub} of="w" layer=${all} index="kj" /> <${Sub} of="δ" layer=${all} index="k" />`}>
    <table class="terms numeric"><tbody>
      ${top.map(({ k, weight, value, product }) => html`<tr key=${k}><th scope="row">from ${name(k)}</th><td>${number(weight, 3)} × ${number(value, 3)}</td><td class=${moved(product)}>${number(product, 3)} ${arrow(product)}</td></tr>`)}
      ${parts.length > top.length && html`<tr><th scope="row">${parts.length - top.length} more</th><td></td><td class=${moved(rest)}>${number(rest, 3)} ${arrow(rest)}</td></tr>`}
      <tr class="total"><th scope="row">times <${V} x="σ′" />(${fixed(pass.layers[layer].z[unit])}) = ${number(slope, 3)}</th><td></td><td>${number(deltas[layer][unit], 3)} ${arrow(deltas[layer][unit])}</td></tr>
    </tbody></table>
    ${slope === 0 && html`<p class="note">This unit is silent, its slope is 0: no error goes through it, and its weights stay.</p>`}
  </${Step}>`;
}

export function Gradient({ n, section, network, pass, deltas, path, rate, classes }) {
  const rows = path.map(({ layer, unit }) => {
    const block = network.blocks[layer];
    const { input } = pass.layers[layer];
    const from = path.find((step) => step.layer === layer - 1)?.unit ?? loudest(input);
    const old = block.W[unit * block.nIn + from];
    const gradient = deltas[layer][unit] * input[from];
    const to = layer === network.blocks.length - 1 ? `“${classes[unit]}”` : `unit ${unit}`;
    const between = `${layer === 0 ? `pixel ${Math.floor(from / 28)}, ${from % 28}` : `unit ${from}`} → ${to}`;
    const [before, after] = apart([old, old - rate * gradient]);
    return { layer, between, delta: deltas[layer][unit], a: input[from], gradient, before, after };
  });
  return html`<${Step} n=${n} section=${section} title="Every weight moves" formula=${html`<${V} x="w" /><sub><i>ji</i></sub> ← <${V} x="w" /><sub><i>ji</i></sub> − <${V} x="η" /> <${V} x="δ" /><sub><i>j</i></sub> <${V} x="a" /><sub><i>i</i></sub>`}>
    <dl class="moves numeric">${rows.map(({ layer, between, delta, a, gradient, before, after }) => html`<div key=${layer}><dt>${between}</dt>
      <dd><${V} x="δ" /> <${V} x="a" /> = ${number(delta, 3)} × ${fixed(a)} = ${number(gradient, 3)}</dd>
      <dd><${V} x="w" /> ${before} → <b class=${moved(gradient)}>${after} ${arrow(gradient)}</b></dd></div>`)}</dl>
  </${Step}>`;
}

const loudest = (values) => values.reduce((best, value, i) => (Math.abs(value) > Math.abs(values[best]) ? i : best), 0);
