// The reference at /docs: find a call, open the one that the address names, and try it from here.

const KEY = "neurond.key"; // where the page keeps it, too
const MOST_SHOWN = 100_000; // letters of an answer
const TEXT = /json|text|xml|javascript/;

const calls = [...document.querySelectorAll(".call")];
const keyField = document.getElementById("key");
const keyNow = () => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);

/** What the address names is opened: a call, or that of which it is a part. */
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!named?.matches(".call")) return;
  named.open = true;
  named.scrollIntoView();
}
addEventListener("hashchange", openNamed);
openNamed();

for (const call of calls)
  call.addEventListener("toggle", () => call.open && history.replaceState(history.state, "", `#${call.id}`));

document.getElementById("find").addEventListener("input", (event) => {
  const words = event.currentTarget.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const call of calls) {
    const text = call.querySelector("summary").textContent.toLowerCase();
    call.hidden = !words.every((word) => text.includes(word));
  }
  for (const section of document.querySelectorAll(".calls")) section.hidden = !section.querySelector(".call:not([hidden])");
});

if (keyField) {
  keyField.value = keyNow() ?? "";
  keyField.addEventListener("change", () => {
    if (keyField.value) sessionStorage.setItem(KEY, keyField.value.trim());
    else sessionStorage.removeItem(KEY);
  });
}

/** The address and the options of `fetch` that a form stands for; what is empty is left out. */
function requestOf(form) {
  const headers = {};
  const query = new URLSearchParams();
  let { path } = form.dataset;
  for (const field of form.querySelectorAll("[data-in]")) {
    if (!field.value) continue;
    if (field.dataset.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    else if (field.dataset.in === "query") query.append(field.name, field.value);
    else headers[field.name] = field.value;
  }
  if (keyNow()) headers.Authorization = `Bearer ${keyNow()}`;
  const { body: text, file } = form.elements;
  let body;
  if (text?.value) [body, headers["Content-Type"]] = [text.value, "application/json"];
  else if (file?.files[0]) [body, headers["Content-Type"]] = [file.files[0], typeOf(file)];
  return [query.size ? `${path}?${query}` : path, { method: form.dataset.method, headers, body }];
}

/** The media type under which a file goes: its own where the call takes it, else that of bytes, else the first one taken. */
function typeOf({ files: [file], dataset }) {
  const taken = dataset.types.split(" ");
  const bytes = "application/octet-stream";
  return [file.type, bytes, taken[0]].find((type) => taken.includes(type));
}

async function attempt(form) {
  const [said, shown] = [form.querySelector("output"), form.querySelector("pre")];
  said.textContent = "…";
  const begun = performance.now();
  try {
    const response = await fetch(...requestOf(form));
    const type = response.headers.get("Content-Type") ?? "";
    const text = !TEXT.test(type) ? `${(await response.arrayBuffer()).byteLength} bytes of ${type || "nothing"}` : await response.text();
    said.textContent = `${response.status} ${response.statusText}, ${Math.max(1, Math.round(performance.now() - begun))} ms`;
    shown.textContent = written(text, type);
  } catch (error) {
    said.textContent = "The service does not answer. Is it still running?";
    shown.textContent = String(error);
  }
  shown.hidden = !shown.textContent;
}

function written(text, type) {
  let whole = text;
  if (/json/.test(type) && !/event-stream/.test(type)) {
    try {
      whole = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      whole = text; // several lines of JSON
    }
  }
  return whole.length > MOST_SHOWN ? `${whole.slice(0, MOST_SHOWN)}\n…` : whole;
}

for (const form of document.querySelectorAll(".try-form"))
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form);
  });
