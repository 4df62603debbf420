// What a matrix says, in a sentence or two.

import { count } from "../../lib/format.js";
import { percentOf } from "./matrix.js";

/** Of two classes: how the rarer one fares. Of more: which are never said, which is found best and which least. */
export function sentenceOf({ rows, confusion }, classes) {
  const sizes = confusion.map((row) => row.reduce((sum, n) => sum + n, 0));
  const said = classes.map((_, p) => confusion.reduce((sum, row) => sum + row[p], 0));
  const only = said.indexOf(rows);
  if (only >= 0 && classes.length > 1) {
    const others = rows - sizes[only];
    return `It says “${classes[only]}” to all ${count(rows)} rows${others ? `, also to the ${count(others)} that are not` : ""}.`;
  }
  if (classes.length === 2) {
    const rare = sizes[1] <= sizes[0] ? 1 : 0;
    const right = confusion[rare][rare];
    return `Of ${count(sizes[rare])} “${classes[rare]}” it finds ${count(right)}; of the ${count(said[rare])} that it calls “${classes[rare]}”, ${count(right)} are.`;
  }
  const there = classes.map((name, k) => ({ name, k, size: sizes[k] })).filter(({ size }) => size);
  const never = there.filter(({ k }) => !said[k]);
  const found = ({ k, size }) => confusion[k][k] / size;
  const [least, ...more] = there.sort((a, b) => found(a) - found(b));
  const most = more.at(-1);
  const extremes = most && found(most) > found(least)
    ? `It finds ${share(most, confusion)} of “${most.name}”, the most, and ${share(least, confusion)} of “${least.name}”, the least.` : "";
  return [never.length ? `It never says ${never.map(({ name }) => `“${name}”`).join(", ")}.` : "", extremes].filter(Boolean).join(" ");
}

const share = ({ k, size }, confusion) => `${percentOf(confusion[k][k], size)}\u00a0%`;
