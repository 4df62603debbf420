// The queue as it is now: what runs, and what waits for its turn.

import { list } from "./api.js";
import { createStore, useLoaded } from "./ui.js";

const MOST = 100;
const EVERY_MS = 3000;

/** {running, waiting, ahead}: jobs, those that wait in their order, and how many wait before the first of these. */
export const queue = createStore({ running: [], waiting: [], ahead: 0 });

/** The queue, asked for again from time to time; `reload` asks at once. */
export function useQueue() {
  const { data, reload } = useLoaded(read, [], { every: EVERY_MS });
  return { ...(data ?? queue.get()), reload };
}

async function read(signal) {
  const [running, waiting] = await Promise.all(["running", "queued"].map((state) => list(`/v1/jobs?status=${state}`, { most: MOST, signal })));
  waiting.sort((one, other) => (one.queue?.position ?? 0) - (other.queue?.position ?? 0));
  const now = { running, waiting, ahead: Math.max(0, (waiting.at(-1)?.queue?.position ?? 0) - waiting.length) };
  queue.set(now);
  return now;
}

/** 1 → "1st", 12 → "12th", 23 → "23rd". */
export function ordinal(n) {
  const teens = n % 100 > 10 && n % 100 < 14;
  return `${n}${(!teens && { 1: "st", 2: "nd", 3: "rd" }[n % 10]) || "th"}`;
}

/** "in about 16 min"; "" where it is not known. */
export function startsIn(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 5) return "now";
  if (seconds < 95) return `in about ${seconds < 20 ? Math.round(seconds) : 10 * Math.round(seconds / 10)} s`;
  if (seconds < 95 * 60) return `in about ${Math.round(seconds / 60)} min`;
  return `in about ${Math.round(seconds / 3600)} h`;
}

/** "29th, in about 16 min". */
export const turnOf = ({ queue: turn }) => (turn ? [ordinal(turn.position), startsIn(turn.starts_in_seconds)].filter(Boolean).join(", ") : "");
