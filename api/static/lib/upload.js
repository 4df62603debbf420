// Bringing a file: by dropping it, or by choosing it.

import { post, send } from "./api.js";
import { catalogue } from "./catalogue.js";
import { icon } from "./icons.js";
import { html, useState } from "./ui.js";

const READERS = Object.values(catalogue.readers);

const ROLES = [
  ["test_labels", (name) => /t10k|test/.test(name) && /label|idx1/.test(name)],
  ["labels", (name) => /label|idx1/.test(name)],
  ["test_file", (name) => /t10k|test/.test(name)],
  ["file", () => true],
];

/** Send files as a new data set: one as it is; several, as of MNIST, as a form, told apart by their names. */
export function uploadDataset(files, options) {
  const query = new URLSearchParams(Object.entries(options).filter(([, value]) => value)).toString();
  const path = `/v1/datasets${query ? `?${query}` : ""}`;
  if (files.length === 1) {
    const type = /\.csv$/i.test(files[0].name) ? "text/csv" : "application/octet-stream";
    return send(path, files[0], { "Content-Type": type });
  }
  const form = new FormData();
  for (const file of files) form.append(ROLES.find(([, fits]) => fits(file.name.toLowerCase()))[0], file);
  return post(path, undefined, { body: form });
}

/** A place to drop files on. `onFiles(files)`; children stand beside the button. */
export function DropZone({ onFiles, busy, label, children }) {
  const [over, setOver] = useState(false);
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer.files.length) onFiles([...event.dataTransfer.files]);
  };
  const drag = (event) => {
    event.preventDefault();
    setOver(true);
  };
  const pick = (event) => {
    if (event.currentTarget.files.length) onFiles([...event.currentTarget.files]);
    event.currentTarget.value = "";
  };
  return html`<div class=${`drop ${over ? "over" : ""}`} onDragOver=${drag} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <div class="row"><label class="button small">${icon("upload")} ${busy ? "Sending…" : label}
      <input class="unseen" type="file" multiple accept=${[...READERS.flatMap(({ extensions }) => extensions), ".gz", "*/*"].join()} onChange=${pick} disabled=${busy} /></label>
      <span class="note">${READERS.map(({ says }) => says).join(", ")}, or drop it here</span></div>
    ${children}
  </div>`;
}
