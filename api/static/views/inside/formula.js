// Letters of a formula, in the serif's italic.

import { html } from "../../lib/ui.js";

export const V = ({ x }) => html`<i class="var">${x}</i>`;

/** A letter with an index below and, in parentheses, its layer above: z⁽²⁾₇. */
export const Sub = ({ of, index, layer }) => html`<span class="sub"><i class="var">${of}</i>${layer === undefined ? html`<sub>${index}</sub>`
  : html`<span class="scripts"><span>(${layer})</span><i>${index}</i></span>`}</span>`;
