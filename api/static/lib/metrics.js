// The metrics of a job or a model in the order in which one asks: is it any good, how did it learn, what did it cost.

import { metricsOf } from "./catalogue.js";
import { count, duration, number, percent } from "./format.js";
import { verdict } from "./score.js";
import { html } from "./ui.js";

const asPercent = (x) => percent(x, 2);
const asNumber = (x) => number(x, 4);

const measured = ["classification", "regression"].flatMap(metricsOf);
const first = ({ headline, format }) => headline === 1 || format === "error"; // is it any good, and how far off
const tested = (rows) => Object.fromEntries(rows.map((row) => [`test_${row.name}`, [`test ${row.title}`, row.format === "percent" ? asPercent : asNumber]]));

/** Metric → what it is called, and how it is written; those that are not listed come last, under their own names. */
const KNOWN = {
  ...tested(measured.filter(first)),
  baseline: ["knowing nothing", null], // in the unit of the test score
  standard_error: ["standard error of the test score", null],
  ...tested(measured.filter((row) => !first(row))),
  test_loss: ["test loss", asNumber],
  best_epoch: ["kept epoch", count],
  validation_accuracy: ["validation accuracy", asPercent],
  validation_loss: ["validation loss", asNumber],
  train_accuracy: ["training accuracy", asPercent],
  train_loss: ["training loss", asNumber],
  train_seconds: ["training took", duration],
  samples_per_second: ["samples a second", count],
  learning_rate: ["learning rate of the last epoch", asNumber],
  seconds: ["the last epoch took", duration],
};

/** Rows of a `dl`. */
export function MetricFacts({ metrics = {} }) {
  const score = verdict(metrics);
  const ofScore = score?.kind === "r2" ? asNumber : asPercent;
  const names = [...Object.keys(KNOWN), ...Object.keys(metrics).filter((name) => !(name in KNOWN)).sort()];
  return html`${names.filter((name) => typeof metrics[name] === "number").map((name) => {
    const [title, write] = KNOWN[name] ?? [name.replaceAll("_", " "), asNumber];
    return html`<dt key=${name}>${title}${name === "baseline" && score?.always ? html`, always “${score.always}”` : ""}</dt>
      <dd>${(write ?? ofScore)(metrics[name])}</dd>`;
  })}`;
}
