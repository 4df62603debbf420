// The worst mistakes: images as images, rows of a table as names with values.

import { get } from "../../lib/api.js";
import { findDataset } from "../../lib/datasets.js";
import { datum } from "../../lib/format.js";
import { readsDigits } from "../../lib/models.js";
import { isDense } from "../../lib/network.js";
import { Digit, isPicture, mostOf } from "../../lib/pictures.js";
import { address } from "../../lib/router.js";
import { useTurns } from "../../lib/turns.js";
import { html, useLoaded } from "../../lib/ui.js";
import { percentOf } from "./matrix.js";

const FIRST = 6; // columns that stand without being asked for

export function Mistakes({ mistakes, model }) {
  const standing = useTurns(mistakes.length);
  // Asked for once, here: where it is gone, each mistake would ask in vain.
  const { data: found, error } = useLoaded(async (signal) => [await findDataset(model.dataset, signal)], [model.dataset]);
  if (error) return html`<p class="note">${error.message}</p>`;
  if (!found) return null;
  const [dataset] = found;
  if (!dataset) return html`<p class="note">They are gone with their data set.</p>`;
  const columns = dataset.columns.map(({ name }) => name);
  return html`<div class="mistakes">${mistakes.slice(0, standing).map((mistake) => html`<${Mistake} key=${mistake.index} mistake=${mistake} model=${model} columns=${columns} />`)}</div>`;
}

function Mistake({ mistake, model, columns }) {
  const { index, label, predicted, probability } = mistake;
  const { data } = useLoaded((signal) => get(`/v1/datasets/${model.dataset}/samples?split=test&offset=${index}&limit=1`, { signal }), [model.dataset, index]);
  const x = data?.data[0]?.x;
  const shape = model.architecture.input_shape;
  const words = html`<figcaption><b>${model.classes[label]}</b> read as <b class="as">${model.classes[predicted]}</b> <span class="note numeric">${percentOf(probability, 1)}\u00a0%</span></figcaption>`;
  if (!isPicture(shape)) return html`<figure class="mistake row-of-values">${words}${x ? html`<${Row} x=${x} columns=${columns} />` : html`<p class="note">…</p>`}</figure>`;
  // Inside shows test images of MNIST, and the networks that it computes.
  if (model.dataset !== "mnist" || !readsDigits(model) || !isDense(model))
    return html`<figure class="mistake"><${Digit} pixels=${x} shape=${shape} most=${x && mostOf([x])} label=${`Test image ${index}`} />${words}</figure>`;
  return html`<figure class="mistake"><a href=${address("inside", { model: model.id, sample: String(index), as: String(label) })} aria-label=${`Test image ${index}, a ${model.classes[label]} read as ${model.classes[predicted]}: look inside`}>
    <${Digit} pixels=${x} /></a>${words}</figure>`;
}

/** A row of a table; a record names a hundred columns, those behind it count on. */
function Row({ x, columns }) {
  const cells = x.map((value, i) => ({ name: columns[i] ?? `column ${i + 1}`, value }));
  return html`<${Values} cells=${cells.slice(0, FIRST)} />
    ${cells.length > FIRST && html`<details><summary>${cells.length - FIRST} more ${cells.length === FIRST + 1 ? "column" : "columns"}</summary><${Values} cells=${cells.slice(FIRST)} /></details>`}`;
}

const Values = ({ cells }) => html`<dl class="values numeric">${cells.map(({ name, value }) => html`<div key=${name}>
  <dt>${name}</dt><dd>${value === null ? html`<i>missing</i>` : datum(value)}</dd></div>`)}</dl>`;
