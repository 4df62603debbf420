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

/** Whether rows of this shape can be shown as pictures: in one colour, or in red, green and blue. */
export const isPicture = (shape) => shape?.length === 2 || (shape?.length === 3 && [1, 3].includes(shape[2]));

/** Paint `values` on a canvas; `shade(value)` gives [red, green, blue], and is not asked where there are three channels. */
function paint(canvas, values, shade, [height, width, channels = 1]) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const [red, green, blue] = channels === 3 ? values.slice(3 * i, 3 * i + 3) : shade(values[i]);
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
  return (value) => mix(from, to, Math.max(0, Math.min(1, value / most)));
}

/** −`most` … `most`: blue below zero, paper at zero, orange above. */
export function diverging(most) {
  const [none, more, less] = [rgb("--sheet"), rgb("--more"), rgb("--less")];
  return (value) => mix(none, value < 0 ? less : more, Math.min(1, Math.abs(value) / (most || 1)) ** 0.8);
}

/** What is full ink in these images: 1 or 255 where that may be meant, else their largest value. */
export function mostOf(images) {
  let most = 0;
  for (const image of images) for (const value of image) most = Math.max(most, value);
  return most <= 1 ? 1 : most > 127 && most <= 255 ? 255 : most;
}

/** A picture, 28 × 28 if no `shape` is given. `signed`: weights or contributions; otherwise ink from 0 to `most`. */
export function Digit({ pixels, shape = [SIDE, SIDE], signed = false, most, label, className = "" }) {
  const canvas = useRef(null);
  const scheme = useColourScheme();
  useEffect(() => soon(() => {
    const [height, width, channels = 1] = shape;
    const values = pixels ?? new Uint8Array(width * height * channels);
    const limit = most ?? (signed ? Math.max(...values.map(Math.abs)) : 255);
    if (channels === 3) paint(canvas.current, values.map((value) => (255 * value) / limit), null, shape);
    else paint(canvas.current, values, signed ? diverging(limit) : ink(limit), shape);
  }), [pixels, scheme, most, signed]);
  const [height, width] = shape;
  return html`<canvas ref=${canvas} class=${`digit ${className}`} width=${width} height=${height}
    style=${width === height ? undefined : { aspectRatio: `${width} / ${height}` }}
    role=${label ? "img" : undefined} aria-label=${label} aria-hidden=${label ? undefined : "true"}></canvas>`;
}
