// Drawing in small turns, so that the page answers whoever touches it between two of them.

import { useEffect, useState } from "./ui.js";

const TURN_MS = 4;

const waiting = new Set();
let asked = false;

function turn() {
  const end = performance.now() + TURN_MS;
  try {
    for (const work of waiting) {
      waiting.delete(work);
      work();
      if (performance.now() >= end) break;
    }
  } finally {
    asked = waiting.size > 0;
    if (asked) setTimeout(turn);
  }
}

/** Do `work` after what waits already, in a task that ends soon. Gives a function that takes it back. */
export function soon(work) {
  const mine = () => work();
  waiting.add(mine);
  if (!asked) setTimeout(turn);
  asked = true;
  return () => waiting.delete(mine);
}

/** How many of `parts` may stand by now: the first at once, one more with each turn. */
export function useTurns(parts) {
  const [standing, setStanding] = useState(1);
  useEffect(() => (standing < parts ? soon(() => setStanding(standing + 1)) : undefined), [standing, parts]);
  return standing;
}
