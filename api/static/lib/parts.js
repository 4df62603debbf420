// A long table in parts: those that are far from what is seen stand as room of their height, and cost nothing.

import { html, useEffect, useRef, useState } from "./ui.js";

const ROWS = 15; // of a part
const WHOLE = 60; // rows of a table that stands whole
const NEAR = "600px 0px"; // what is that near is drawn, so that nobody who scrolls sees it come
const ROW_PX = 51; // until a part has been measured

/** The rows of a table as parts, each a `tbody`; `draw(entry, number)` gives a row. */
export function Parts({ entries, columns, draw }) {
  const parts = Array.from({ length: Math.ceil(entries.length / ROWS) }, (_, i) => i);
  return parts.map((i) => html`<${Part} key=${i} entries=${entries.slice(i * ROWS, (i + 1) * ROWS)} first=${i * ROWS}
    whole=${entries.length <= WHOLE} columns=${columns} draw=${draw} />`);
}

function Part({ entries, first, whole, columns, draw }) {
  const [seen, setSeen] = useState(first < 2 * ROWS);
  const near = seen || whole;
  const body = useRef(null);
  const height = useRef(null);
  useEffect(() => {
    const look = (changes) => {
      const { isIntersecting, boundingClientRect } = changes.at(-1);
      if (!isIntersecting && body.current.dataset.near) height.current = boundingClientRect.height;
      setSeen(isIntersecting || body.current.contains(document.activeElement)); // nobody loses the row in hand
    };
    const observer = new IntersectionObserver(look, { rootMargin: NEAR });
    observer.observe(body.current);
    return () => observer.disconnect();
  }, []);
  return html`<tbody ref=${body} data-near=${near ? "1" : undefined}>${near
    ? entries.map((entry, i) => draw(entry, first + i))
    : html`<tr aria-hidden="true"><td colspan=${columns} style=${{ padding: 0, height: `${height.current ?? ROW_PX * entries.length}px` }}></td></tr>`}</tbody>`;
}
