// The columns of a table as rows: how each is read, what is missing, and which are left out.

import { count, spanOf } from "../../lib/format.js";
import { html, useState } from "../../lib/ui.js";

const WORDS = { number: "number", name: "name", out: "left out" };
const DATE_WORDS = { date: "date", name: WORDS.name, out: WORDS.out };
const TASKS = { classification: "class", regression: "number" };

export function Columns({ data, busy, onAgain }) {
  const [changes, setChanges] = useState({}); // name → how it is to be read
  const [task, setTask] = useState(data.task);
  const [open, setOpen] = useState(false);
  const { categorical, leave_out: asked } = data.config ?? { categorical: [], leave_out: [] };
  const others = data.left_out.filter(({ name }) => !asked.includes(name));
  const changed = Object.keys(changes).length > 0 || task !== data.task;
  const set = (name, now) => (event) => {
    const wanted = event.currentTarget.value;
    setChanges(({ [name]: _, ...rest }) => (wanted === now ? rest : { ...rest, [name]: wanted }));
  };
  const read = () => {
    const changedTo = (kind) => Object.keys(changes).filter((name) => changes[name] === kind);
    const keep = (names, without) => [...names.filter((name) => !(name in changes)), ...without].sort();
    onAgain({ ...(task !== data.task && { task }), categorical: keep(categorical, changedTo("name")), leave_out: keep(asked, changedTo("out")) });
  };
  const out = asked.length + others.length;
  return html`<details class="columns" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>Columns${out ? `, ${out} left out` : ""}${data.missing ? `, ${count(data.missing)} values missing` : ""}</summary>
    ${open && html`<div class="table-wrap" tabindex="0" role="group" aria-label="Columns"><table class="list">
      <thead><tr><th scope="col">Column</th><th scope="col">Read as</th><th scope="col">Values</th><th scope="col" class="right">Missing</th></tr></thead>
      <tbody>
        <tr class="target"><th scope="row">${data.target}</th><td><${Choice} name=${data.target} value=${task} busy=${busy} choices=${tasksOf(data)} onChange=${(event) => setTask(event.currentTarget.value)} /></td><td><${Histogram} counts=${data.class_counts} says="rows of each class" /></td><td></td></tr>
        ${data.columns.map((column) => {
          const { name, kind, missing } = column;
          const now = { numeric: "number", date: "date" }[kind] ?? "name";
          return html`<tr key=${name}><th scope="row">${name}</th><td><${Choice} name=${name} value=${changes[name] ?? now} busy=${busy}
            choices=${choicesOf(now, categorical.includes(name))} onChange=${set(name, now)} /></td><td><${Histogram} counts=${column.histogram} says=${rangeOf(column)} /></td><td class="right">${count(missing)}</td></tr>`;
        })}
        ${asked.map((name) => html`<tr key=${name}><th scope="row">${name}</th><td><${Choice} name=${name} value=${changes[name] ?? "out"} busy=${busy}
          choices=${{ in: "used", out: WORDS.out }} onChange=${set(name, "out")} /></td><td></td><td></td></tr>`)}
        ${others.map(({ name, reason }) => html`<tr key=${name}><th scope="row">${name}</th><td class="note" colspan="3">left out: ${reason}</td></tr>`)}
      </tbody></table></div>
      ${data.column_count > data.columns.length && html`<p class="note">and ${count(data.column_count - data.columns.length)} columns more</p>`}
      <button type="button" class="button small changes" disabled=${busy || !changed || !data.upload} onClick=${read}>Read the file again like this</button>`}
  </details>`;
}

function choicesOf(now, saidToBeName) {
  if (now === "date") return DATE_WORDS;
  return now === "number" || saidToBeName ? WORDS : { name: WORDS.name, out: WORDS.out };
}

function rangeOf(column) {
  const { kind, category_count: n, categories } = column;
  return kind === "categorical" ? `${count(n)} names: ${categories.slice(0, 6).join(", ")}${n > 6 ? ", …" : ""}` : spanOf(column);
}

/** A bar for each part of the range, or for each name. */
function Histogram({ counts, says }) {
  if (!counts?.length) return null;
  const most = Math.max(...counts, 1);
  const width = 48 / Math.max(counts.length, 4);
  return html`<svg class="histogram" viewBox="0 0 48 18" role="img" aria-label=${says}><title>${says}</title>
    ${counts.map((n, i) => html`<rect key=${i} x=${i * width} y=${18 - (18 * n) / most} width=${width - 0.8} height=${(18 * n) / most} />`)}</svg>`;
}

const Choice = ({ name, value, choices, busy, onChange }) => html`<select aria-label=${`How ${name} is read`} value=${value} disabled=${busy} onChange=${onChange}>
  ${Object.entries(choices).map(([key, word]) => html`<option key=${key} value=${key}>${word}</option>`)}</select>`;

/** Names can be nothing but classes; numbers either. */
function tasksOf({ task, classes }) {
  return task === "regression" || classes.every((name) => name.trim() !== "" && Number.isFinite(Number(name))) ? TASKS : { classification: TASKS.classification };
}
