// One unit opened: what it looks for, what it found, and the sum that this makes.

import { fixed } from "../../lib/format.js";
import { contributions, fieldOf } from "../../lib/network.js";
import { Digit } from "../../lib/pictures.js";
import { html } from "../../lib/ui.js";
import { Sub, V } from "./formula.js";

const TERMS = 5;

export function Unit({ network, pass, pixels, classes, chosen, onChoose }) {
  const { layer, unit } = chosen;
  const block = network.blocks[layer];
  const { input, z, a } = pass.layers[layer];
  const last = layer === network.blocks.length - 1;
  const parts = contributions(block, input, unit, TERMS);
  const shown = parts.reduce((sum, { value }) => sum + value, 0);
  const bias = block.b?.[unit] ?? 0;
  const rest = z[unit] - bias - shown;
  const others = Array.from(input).filter((value) => value !== 0).length - parts.length;
  return html`<section class="unit" aria-labelledby="unit-title">
    <div class="section-head">
      <h2 id="unit-title" aria-live="polite">${last ? `The unit for “${classes[unit]}”` : `Unit ${unit} of layer ${layer + 1}`}</h2>
      <div class="row">
        <label class="field inline"><span>Layer</span><select value=${layer} onChange=${(event) => onChoose(Number(event.currentTarget.value), 0)}>
          ${network.blocks.map((_, l) => html`<option key=${l} value=${l}>${l === network.blocks.length - 1 ? "answer" : l + 1}</option>`)}</select></label>
        <label class="field inline"><span>Unit</span><input type="number" min="0" max=${block.nOut - 1} value=${unit}
          onInput=${(event) => event.currentTarget.value !== "" && onChoose(layer, Math.max(0, Math.min(block.nOut - 1, Number(event.currentTarget.value))))} /></label>
      </div>
    </div>
    <div class="unit-body">
      ${layer === 0 && html`<${Product} block=${block} unit=${unit} pixels=${pixels} input=${input} />`}
      <div class="unit-sum">
        <p class="formula"><${Sub} of="z" index=${unit} /> = <span class="sum">Σ</span><sub><${V} x="i" /></sub> <${V} x="w" /><sub>${unit},<i>i</i></sub> <${V} x=${layer === 0 ? "x" : "a"} /><sub><i>i</i></sub> + <${V} x="b" /></p>
        <table class="terms numeric"><tbody>
          ${parts.map(({ from, weight, a: value, value: part }) => html`<tr key=${from}>
            <th scope="row">${layer === 0 ? `pixel ${Math.floor(from / 28)}, ${from % 28}` : html`<button type="button" onClick=${() => onChoose(layer - 1, from)}>unit ${from}</button>`}</th>
            <td>${fixed(weight)} × ${fixed(value)}</td><td class=${part < 0 ? "less" : "more"}>${fixed(part)}</td></tr>`)}
          ${others > 0 && html`<tr><th scope="row">${others} more</th><td></td><td class=${rest < 0 ? "less" : "more"}>${fixed(rest)}</td></tr>`}
          ${block.b && html`<tr><th scope="row">bias</th><td></td><td class=${bias < 0 ? "less" : "more"}>${fixed(bias)}</td></tr>`}
          <tr class="total"><th scope="row"><${Sub} of="z" index=${unit} /></th><td></td><td>${fixed(z[unit])}</td></tr>
          <tr class="total"><th scope="row">${last ? html`<${Sub} of="p" index=${unit} />, by softmax` : html`<${Sub} of="a" index=${unit} /> = ${block.activation.replaceAll("_", " ")}(<i>z</i>)`}</th><td></td>
            <td>${fixed(last ? pass.p[unit] : a[unit], last ? 3 : 2)}</td></tr>
        </tbody></table>
      </div>
    </div>
  </section>`;
}

function Product({ block, unit, pixels, input }) {
  const field = Array.from(fieldOf(block, unit));
  const product = field.map((weight, i) => weight * input[i]);
  return html`<div class="product">
    <figure><${Digit} pixels=${field} signed label=${`The weights of unit ${unit} as an image`} /><figcaption>its weights</figcaption></figure>
    <span aria-hidden="true">×</span>
    <figure><${Digit} pixels=${pixels} label="The digit" /><figcaption>the digit</figcaption></figure>
    <span aria-hidden="true">=</span>
    <figure><${Digit} pixels=${product} signed label="Weight times pixel, everywhere" /><figcaption>what it adds up</figcaption></figure>
  </div>`;
}
