// Numbers as pictures: digits in ink, weights in two colours.

import { soon } from "./turns.js";
import { colour, html, useColourScheme, useEffect, useRef } from "./ui.js";

const SIDE = 28;

/** A CSS colour as [red, green, blue]. */
function rgb(name) {
  const hex = colour(name).slice(1);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

const mix = ([red, green, blue], to, share) => [
  red + (to[0] - red) * share, green + (to[1] - green) * share, blue + (to[2] - blue) * share,
];

/** Paint `values` (side × side) on a canvas; `shade(value)` gives [red, green, blue]. */
export function paint(canvas, values, shade, side = Math.round(Math.sqrt(values.length))) {
  canvas.width = side;
  canvas.height = Math.ceil(values.length / side);
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < values.length; i += 1) {
    const [red, green, blue] = shade(values[i], i);
    image.data[4 * i] = red;
    image.data[4 * i + 1] = green;
    image.data[4 * i + 2] = blue;
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** 0 … `most` from paper to ink. */
export function ink(most = 255) {
  const [from, to] = [rgb("--sheet"), rgb("--ink")];
  return (value) => mix(from, to, Math.min(1, value / most));
}

/** −`most` … `most`: blue below zero, paper at zero, orange above. */
export function diverging(most) {
  const [none, more, less] = [rgb("--sheet"), rgb("--more"), rgb("--less")];
  return (value) => mix(none, value < 0 ? less : more, Math.min(1, Math.abs(value) / (most || 1)) ** 0.8);
}

/** A 28 × 28 picture. `signed`: weights or contributions; otherwise a digit of 0 … 255. */
export function Digit({ pixels, signed = false, most, label, className = "" }) {
  const canvas = useRef(null);
  const scheme = useColourScheme();
  useEffect(() => soon(() => {
    const values = pixels ?? new Uint8Array(SIDE * SIDE);
    const limit = most ?? (signed ? Math.max(...values.map(Math.abs)) : 255);
    paint(canvas.current, values, signed ? diverging(limit) : ink(limit));
  }), [pixels, scheme, most, signed]);
  return html`<canvas ref=${canvas} class=${`digit ${className}`} width=${SIDE} height=${SIDE}
    role=${label ? "img" : undefined} aria-label=${label} aria-hidden=${label ? undefined : "true"}></canvas>`;
}
