// A file that could not be read, read again with what is said of it here. It stands inside the form of a run.

import { html, useState } from "../../lib/ui.js";

const DETAILS = {
  encoding: { caption: "Encoding", placeholder: "UTF-8" },
  header: { caption: "First row", choices: { "": "as it looks", true: "names the columns", false: "is data" } },
  decimal: { caption: "Decimal mark", choices: { "": "as it looks", ".": "point", ",": "comma" } },
  thousands: { caption: "Between thousands", choices: { "": "as it looks", ",": "comma", ".": "point", "'": "apostrophe", " ": "blank" } },
  task: { caption: "Learned as", choices: { "": "as it looks", classification: "a class", regression: "a number" } },
  categorical: { caption: "Numbers that are names", placeholder: "columns, with commas" },
  leave_out: { caption: "Left out", placeholder: "columns, with commas" },
};

/** What a message says to say: `… say encoding=windows-1252, or …`. */
export function suggested(message) {
  const found = {};
  for (const [name, end] of [["encoding", ","], ["header", ""], ["task", ""], ["categorical", " if "]]) {
    const value = new RegExp(`\\b${name}=(${end ? ".+?" : "\\w+"})${end ? `(?:${end}|$)` : ""}`).exec(message)?.[1];
    if (value) found[name] = value;
  }
  return found;
}

/** `onSay(choices)` with what was filled in. */
export function Otherwise({ message, busy, onSay }) {
  const hints = suggested(message);
  const [said, setSaid] = useState({ target: "", ...hints });
  const set = (name) => (event) => setSaid({ ...said, [name]: event.currentTarget.value });
  const choices = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== "").map(([name, value]) => [name, name === "header" ? value === "true" : value]));
  const ready = !busy && Object.keys(choices).length > 0;
  const key = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it would start a run
    if (ready) onSay(choices);
  };
  const text = (name, caption, placeholder = "") => html`<label class="field"><span>${caption}</span>
    <input type="text" maxlength="2000" value=${said[name] ?? ""} placeholder=${placeholder} onInput=${set(name)} onKeyDown=${key} /></label>`;
  return html`<div class="otherwise" role="group" aria-label="Read it otherwise">
    ${text("target", "Column to learn", "a column's name")}
    <details open=${Object.keys(hints).length > 0}><summary>How it is written</summary>
      <div class="pairs">${Object.entries(DETAILS).map(([name, { caption, placeholder, choices: options }]) => (options
        ? html`<label class="field" key=${name}><span>${caption}</span><select value=${said[name] ?? ""} onChange=${set(name)}>
          ${Object.entries(options).map(([value, word]) => html`<option key=${value} value=${value}>${word}</option>`)}</select></label>`
        : text(name, caption, placeholder)))}</div></details>
    <button type="button" class="button" disabled=${!ready} onClick=${() => onSay(choices)}>Read it again</button>
  </div>`;
}
