// What a job may ask for, and what is measured, as the service has it (GET /v1/catalogue).

import { number, percent } from "./format.js";

export const catalogue = await (await fetch("/v1/catalogue")).json();

/** The defaults of a row's options. */
export const defaultsOf = ({ options }) =>
  Object.fromEntries(Object.entries(options).filter(([, option]) => option.default !== undefined).map(([name, option]) => [name, option.default]));

/** Metrics of a task, `[{name, title, better, format}]`: first those that say most, of these first what is in the targets' own unit. */
export const metricsOf = (task) => Object.entries(catalogue.metrics)
  .filter(([, row]) => row.task === task)
  .map(([name, row]) => ({ name, ...row }))
  .sort((a, b) => (b.format === "error") - (a.format === "error") || (a.headline ?? 99) - (b.headline ?? 99));

/** The loss that trains a task where none is said. */
export const usualLoss = (task) => Object.keys(catalogue.losses).find((name) => catalogue.losses[name].usual_for === task);

/** The metric by which the models of a task are compared. */
export const headline = (task) => metricsOf(task)[0];

/** A metric's value, as its row says. */
export function written({ name, format }, value) {
  if (format === "percent") return percent(value, 2);
  return format === "error" ? `± ${number(value)} ${name.toUpperCase()}` : number(value, 4);
}
