// One step of backpropagation on this digit: every formula with its numbers.

import { fixed, number, percent } from "../../lib/format.js";
import { contributions, forward, lossOf, slopeAt, stepped } from "../../lib/network.js";
import { setParams } from "../../lib/router.js";
import { html, useMemo } from "../../lib/ui.js";
import { Sub, V } from "./formula.js";

const SURE = 0.99;
const RATES = [0.001, 0.01, 0.03, 0.1, 0.3, 1];

export function Backpropagation({ network, pass, deltas, label, chosen, classes, params }) {
  const rate = RATES.includes(Number(params.rate)) ? Number(params.rate) : 0.1;
  const after = useMemo(() => forward({ ...stepped(network, pass, deltas, rate), prepare: () => pass.x }, null), [network, pass, deltas, rate]);
  const last = network.blocks.length - 1;
  const squared = network.loss === "mean_squared_error";
  const path = useMemo(() => pathTo(network, pass, label, chosen), [network, pass, label, chosen.layer, chosen.unit]);
  return html`<section class="backprop" aria-labelledby="backprop-title">
    <div class="section-head"><h2 id="backprop-title">One step of learning, by hand</h2>
      <p>The error is carried back through the network, and every weight moves a little against its share of it. Say what the digit
        was meant to be, and follow the numbers. <a href="/learn/backpropagation">Why the formulas are so</a></p></div>
    <div class="backprop-choice">
      <div class="field"><span class="caption" id="as-label">It is meant to be a</span>
        <div class="chips" role="group" aria-labelledby="as-label">${classes.map((name, k) => html`<button key=${k} type="button" class="chip" aria-pressed=${String(k === label)}
          onClick=${() => setParams({ as: String(k) })}>${name}</button>`)}</div></div>
      <div class="field"><span class="caption" id="rate-label">Learning rate <i class="var">η</i></span>
        <div class="chips" role="group" aria-labelledby="rate-label">${RATES.map((value) => html`<button key=${value} type="button" class="chip" aria-pressed=${String(value === rate)}
          onClick=${() => setParams({ rate: String(value) })}>${value}</button>`)}</div></div>
    </div>
    ${pass.p[label] > SURE && html`<p class="already">It is sure of that already, so there is hardly an error to carry back.${" "}
      <button type="button" class="button small" onClick=${() => setParams({ as: String(second(pass.p)) })}>Say that it was a ${classes[second(pass.p)]}</button></p>`}
    <ol class="steps">
      <${Step} n="1" title="How wrong is it?" section="5" formula=${squared
        ? html`<${V} x="L" /> = 1/<${V} x="K" /> Σ<sub><i>k</i></sub> (<${V} x="p" /><sub><i>k</i></sub> − <${V} x="t" /><sub><i>k</i></sub>)²`
        : html`<${V} x="L" /> = − log <${Sub} of="p" index=${classes[label]} />`}>
        <p class="numbers">${squared ? "" : html`− log ${number(pass.p[label], 4)} = `}<b>${number(lossOf(network, pass.p, label), 4)}</b></p>
      </${Step}>
      <${Step} n="2" title="The error of each answer" section="5" formula=${squared
        ? html`<${V} x="δ" /><sub><i>k</i></sub> = <${V} x="p" /><sub><i>k</i></sub> (<${V} x="g" /><sub><i>k</i></sub> − Σ<sub><i>l</i></sub> <${V} x="g" /><sub><i>l</i></sub> <${V} x="p" /><sub><i>l</i></sub>), <${V} x="g" /> = 2 (<${V} x="p" /> − <${V} x="t" />)/<${V} x="K" />`
        : html`<${V} x="δ" /><sub><i>k</i></sub> = <${V} x="p" /><sub><i>k</i></sub> − [<i>k</i> = ${classes[label]}]`}>
        <${Errors} p=${pass.p} delta=${deltas[last]} label=${label} classes=${classes} />
      </${Step}>
      ${path.slice(0, -1).map(({ layer, unit }, i) => html`<${Back} key=${layer} n=${i + 3} network=${network} pass=${pass} deltas=${deltas} layer=${layer - 1} unit=${path[i + 1].unit} classes=${classes} />`)}
      <${Gradient} n=${path.length + 2} network=${network} pass=${pass} deltas=${deltas} path=${path} rate=${rate} classes=${classes} />
      <${Step} n=${path.length + 3} title="What the step has changed" section="6" formula=${html`<${Sub} of="p" index=${classes[label]} /> before and after`}>
        <div class="before-after">
          <span class="numeric">${percent(pass.p[label], 2)}</span>
          <div class="bar"><i style=${{ transform: `scaleX(${pass.p[label]})` }}></i></div>
          <span class="numeric strong">${percent(after.p[label], 2)}</span>
          <div class="bar"><i style=${{ transform: `scaleX(${after.p[label]})` }}></i></div>
        </div>
        <p class="numbers">loss ${number(lossOf(network, pass.p, label), 3)} → <b>${number(lossOf(network, after.p, label), 3)}</b>. Training does this with the mean over a batch, some hundreds of times an epoch.</p>
      </${Step}>
    </ol>
  </section>`;
}

