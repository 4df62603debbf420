// Data sets: their names, for jobs and models know only an ID; those to learn from; and how one comes to be.

import { get, list, post, remove } from "./api.js";
import { brief } from "./format.js";
import { createStore, html, useEffect, useLoaded, useMemo, useRef, useState, useStore } from "./ui.js";

const MOST = 200; // of the list, before one of them is asked for by its ID
const LOOK_MS = 300;
const AGAIN_MS = 5000; // what could not be read is asked for again, not sooner

/** ID → name; null where there is no such data set any more. */
const names = createStore(new Map());
let asking = false;
const missing = new Set();

/** The name of a data set, as far as it is known by now: a view that shows it calls `useDatasetNames`, to be drawn again. */
export function datasetName(id) {
  if (!id) return "–";
  const known = names.get();
  if (!known.has(id)) ask(id);
  const name = known.get(id);
  if (name === null) return `a deleted data set (${brief(id)})`;
  if (name === undefined) return brief(id);
  return alike(known).has(name) ? `${name} (${brief(id)})` : name;
}

const shared = new WeakMap();

/** The names that several data sets have. */
function alike(known) {
  if (!shared.has(known)) {
    const all = [...known.values()];
    shared.set(known, new Set(all.filter((name, i) => name !== null && all.indexOf(name) !== i)));
  }
  return shared.get(known);
}

/** `datasetName`, for a view that is drawn again when more names are known. */
export function useDatasetNames() {
  useStore(names);
  return datasetName;
}

/** Tell what a list has said already. */
export function learnNames(entries) {
  const known = names.get();
  const news = (entries ?? []).filter(({ id, name }) => known.get(id) !== (name ?? id));
  if (news.length) names.set(new Map([...known, ...news.map(({ id, name }) => [id, name ?? id])]));
}

async function ask(id) {
  missing.add(id);
  if (asking) return;
  asking = true;
  try {
    const entries = await list("/v1/datasets", { most: MOST });
    learnNames(entries);
    for (const id of missing) {
      const found = await findIn(entries, id);
      if (found) learnNames([found]);
      else names.set((known) => new Map(known).set(id, null));
    }
    missing.clear();
    asking = false;
  } catch {
    setTimeout(() => (asking = false), AGAIN_MS);
  }
}

/** {data, add} of all data sets, `wanted` among them, wherever it stands in a long list, unless it is gone. */
export function useDatasets(wanted) {
  const [added, setAdded] = useState([]);
  const load = async (signal) => {
    const entries = await list("/v1/datasets", { most: MOST, signal });
    const found = wanted && (await findIn(entries, wanted, signal));
    return !found || entries.includes(found) ? entries : [found, ...entries];
  };
  const listed = useLoaded(load, [wanted], { every: 4000 });
  const data = useMemo(() => {
    const known = new Set(listed.data?.map(({ id }) => id));
    return listed.data && [...added.filter(({ id }) => !known.has(id)), ...listed.data];
  }, [listed.data, added]);
  useEffect(() => learnNames(data), [data]);
  return { data, add: (dataset) => setAdded((before) => [dataset, ...before]) };
}

/** A data set; null where it is gone. */
export async function findDataset(id, signal) {
  return findIn(await list("/v1/datasets", { most: MOST, signal }), id, signal);
}

/** A data set, of the first entries of the list or, where there are more, by itself; null where it is gone. */
async function findIn(entries, id, signal) {
  const listed = entries.find((entry) => entry.id === id);
  if (listed) return listed;
  if (entries.length < MOST) return null; // those are all: to ask for one that is gone would be an error in the console
  try {
    return await get(`/v1/datasets/${encodeURIComponent(id)}`, { signal });
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/** Read the files of a data set once more, with other choices: what they do not say is as it was. */
export const readAgain = (id, choices) => post("/v1/datasets", { from: id, ...choices });

async function whenRead(id, signal) {
  for (;;) {
    const dataset = await get(`/v1/datasets/${id}`, { signal });
    if (dataset.status !== "processing") return dataset;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (signal.aborted) throw new DOMException("no longer wanted", "AbortError");
  }
}

/**
 * A data set in the making: {busy, problem, refused, begin, stop}. `begin(words, ask, source)` waits for the data set that
 * `ask` makes; `busy` are the words meanwhile, `refused` is {source, message} where it could not be read, and `source`
 * has the files.
 */
export function useReading(onReady) {
  const [state, setState] = useState({});
  const current = useRef(null);
  const stop = () => current.current?.abort();
  useEffect(() => stop, []);
  const begin = async (words, ask, source = null) => {
    stop();
    const controller = new AbortController();
    current.current = controller;
    setState(({ refused }) => ({ busy: words, refused: refused?.source === source ? refused : undefined }));
    let next;
    try {
      const dataset = await whenRead((await ask()).id, controller.signal);
      if (dataset.status === "failed") {
        next = { refused: { source: source ?? dataset.id, message: dataset.error.message } };
        if (source) await remove(`/v1/datasets/${dataset.id}`); // it has no files of its own, and nobody has seen it
      } else if (!controller.signal.aborted) {
        onReady(dataset);
      }
    } catch (problem) {
      next = { ...next, problem };
    }
    if (!controller.signal.aborted) setState(next ?? {});
  };
  return { ...state, begin, clear: () => (stop(), setState({})) };
}

/** What went wrong with a reading, in the service's words. */
export const Trouble = ({ problem, refused }) => {
  const words = refused?.message ?? problem?.errors[0]?.detail ?? problem?.message;
  return words ? html`<p class="problem" role="alert">${words}</p>` : null;
};
