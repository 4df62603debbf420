// A long list in pages: what is shown of it is asked for again from time to time, more on request.

import { get, pages } from "./api.js";
import { html, useCallback, useEffect, useLoaded, useRef, useState } from "./ui.js";

const PAGE = 20;
const MOST = 100; // entries that the API gives at once

/** {entries, more, loadMore, reload, error, loading} of a list of the API. */
export function usePaged(path, every = 3000) {
  const [found, setFound] = useState({ path });
  const [turn, setTurn] = useState(0);
  const shown = useRef({}); // how many entries are wanted of which list, and which are known
  if (shown.current.path !== path) shown.current = { path, wanted: PAGE, known: new Map() };
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer;
    const ask = async () => {
      try {
        const list = await read(path, shown.current, signal);
        if (signal.aborted) return;
        shown.current.known = new Map(list.entries.map((entry) => [entry.id, entry]));
        shown.current.wanted = Math.max(shown.current.wanted, list.wanted);
        setFound({ path, ...list });
      } catch (error) {
        if (signal.aborted) return;
        setFound((before) => ({ ...(before.path === path && before), path, error }));
      }
      timer = setTimeout(ask, every);
    };
    ask();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [path, turn]);
  const { entries, more = false, error = null } = found.path === path ? found : {};
  const loadMore = () => {
    shown.current.wanted = Math.max(2 * entries.length, PAGE);
    reload();
  };
  return { entries: entries ?? [], error, loading: !entries && !error, more, loadMore, reload };
}

/** As much of the list as is wanted, from its top. What is new there pushes out nothing that was asked for by "More". */
async function read(path, { wanted, known }, signal) {
  const entries = [];
  let more = false;
  for await (const { data, has_more: goesOn } of pages(path, () => Math.min(MOST, wanted - entries.length), signal)) {
    if (!entries.length && wanted > PAGE) wanted += Math.max(0, data.findIndex(({ id }) => known.has(id)));
    entries.push(...data.map((entry) => unchanged(known.get(entry.id), entry)));
    more = goesOn;
    if (entries.length >= wanted) break;
  }
  return { entries, more, wanted };
}

/** What is known already where nothing has changed: whoever draws it sees that it is the same. */
function unchanged(before, now) {
  if (!before) return now;
  const over = before.finished_at && now.finished_at; // from then on a record stays as it is
  return over || JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

/** The entry that the address opens where the list does not show it (yet), and then the list's. */
export function useEntries(path, list, open) {
  const wanted = open && !list.loading && !list.entries.some(({ id }) => id === open) ? open : null;
  const gone = useRef(null);
  const ask = async (signal) => {
    if (!wanted || gone.current === wanted) return null;
    try {
      return await get(`${path}/${encodeURIComponent(wanted)}`, { signal });
    } catch (error) {
      if (error.status !== 404) throw error;
      gone.current = wanted;
      return null;
    }
  };
  const { data } = useLoaded(ask, [path, wanted], { every: 3000 });
  return wanted && data?.id === wanted ? [data, ...list.entries] : list.entries;
}

/** What stands under a list: that it is empty, that it could not be read, or that there is more. */
export function ListEnd({ list, empty }) {
  if (list.loading) return html`<p class="empty">…</p>`;
  return html`${list.error && html`<p class="problem" role="alert">${list.error.message}</p>`}
    ${!list.error && !list.entries.length && html`<p class="empty">${empty}</p>`}
    ${list.more && html`<button type="button" class="button" onClick=${list.loadMore}>More</button>`}`;
}
