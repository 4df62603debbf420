// The image as the network gets it, which is not what was drawn.

import { icon } from "../../lib/icons.js";
import { Digit } from "../../lib/pictures.js";
import { html } from "../../lib/ui.js";

export function Seen({ pixels, label, explained = false, inside, large = false }) {
  if (large) return html`<${Digit} pixels=${pixels} label=${label} className="large" />`;
  return html`<figure class="seen">
    <div class="seen-picture"><${Digit} pixels=${pixels ?? undefined} label=${label} /></div>
    ${explained && html`<figcaption>
      <h2>What the network sees</h2>
      <p>Your strokes, scaled into 20 × 20 pixels and laid into 28 × 28 with their centre of mass in the middle: so were the
        images made that it learned from. It gets these 784 numbers and nothing else.</p>
      ${inside && html`<a class="button" href=${inside}>Look inside ${icon("arrow")}</a>`}
    </figcaption>`}
  </figure>`;
}
