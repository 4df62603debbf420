// The HTTP API (docs/http.md). The key, where the service wants one, is this tab's, or this browser's where one says so.

import { createStore } from "./ui.js";

const KEY = "neurond.key";

const kept = () => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);

// The address that `neurond up --key` prints has the key; it goes before the browser's history, or anyone else, keeps it.
const given = /^#key=(.+)$/.exec(location.hash);
if (given) {
  sessionStorage.setItem(KEY, decodeURIComponent(given[1]));
  history.replaceState(null, "", location.pathname);
}

/** Whether the service has asked for a key that we do not have. */
export const locked = createStore(false);
export const hasKey = createStore(kept() !== null);

/** What the key allows: "full", or "read" (and predict); null until the service has said so. */
export const access = createStore(null);
access.subscribe((value) => {
  document.documentElement.dataset.access = value ?? "";
});

/** Take this key, or forget the one that is kept; `remember`: other tabs have it too, and it outlives them. */
export function useKey(key, remember = false) {
  sessionStorage.removeItem(KEY);
  localStorage.removeItem(KEY);
  if (key) (remember ? localStorage : sessionStorage).setItem(KEY, key);
  hasKey.set(Boolean(key));
  locked.set(false);
}

/** Ask what the key allows; where it is unknown, the next call says so. */
export async function readAccess() {
  try {
    access.set((await get("/v1/access")).access);
  } catch {
    access.set(null);
  }
}

/** As a page begins a sentence; what begins with a name or a place in the request stays. */
const sentence = (text) => text.replace(/^[a-z]+(?= )/, (word) => word[0].toUpperCase() + word.slice(1));

/** An answer that is no success: `status`, `message`, and `errors` as [{pointer, detail}]. */
export class Problem extends Error {
  constructor(status, document) {
    super(sentence(document.detail || document.title || `HTTP status ${status}`));
    this.status = status;
    this.errors = document.errors ?? [];
    this.document = document;
  }
}

async function request(path, { method = "GET", json, body, headers = {}, signal } = {}) {
  const key = kept();
  const sent = { ...headers };
  if (key) sent.Authorization = `Bearer ${key}`;
  if (json !== undefined) sent["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers: sent, body: json === undefined ? body : JSON.stringify(json), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: "The service does not answer. Is it still running?" });
  }
  if (response.ok || response.status === 304) return response;
  if (response.status === 401) locked.set(true);
  const document = await response.json().catch(() => ({}));
  throw new Problem(response.status, document);
}

async function call(path, options) {
  const response = await request(path, options);
  return response.status === 204 ? null : response.json();
}

export const text = async (path, options) => (await request(path, options)).text();
export const get = (path, options) => call(path, options);
export const post = (path, json, options) => call(path, { method: "POST", json, ...options });
export const put = (path, json, options) => call(path, { method: "PUT", json, ...options });
export const remove = (path, options) => call(path, { method: "DELETE", ...options });
export const send = (path, body, headers, options) => call(path, { method: "POST", body, headers, ...options });

/** The bytes at `path`, and the name that the service gives them. */
export async function download(path, options) {
  const response = await request(path, options);
  const name = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  return { bytes: await response.arrayBuffer(), name };
}

const wholes = new Map(); // by ID: what is abridged in lists never changes

/** The entries of a list as each is by itself: a list leaves out what is long. One that is gone stays as it was listed. */
const unabridged = (path, entries, signal) =>
  Promise.all(entries.map(async (entry) => {
    if (!entry.abridged) return entry;
    if (!wholes.has(entry.id)) {
      try {
        wholes.set(entry.id, await get(`${path.split("?")[0]}/${encodeURIComponent(entry.id)}`, { signal }));
      } catch (error) {
        if (error.status !== 404) throw error;
        return entry;
      }
    }
    return wholes.get(entry.id);
  }));

/** A list page after page, its entries whole; `limit()` says how many the next page has at most. */
export async function* pages(path, limit, signal) {
  const join = path.includes("?") ? "&" : "?";
  for (let after = ""; ; ) {
    const page = await get(`${path}${join}limit=${limit()}${after}`, { signal });
    yield { ...page, data: await unabridged(path, page.data, signal) };
    const last = page.next ?? page.data.at(-1)?.id;
    if (!page.has_more || !last) return;
    after = `&after=${encodeURIComponent(last)}`;
  }
}

/** A whole list, at most `most` entries. */
export async function list(path, { most = 200, signal } = {}) {
  const found = [];
  for await (const { data } of pages(path, () => Math.min(100, most), signal)) {
    found.push(...data);
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

/** A job's events after the ID `after`, as they come, to its end. By fetch, since EventSource sends no key. */
export async function* follow(jobId, after, signal) {
  const query = after ? `?after=${after}` : "";
  const response = await request(`/v1/jobs/${jobId}/events${query}`, { headers: { Accept: "text/event-stream" }, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").filter((line) => line.includes(": ")).map((line) => {
        const at = line.indexOf(": ");
        return [line.slice(0, at), line.slice(at + 2)];
      }));
      if (fields.event === "done") return;
      if (fields.data) yield JSON.parse(fields.data);
    }
  }
}
