// One step of backpropagation on this digit: every formula with its numbers.

import { losses, probability, shares } from "../../lib/figures.js";
import { contributions, forward, lossOf, restOf, stepped } from "../../lib/network.js";
import { setParams } from "../../lib/router.js";
import { html, useMemo } from "../../lib/ui.js";
import { Sub, V } from "./formula.js";
import { Others } from "./others.js";
import { Back, Errors, Gradient, Step } from "./steps.js";

const SURE = 0.99;
const RATES = [0.001, 0.01, 0.03, 0.1, 0.3, 1];
const RATE = 0.01;

export function Backpropagation({ network, pass, deltas, label, chosen, classes, params, sample }) {
  const rate = RATES.includes(Number(params.rate)) ? Number(params.rate) : RATE;
  const next = useMemo(() => stepped(network, pass, deltas, rate), [network, pass, deltas, rate]);
  const after = useMemo(() => forward({ ...next, prepare: () => pass.x }, null), [next, pass]);
  const last = network.blocks.length - 1;
  const squared = network.loss === "mean_squared_error";
  const path = useMemo(() => pathTo(network, pass, label, chosen), [network, pass, label, chosen.layer, chosen.unit]);
  const [before, now] = shares(...[pass, after].map((one) => [one.p[label], restOf(one, label)]));
  const [lossBefore, lossNow] = losses(lossOf(network, pass, label), lossOf(network, after, label));
  const name = classes[label];
  return html`<section class="backprop" aria-labelledby="backprop-title">
    <div class="section-head"><h2 id="backprop-title">One step of learning, by hand</h2>
      <p>The error is carried back through the network, and every weight moves a little against its share of it. Say what the digit
        was meant to be, and follow the numbers. <span class="key-more">Orange ↑</span> is what the step raises,${" "}
        <span class="key-less">blue ↓</span> what it lowers. <a href="/learn/backpropagation">Why the formulas are so</a></p></div>
    <div class="backprop-choice">
      <div class="field"><span class="caption" id="as-label">It is meant to be a</span>
        <div class="chips" role="group" aria-labelledby="as-label">${classes.map((title, k) => html`<button key=${k} type="button" class="chip" aria-pressed=${String(k === label)}
          onClick=${() => setParams({ as: String(k) })}>${title}</button>`)}</div></div>
      <div class="field"><span class="caption" id="rate-label">Learning rate <i class="var">η</i></span>
        <div class="chips" role="group" aria-labelledby="rate-label">${RATES.map((value) => html`<button key=${value} type="button" class="chip" aria-pressed=${String(value === rate)}
          onClick=${() => setParams({ rate: String(value) })}>${value}</button>`)}</div></div>
    </div>
    ${pass.p[label] > SURE && html`<p class="already">It is sure of that already, so there is hardly an error to carry back.${" "}
      <button type="button" class="button small" onClick=${() => setParams({ as: String(second(pass.p)) })}>Say that it was a ${classes[second(pass.p)]}</button></p>`}
    <ol class="steps">
      <${Step} n="1" title="How wrong is it?" section="5" formula=${squared
        ? html`<${V} x="L" /> = 1/<${V} x="K" /> Σ<sub><i>k</i></sub> (<${V} x="p" /><sub><i>k</i></sub> − <${V} x="q" /><sub><i>k</i></sub>)²`
        : html`<${V} x="L" /> = − log <${Sub} of="p" index=${name} />`}>
        <p class="numbers">${squared ? "" : html`− log (${probability(pass.p[label], restOf(pass, label))}) = `}<b>${losses(lossOf(network, pass, label))}</b></p>
      </${Step}>
      <${Step} n="2" title="The error of each answer" section="5" formula=${squared
        ? html`<${V} x="δ" /><sub><i>k</i></sub> = <${V} x="p" /><sub><i>k</i></sub> (<${V} x="g" /><sub><i>k</i></sub> − Σ<sub><i>l</i></sub> <${V} x="g" /><sub><i>l</i></sub> <${V} x="p" /><sub><i>l</i></sub>), <${V} x="g" /> = 2 (<${V} x="p" /> − <${V} x="q" />)/<${V} x="K" />`
        : html`<${V} x="δ" /><sub><i>k</i></sub> = <${V} x="p" /><sub><i>k</i></sub> − <${V} x="q" /><sub><i>k</i></sub>`}>
        <${Errors} pass=${pass} delta=${deltas[last]} label=${label} classes=${classes} />
      </${Step}>
      ${path.slice(0, -1).map(({ layer }, i) => html`<${Back} key=${layer} n=${i + 3} section="4" network=${network} pass=${pass} deltas=${deltas} layer=${layer - 1} unit=${path[i + 1].unit} classes=${classes} />`)}
      <${Gradient} n=${path.length + 2} section="4" network=${network} pass=${pass} deltas=${deltas} path=${path} rate=${rate} classes=${classes} />
      <${Step} n=${path.length + 3} title="What the step has changed" section="6" formula=${html`<${Sub} of="p" index=${name} /> before and after`}>
        <div class="before-after">
          <span class="numeric">${before}</span>
          <div class="bar"><i style=${{ transform: `scaleX(${pass.p[label]})` }}></i></div>
          <span class="numeric strong">${now}</span>
          <div class="bar"><i style=${{ transform: `scaleX(${after.p[label]})` }}></i></div>
        </div>
        <p class="numbers">loss ${lossBefore} → <b>${lossNow}</b></p>
        <${Others} network=${network} next=${next} classes=${classes} sample=${sample} />
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
