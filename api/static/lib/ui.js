// What every view draws with: Preact's elements written as templates, its hooks, and a store that views can watch.

import { html, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/preact-htm.js";

export { html, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState };

/** A value that can be watched: `get`, `set(next | previous => next)`, `subscribe(listener) → unsubscribe`. */
export function createStore(value) {
  const listeners = new Set();
  return {
    get: () => value,
    set(next) {
      const before = value;
      value = typeof next === "function" ? next(before) : next;
      if (value !== before) for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The store's value; the component is drawn again when it changes. */
export function useStore(store) {
  const [value, setValue] = useState(store.get());
  useEffect(() => {
    setValue(store.get());
    return store.subscribe(setValue);
  }, [store]);
  return value;
}

/** `{data, error, loading, reload}` of an asynchronous `load(signal)`, asked again when `inputs` change. */
export function useLoaded(load, inputs, { every } = {}) {
  const [state, setState] = useState({ loading: true });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    let timer;
    const ask = async () => {
      try {
        const data = await load(controller.signal);
        if (!controller.signal.aborted) setState({ data, loading: false });
      } catch (error) {
        if (!controller.signal.aborted) setState((before) => ({ data: before.data, error, loading: false }));
      }
      if (every && !controller.signal.aborted) timer = setTimeout(ask, every);
    };
    ask();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [...inputs, turn]);
  return { ...state, reload: useCallback(() => setTurn((n) => n + 1), []) };
}

/**
 * Draws the rows of a long list: `row(key, inputs, draw)` gives the same element as before while the inputs are the same,
 * and Preact looks no further into an element that it knows.
 */
export function useRows() {
  const before = useRef(new Map());
  const now = new Map();
  useEffect(() => {
    before.current = now;
  });
  return (key, inputs, draw) => {
    const known = before.current.get(key);
    const same = known?.inputs.length === inputs.length && inputs.every((input, i) => input === known.inputs[i]);
    const row = same ? known : { inputs, element: draw() };
    now.set(key, row);
    return row.element;
  };
}

/** `{problem, trying}`: `trying(action)` handles an event with it; `onDone` follows, or what went wrong is the problem. */
export function useTrying(onDone) {
  const [problem, setProblem] = useState(null);
  const trying = (action) => async (event) => {
    event?.preventDefault();
    try {
      await action();
      setProblem(null);
      onDone();
    } catch (error) {
      setProblem(error);
    }
  };
  return { problem, trying };
}

/** The width of an element in CSS pixels, 0 until it is laid out, and as it changes: `[ref, width]`. */
export function useWidth() {
  const ref = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

/** A number that changes whenever the colour scheme does, for what draws on a canvas. */
export function useColourScheme() {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const observer = new MutationObserver(() => setTurn((n) => n + 1));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return turn;
}

/** The value of a custom property of the page's style, such as `--ink`. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
