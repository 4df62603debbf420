// The pad to draw on: mouse, finger, pen, or the keyboard.

import { trace } from "./strokes.js";
import { colour, html, useColourScheme, useEffect, useRef, useState } from "./ui.js";

const PEN = 0.072; // of the pad's side
const STEP = 1 / 40;

/**
 * `strokes`: [[[x, y], …], …] in 0 … 1; `onDraw(strokes, ended)` while a stroke grows and at its end.
 * Keys: arrows move the pen, space sets it down and lifts it, Backspace takes the last stroke back.
 */
export function Pad({ strokes, onDraw, hint }) {
  const canvas = useRef(null);
  const current = useRef(null);
  const shown = useRef(strokes);
  const scheme = useColourScheme();
  const [cursor, setCursor] = useState(null);
  shown.current = strokes;

  const repaint = () => {
    const element = canvas.current;
    const side = element.clientWidth * devicePixelRatio;
    if (element.width !== Math.round(side)) element.width = element.height = Math.round(side);
    const context = element.getContext("2d");
    context.setTransform(element.width, 0, 0, element.width, 0, 0);
    context.clearRect(0, 0, 1, 1);
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = colour("--ink");
    for (const stroke of shown.current) {
      trace(context, stroke);
      context.stroke();
    }
    if (cursor) {
      context.lineWidth = 0.006;
      context.strokeStyle = colour("--accent");
      context.beginPath();
      context.arc(cursor.at[0], cursor.at[1], PEN / 2, 0, 7);
      context.stroke();
      if (cursor.down) {
        context.fillStyle = colour("--accent");
        context.fill();
      }
    }
  };
  useEffect(repaint, [strokes, scheme, cursor]);
  useEffect(() => {
    const observer = new ResizeObserver(() => repaint());
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, []);

  const place = (event) => {
    const box = canvas.current.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const down = (event) => {
    if (event.button !== 0) return;
    canvas.current.setPointerCapture(event.pointerId);
    event.preventDefault();
    setCursor(null);
    current.current = event.pointerId;
    onDraw([...shown.current, [place(event)]], false);
  };
  const move = (event) => {
    if (current.current !== event.pointerId) return;
    const points = (event.getCoalescedEvents?.() ?? []).map(place);
    extend(points.length ? points : [place(event)], false);
  };
  const up = (event) => {
    if (current.current !== event.pointerId) return;
    current.current = null;
    onDraw(shown.current, true);
  };
  const extend = (points, ended) => {
    const last = shown.current.at(-1);
    onDraw([...shown.current.slice(0, -1), [...last, ...points]], ended);
  };
  const keys = {
    ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
  };
  const key = (event) => {
    const at = cursor?.at ?? [0.5, 0.3];
    if (keys[event.key]) {
      event.preventDefault();
      const next = at.map((part, i) => Math.max(0.05, Math.min(0.95, part + keys[event.key][i])));
      setCursor({ at: next, down: cursor?.down ?? false });
      if (cursor?.down) extend([next], false);
    } else if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      const lifting = cursor?.down;
      setCursor({ at, down: !lifting });
      onDraw(lifting ? shown.current : [...shown.current, [at]], lifting);
    } else if (event.key === "Backspace" && shown.current.length) {
      event.preventDefault();
      if (cursor) setCursor({ at, down: false });
      onDraw(shown.current.slice(0, -1), true);
    }
  };
  const leave = () => {
    if (cursor?.down) onDraw(shown.current, true);
    setCursor(null);
  };
  return html`<div class="pad">
    <canvas ref=${canvas} tabindex="0" role="application" aria-label="Drawing pad" aria-describedby="pad-keys"
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}
      onKeyDown=${key} onBlur=${leave}></canvas>
    ${!strokes.length && !cursor && html`<p class="pad-hint" aria-hidden="true">${hint}</p>`}
    <p class="unseen" id="pad-keys">Arrow keys move the pen, space sets it down and lifts it, Backspace takes the last stroke back.</p>
  </div>`;
}
