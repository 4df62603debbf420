// What each unit of the first layer looks for: its 784 weights as an image.

import { count } from "../../lib/format.js";
import { fieldOf } from "../../lib/network.js";
import { Digit } from "../../lib/pictures.js";
import { html, useMemo, useRef, useState } from "../../lib/ui.js";

const FIRST = 48;

export function Fields({ network, pass, chosen, onChoose, still }) {
  const [all, setAll] = useState(false);
  const block = network.blocks[0];
  const fields = useMemo(() => Array.from({ length: block.nOut }, (_, j) => Array.from(fieldOf(block, j))), [network]);
  // While a stroke grows the order stays, so that nothing jumps about under the eye.
  const order = useRef(null);
  const kept = useMemo(() => {
    if (!still || order.current?.length !== block.nOut) {
      const { a } = pass.layers[0];
      order.current = Array.from(a, (_, j) => j).sort((one, other) => Math.abs(a[other]) - Math.abs(a[one]));
    }
    return order.current;
  }, [pass, still, network]);
  const shown = all ? kept : kept.slice(0, FIRST);
  const most = Math.max(1e-6, ...Array.from(pass.layers[0].a, Math.abs));
  return html`<section aria-labelledby="fields-title">
    <div class="section-head"><h2 id="fields-title">What the first layer looks for</h2>
      <p>The 784 weights of each of its ${count(block.nOut)} units, laid out as the pixels that they belong to. Those that answer your digit
        loudest come first; the line beneath says how loud.</p></div>
    <div class="fields">
      ${shown.map((unit) => html`<button type="button" key=${unit} class="field-unit" aria-pressed=${String(chosen.layer === 0 && chosen.unit === unit)}
        onClick=${() => onChoose(0, unit)} aria-label=${`Unit ${unit}`} title=${`unit ${unit}`}>
        <${Digit} pixels=${fields[unit]} signed /><i style=${{ transform: `scaleX(${(Math.abs(pass.layers[0].a[unit]) / most).toFixed(3)})` }}></i></button>`)}
    </div>
    ${kept.length > FIRST && html`<button type="button" class="button small" onClick=${() => setAll(!all)}>${all ? "Fewer" : `All ${count(kept.length)}`}</button>`}
  </section>`;
}
