// Whether a drawing is like the images that a model learned from: a network gives an answer to whatever it is shown.
//
// Like them is what is near some of them: the mean cosine of the angle to its nearest examples, at half the resolution so
// that a pixel to the side counts little. How near is near the examples say themselves, each against all others.

import { get } from "./api.js";
import { soon } from "./turns.js";
import { useEffect, useState } from "./ui.js";

const SIDE = 28;
const EXAMPLES = 400;
const NEAREST = 5;
const UNUSUAL = 0.05; // of the examples themselves are farther from the others

/** Means of 2 × 2 pixels, to length 1. */
function shrunk(pixels) {
  const half = SIDE / 2;
  const small = new Float32Array(half * half);
  for (let y = 0; y < SIDE; y += 1) for (let x = 0; x < SIDE; x += 1) small[(y >> 1) * half + (x >> 1)] += pixels[y * SIDE + x];
  const length = Math.hypot(...small) || 1;
  return small.map((value) => value / length);
}

/** The mean cosine to the nearest examples; `but` is left out. */
function nearness(image, examples, but = -1) {
  const cosines = examples.map((example, i) => {
    let sum = 0;
    if (i !== but) for (let at = 0; at < image.length; at += 1) sum += image[at] * example[at];
    return sum;
  });
  const nearest = cosines.sort((one, other) => other - one).slice(0, NEAREST);
  return nearest.reduce((sum, cosine) => sum + cosine, 0) / NEAREST;
}

const known = new Map(); // data set → a promise of what tells whether pixels are like it

async function learn(dataset) {
  const rows = [];
  while (rows.length < EXAMPLES) {
    const { data } = await get(`/v1/datasets/${dataset}/samples?split=train&offset=${rows.length}&limit=100`);
    if (!data.length) break;
    rows.push(...data);
  }
  const examples = rows.map(({ x }) => shrunk(x));
  const own = [];
  for (const [i, example] of examples.entries()) await new Promise((done) => soon(() => done(own.push(nearness(example, examples, i)))));
  const least = own.sort((one, other) => one - other)[Math.floor(UNUSUAL * own.length)];
  return (pixels) => nearness(shrunk(pixels), examples) >= least;
}

/** `alike(pixels)` for the data set that a model learned from; null until it is known, or where the data set is gone. */
export function useLikeness(dataset, wanted) {
  const [alike, setAlike] = useState(null);
  useEffect(() => {
    if (!wanted || !dataset) return undefined;
    let mine = true;
    if (!known.has(dataset)) known.set(dataset, learn(dataset).catch(() => (known.delete(dataset), null)));
    known.get(dataset).then((found) => mine && setAlike(() => found));
    return () => {
      mine = false;
    };
  }, [dataset, wanted]);
  return alike;
}
