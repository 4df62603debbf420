// A look at a data set: images as images, rows as a table.

import { get } from "../../lib/api.js";
import { datum } from "../../lib/format.js";
import { Digit, isPicture, mostOf } from "../../lib/pictures.js";
import { html, useLoaded, useMemo } from "../../lib/ui.js";

const ROWS = 8;
const IMAGES = 24;
const MOST_COLUMNS = 12;

export function Preview({ entry }) {
  const image = isPicture(entry.input_shape);
  const { data, error } = useLoaded((signal) => get(`/v1/datasets/${entry.id}/samples?split=train&limit=${image ? IMAGES : ROWS}`, { signal }), [entry.id]);
  if (error) return html`<p class="problem">${error.message}</p>`;
  if (!data) return html`<p class="note">…</p>`;
  const label = (y) => (entry.task === "classification" ? (entry.classes[y] ?? y) : datum(y));
  if (image) return html`<${Images} rows=${data.data} shape=${entry.input_shape} label=${label} />`;
  const names = entry.columns?.length ? entry.columns.map(({ name }) => name) : (data.data[0]?.x ?? []).map((_, i) => `x${i}`);
  const shown = names.slice(0, MOST_COLUMNS);
  return html`<div class="table-wrap" tabindex="0" role="group" aria-label="The first rows"><table class="list">
    <thead><tr>${shown.map((name) => html`<th key=${name}>${name}</th>`)}${names.length > shown.length && html`<th>…</th>`}<th>${entry.target ?? "y"}</th></tr></thead>
    <tbody>${data.data.map(({ index, x, y }) => html`<tr key=${index}>${x.slice(0, MOST_COLUMNS).map((value, i) => html`<td key=${i}>${datum(value)}</td>`)}
      ${names.length > shown.length && html`<td>…</td>`}<td><b>${label(y)}</b></td></tr>`)}</tbody></table></div>`;
}

function Images({ rows, shape, label }) {
  const most = useMemo(() => mostOf(rows.map(({ x }) => x)), [rows]);
  return html`<div class="preview-images">${rows.map(({ index, x, y }) => html`<figure key=${index}>
    <${Digit} pixels=${x} shape=${shape} most=${most} label=${`Row ${index}, ${label(y)}`} /><figcaption>${label(y)}</figcaption></figure>`)}</div>`;
}
