// Numbers that stand beside each other, with as many figures as tell them apart.

import { number, percent } from "./format.js";

const MOST_FIGURES = 12;
const NEAR_ONE = 0.999;

/** `values` as text by `write(value, figures)`, with the fewest figures, at least `least`, by which unequal ones differ. */
export function apart(values, write = number, least = 3) {
  const different = new Set(values).size;
  for (let figures = least; figures < MOST_FIGURES; figures += 1) {
    const written = values.map((value) => write(value, figures));
    if (new Set(written).size === different) return written;
  }
  return values.map((value) => write(value, MOST_FIGURES));
}

/** A probability of which `rest` is missing to 1: close to 1 by what is missing, else to about three figures. */
export const probability = (p, rest) => (p > NEAR_ONE ? `1 − ${number(rest, 2)}` : number(p));

/** Two shares, [p, what it lacks to 1] each: in percent, or as probabilities where percent would write one as 0 or 100. */
export function shares(one, other) {
  const [least, most] = [Math.min(one[0], other[0]), Math.max(one[0], other[0])];
  if (least > 1 - NEAR_ONE && most < NEAR_ONE) return apart([one[0], other[0]], percent, 1);
  if (least > NEAR_ONE) return apart([one[1], other[1]], number, 2).map((rest) => `1 − ${rest}`);
  return [one, other].map(([p, rest]) => probability(p, rest));
}

/** Losses beside each other; what is too small for the computer's numbers is no 0. */
export const losses = (...values) => apart(values, (value, figures) => (value > 0 ? number(value, figures) : "less than 10⁻³⁰⁰"));