/** The class that comes second. */
function second(p) {
  const first = p.indexOf(Math.max(...p));
  return p.reduce((best, value, k) => (k !== first && (best < 0 || value > p[best]) ? k : best), -1);
}

/** From the class down to the first layer, one unit in each: through the chosen unit, else where the most comes from. */
function pathTo(network, pass, label, chosen) {
  const path = [{ layer: network.blocks.length - 1, unit: label }];
  for (let layer = network.blocks.length - 1; layer > 0; layer -= 1) {
    const strongest = contributions(network.blocks[layer], pass.layers[layer].input, path.at(-1).unit, 1)[0]?.from ?? 0;
    path.push({ layer: layer - 1, unit: chosen.layer === layer - 1 ? chosen.unit : strongest });
  }
  return path;
}

function Step({ n, title, formula, section, children }) {
  return html`<li class="step"><div class="step-what"><span class="step-n" aria-hidden="true">${n}</span>
    <h3>${title}</h3><p class="formula">${formula}</p>
    <a class="note" href=${`/learn/backpropagation#section-${section}`}>derived in section ${section}</a></div>
    <div class="step-numbers">${children}</div></li>`;
}

function Errors({ p, delta, label, classes }) {
  return html`<div class="table-wrap" tabindex="0" role="group" aria-label="Probability, wanted and error of each class"><table class="numbers-table numeric">
    <thead><tr><td></td>${classes.map((name, k) => html`<th key=${k} scope="col" class=${k === label ? "wanted" : ""}>${name}</th>`)}</tr></thead>
    <tbody>
      <tr><th scope="row"><${V} x="p" /></th>${p.map((value, k) => html`<td key=${k}>${fixed(value)}</td>`)}</tr>
      <tr><th scope="row">wanted</th>${p.map((_, k) => html`<td key=${k}>${k === label ? 1 : 0}</td>`)}</tr>
      <tr class="result"><th scope="row"><${V} x="δ" /></th>${Array.from(delta, (value, k) => html`<td key=${k} class=${value < -0.005 ? "less" : value > 0.005 ? "more" : ""}>${fixed(value, 3)}</td>`)}</tr>
    </tbody></table></div>`;
}

function Back({ n, network, pass, deltas, layer, unit, classes }) {
  const above = network.blocks[layer + 1];
  const block = network.blocks[layer];
  const delta = deltas[layer + 1];
  const parts = Array.from(delta, (value, k) => ({ k, weight: above.W[k * above.nIn + unit], value })).map((part) => ({ ...part, product: part.weight * part.value }));
  const sum = parts.reduce((total, { product }) => total + product, 0);
  const slope = slopeAt(block, pass.layers[layer].z[unit]);
  const top = [...parts].sort((one, other) => Math.abs(other.product) - Math.abs(one.product)).slice(0, 4);
  const name = (k) => (layer + 1 === network.blocks.length - 1 ? `“${classes[k]}”` : `unit ${k}`);
  const all = `${layer + 2}`;
  return html`<${Step} n=${n} title=${`Back to unit ${unit} of layer ${layer + 1}`} section="2" formula=${html`<${Sub} of="δ" layer=${layer + 1} index="j" /> =${" "}<${V} x="σ′" />(<${Sub} of="z" layer=${layer + 1} index="j" />) Σ<sub><i>k</i></sub> <${Sub} of="w" layer=${all} index="kj" /> <${Sub} of="δ" layer=${all} index="k" />`}>
    <table class="terms numeric"><tbody>
      ${top.map(({ k, weight, value, product }) => html`<tr key=${k}><th scope="row">from ${name(k)}</th><td>${fixed(weight, 3)} × ${number(value, 3)}</td><td class=${product < 0 ? "less" : "more"}>${number(product, 3)}</td></tr>`)}
      ${parts.length > top.length && html`<tr><th scope="row">${parts.length - top.length} more</th><td></td><td>${number(sum - top.reduce((total, { product }) => total + product, 0), 3)}</td></tr>`}
      <tr class="total"><th scope="row">times <${V} x="σ′" />(${fixed(pass.layers[layer].z[unit])}) = ${number(slope, 3)}</th><td></td><td>${number(deltas[layer][unit], 3)}</td></tr>
    </tbody></table>
    ${slope === 0 && html`<p class="note">This unit is silent, its slope is 0: no error goes through it, and its weights stay.</p>`}
  </${Step}>`;
}

function Gradient({ n, network, pass, deltas, path, rate, classes }) {
  const rows = path.map(({ layer, unit }) => {
    const block = network.blocks[layer];
    const { input } = pass.layers[layer];
    const from = path.find((step) => step.layer === layer - 1)?.unit ?? loudest(input);
    const old = block.W[unit * block.nIn + from];
    const gradient = deltas[layer][unit] * input[from];
    const to = layer === network.blocks.length - 1 ? `“${classes[unit]}”` : `unit ${unit}`;
    return { layer, between: html`${layer === 0 ? `pixel ${Math.floor(from / 28)}, ${from % 28}` : `unit ${from}`} → ${to}`, delta: deltas[layer][unit], a: input[from], gradient, old, next: old - rate * gradient };
  });
  return html`<${Step} n=${n} title="Every weight moves" section="4" formula=${html`<${V} x="w" /><sub><i>ji</i></sub> ← <${V} x="w" /><sub><i>ji</i></sub> − <${V} x="η" /> <${V} x="δ" /><sub><i>j</i></sub> <${V} x="a" /><sub><i>i</i></sub>`}>
    <div class="table-wrap" tabindex="0" role="group" aria-label="Weights on the way"><table class="numbers-table wide numeric">
      <thead><tr><th scope="col">from → to</th><th scope="col"><${V} x="δ" /> × <${V} x="a" /></th><th scope="col">gradient</th><th scope="col">before</th><th scope="col">after</th></tr></thead>
      <tbody>${rows.map(({ layer, between, delta, a, gradient, old, next }) => html`<tr key=${layer}><th scope="row">${between}</th>
        <td>${number(delta, 3)} × ${fixed(a)}</td><td class=${gradient < 0 ? "less" : "more"}>${number(gradient, 3)}</td><td>${number(old, 5)}</td><td><b>${number(next, 5)}</b></td></tr>`)}</tbody>
    </table></div>
  </${Step}>`;
}

const loudest = (values) => values.reduce((best, value, i) => (Math.abs(value) > Math.abs(values[best]) ? i : best), 0);
