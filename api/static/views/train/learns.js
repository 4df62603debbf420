// What is learned of a table, and from what: the column, the first rows, and each of the others.

import { datum } from "../../lib/format.js";
import { html, useState } from "../../lib/ui.js";
import { Columns } from "./columns.js";

const ROWS = 3;
const MOST_COLUMNS = 24;
const OTHER = " another"; // no name of a column begins with a blank

/** `onAgain(choices)`: read the file once more, with these. */
export function Learns({ data, busy, onAgain }) {
  const [other, setOther] = useState(false);
  const names = [data.target, ...data.columns.map(({ name }) => name), ...(data.config?.leave_out ?? [])];
  const unlisted = data.column_count > data.columns.length;
  const learn = (target) => {
    const leave_out = data.config.leave_out.filter((name) => name !== target);
    onAgain({ target, task: null, leave_out }); // the task was that of the other column
  };
  const pick = (event) => {
    const target = event.currentTarget.value;
    setOther(target === OTHER);
    if (target !== OTHER && target !== data.target) learn(target);
  };
  return html`<div class="learns">
    <p class="learns-line"><b>Learns</b>
      <select aria-label="Learns this column" value=${other ? OTHER : data.target} disabled=${busy || !data.upload} onChange=${pick}>
        ${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
        ${unlisted && html`<option value=${OTHER}>another…</option>`}
      </select> <span class="learns-from"><b>from</b> ${data.column_count} ${data.column_count === 1 ? "column" : "columns"}</span></p>
    ${data.config?.target === null && html`<p class="note">${guess(data)}</p>`}
    ${other && html`<${Another} label="Column to learn" action="Learn it" busy=${busy} onSay=${learn} />`}
    <${Rows} data=${data} />
    <${Columns} data=${data} busy=${busy} onAgain=${onAgain} />
  </div>`;
}

/** How the target was found, as the service says it. */
const guess = ({ notes }) => {
  const how = notes.find((note) => note.startsWith("the target is "));
  return how ? `A guess: ${how}.` : "A guess.";
};

function Rows({ data }) {
  const shown = data.columns.slice(0, Math.min(MOST_COLUMNS, data.preview[0]?.length ?? 0));
  const more = data.column_count > shown.length && html`<td>…</td>`;
  const answer = (y) => (data.task === "classification" ? data.classes[y] : datum(y));
  if (!shown.length) return null;
  return html`<div class="table-wrap first-rows" tabindex="0" role="group" aria-label="The first rows"><table class="list">
    <thead><tr><th class="target" scope="col">${data.target}</th>${shown.map(({ name }) => html`<th key=${name} scope="col">${name}</th>`)}${more && html`<th><span class="unseen">more</span></th>`}</tr></thead>
    <tbody>${data.preview.slice(0, ROWS).map((row, i) => html`<tr key=${i}><td class="target">${answer(data.preview_targets[i])}</td>
      ${shown.map(({ name }, k) => html`<td key=${name}>${datum(row[k])}</td>`)}${more}</tr>`)}</tbody></table></div>`;
}

/** A column that stands in no menu, by its name. It stands inside the form of a run, so that Enter must not start one. */
function Another({ label, action, busy, onSay }) {
  const [name, setName] = useState("");
  const say = () => name && onSay(name);
  const key = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    say();
  };
  return html`<div class="another"><label class="field"><span>${label}</span>
    <input type="text" maxlength="200" value=${name} onInput=${(event) => setName(event.currentTarget.value)} onKeyDown=${key} /></label>
    <button type="button" class="button" disabled=${busy || !name} onClick=${say}>${action}</button></div>`;
}
