// A long list in pages: the first is asked for again from time to time, more are added on request.

import { get } from "./api.js";
import { html, useCallback, useEffect, useState } from "./ui.js";

const PAGE = 20;

/** {entries, more, loadMore, reload, error} of a list of the API. */
export function usePaged(path, every = 3000) {
  const [pages, setPages] = useState([]);
  const [error, setError] = useState(null);
  const [turn, setTurn] = useState(0);
  const url = (after) => `${path}${path.includes("?") ? "&" : "?"}limit=${PAGE}${after ? `&after=${after}` : ""}`;
  useEffect(() => {
    const controller = new AbortController();
    let timer;
    const ask = async () => {
      try {
        const page = await get(url(), { signal: controller.signal });
        setPages((before) => [page, ...before.slice(1)]);
        setError(null);
      } catch (problem) {
        if (problem.name !== "AbortError") setError(problem);
      }
      if (!controller.signal.aborted) timer = setTimeout(ask, every);
    };
    setPages([]);
    ask();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [path, turn]);
  const seen = new Set();
  const entries = pages.flatMap((page) => page.data).filter(({ id, name }) => !seen.has(id ?? name) && seen.add(id ?? name));
  const loadMore = async () => {
    const page = await get(url(entries.at(-1).id));
    setPages((before) => [...before, page]);
  };
  return { entries, error, loading: !pages.length && !error, more: Boolean(pages.at(-1)?.has_more), loadMore, reload: useCallback(() => setTurn((n) => n + 1), []) };
}

/** What stands under a list: that it is empty, that it could not be read, or that there is more. */
export function ListEnd({ list, empty }) {
  if (list.error && !list.entries.length) return html`<p class="problem" role="alert">${list.error.message}</p>`;
  if (list.loading) return html`<p class="empty">…</p>`;
  if (!list.entries.length) return html`<p class="empty">${empty}</p>`;
  return list.more ? html`<button type="button" class="button" onClick=${list.loadMore}>More</button>` : null;
}
