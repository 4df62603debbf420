// Data sets: their names, for jobs and models know only an ID; those to learn from; and how one comes to be.

import { get, list, post, remove } from "./api.js";
import { html, useEffect, useLoaded, useMemo, useRef, useState } from "./ui.js";

const LOOK_MS = 300;

/** What turns the ID of a data set into its name; one that is gone stays an ID. */
export function useDatasetNames() {
  const { data } = useLoaded((signal) => list("/v1/datasets", { signal }), []);
  return (id) => data?.find((entry) => entry.id === id)?.name ?? id ?? "–";
}

/** {data, add} of all data sets, `wanted` among them, wherever it stands in a long list, unless it is gone. */
export function useDatasets(wanted) {
  const [added, setAdded] = useState([]);
  const load = async (signal) => {
    const entries = await list("/v1/datasets", { signal });
    return entries.some(({ id }) => id === wanted) ? entries : [...(await one(wanted, signal)), ...entries];
  };
  const listed = useLoaded(load, [wanted], { every: 4000 });
  const data = useMemo(() => {
    const known = new Set(listed.data?.map(({ id }) => id));
    return listed.data && [...added.filter(({ id }) => !known.has(id)), ...listed.data];
  }, [listed.data, added]);
  return { data, add: (dataset) => setAdded((before) => [dataset, ...before]) };
}

async function one(id, signal) {
  try {
    return id ? [await get(`/v1/datasets/${encodeURIComponent(id)}`, { signal })] : [];
  } catch (error) {
    if (error.status === 404) return [];
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
    setState({ busy: words });
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
