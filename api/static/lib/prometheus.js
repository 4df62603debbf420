// The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/), as far as /metrics uses it.

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Name → [{labels, value}]. */
export function parseMetrics(text) {
  const found = new Map();
  for (const line of text.split("\n")) {
    const match = line.startsWith("#") ? null : LINE.exec(line);
    if (!match) continue;
    const [, name, labels = "", value] = match;
    const sample = { labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, key, text]) => [key, text])), value: Number(value.replace("+Inf", "Infinity")) };
    if (!found.has(name)) found.set(name, []);
    found.get(name).push(sample);
  }
  return found;
}

/** The sum of a metric's samples whose labels are as asked. */
export function total(metrics, name, labels = {}) {
  const wanted = Object.entries(labels);
  return (metrics.get(name) ?? []).filter((sample) => wanted.every(([key, value]) => sample.labels[key] === value)).reduce((sum, { value }) => sum + value, 0);
}

/** [[upper bound, how many up to it], …] of a histogram, less what `before` had counted already. */
export function buckets(metrics, name, labels = {}, before = null) {
  const wanted = Object.entries(labels);
  const counts = new Map();
  const add = (source, sign) => {
    for (const sample of source?.get(`${name}_bucket`) ?? [])
      if (wanted.every(([key, value]) => sample.labels[key] === value)) {
        const bound = Number(sample.labels.le.replace("+Inf", "Infinity"));
        counts.set(bound, (counts.get(bound) ?? 0) + sign * sample.value);
      }
  };
  add(metrics, 1);
  add(before, -1);
  return [...counts].sort(([one], [other]) => one - other);
}

/** The quantile of a histogram, linear inside the bucket where it falls, as Prometheus's histogram_quantile has it. */
export function quantile(counts, q) {
  const all = counts.at(-1)?.[1] ?? 0;
  if (!all) return null;
  const rank = q * all;
  let [low, below] = [0, 0];
  for (const [bound, upTo] of counts) {
    if (upTo >= rank) return bound === Infinity ? low : low + ((bound - low) * (rank - below)) / Math.max(upTo - below, 1e-9);
    [low, below] = [bound, upTo];
  }
  return low;
}
