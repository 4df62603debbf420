// What tells runs apart: the choices in which those that are listed differ, the most telling ones first.

const MOST_COLUMNS = 4;

const TITLES = {
  "model.hidden_layers": "Layers",
  "model.layers": "Layers",
  "training.optimizer.learning_rate": "Rate",
  "training.optimizer.name": "Optimizer",
  "model.activation": "Activation",
  "model.dropout": "Dropout",
  "training.batch_size": "Batch",
  "training.epochs": "Epochs",
  "training.weight_decay": "Weight decay",
  "training.schedule.name": "Rate over time",
  "training.optimizer.momentum": "Momentum",
  "training.early_stopping.patience": "Patience",
};
const ORDER = Object.keys(TITLES);
const OWN = new Set(["name", "seed", "metadata", "dataset", "preset"]); // have columns, or tell nothing

const flattened = new WeakMap();

/** Path → choice, of all that a job was asked for. */
function choices(config) {
  if (!flattened.has(config)) flattened.set(config, new Map(flat(config, "")));
  return flattened.get(config);
}

function* flat(value, path) {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) yield [path, value.map((one) => one?.type ?? one).join("-") || "none"];
  else if (typeof value !== "object") yield [path, value];
  else for (const [name, part] of Object.entries(value)) if (path || !OWN.has(name)) yield* flat(part, path ? `${path}.${name}` : name);
}

const rank = (path) => (ORDER.includes(path) ? ORDER.indexOf(path) : ORDER.length);

/** [{path, title}] of the choices that are not the same in all jobs. */
export function differences(jobs) {
  const all = jobs.map(({ config }) => choices(config));
  const paths = [...new Set(all.flatMap((one) => [...one.keys()]))];
  const differ = paths.filter((path) => all.some((one) => one.get(path) !== all[0].get(path)));
  differ.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return differ.slice(0, MOST_COLUMNS).map((path) => ({ path, title: TITLES[path] ?? titled(path) }));
}

/** A job's choice, as a cell shows it. */
export const choiceOf = (job, path) => String(choices(job.config).get(path) ?? "–").replaceAll("_", " ");

function titled(path) {
  const words = path.split(".").slice(-2).join(" ").replaceAll("_", " ").replace(/ name$/, "");
  return words[0].toUpperCase() + words.slice(1);
}
