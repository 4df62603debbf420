// Models, and asking them.

import { list, post } from "./api.js";
import { metricsOf, written } from "./catalogue.js";
import { ACTIVATIONS } from "./spec.js";
import { useLoaded } from "./ui.js";

const PIXELS = 28 * 28;

export const inputs = (model) => (model.architecture?.input_shape ?? []).reduce((a, b) => a * b, 1);

/** Whether a model reads 28 × 28 images. */
export const readsDigits = (model) => model.task === "classification" && inputs(model) === PIXELS;

/** All models, newest first, asked for again from time to time. */
export const useModels = () => useLoaded((signal) => list("/v1/models", { signal }), [], { every: 5000 });

const SHOWN = ["test", "validation"].flatMap((part) =>
  ["classification", "regression"].flatMap(metricsOf).filter(({ headline }) => headline).map((row) => ({ ...row, field: `${part}_${row.name}` })));

/** How good a model is, or that of a job: the first of the metrics that were measured, such as the share that is right. */
export function scoreOf({ metrics }) {
  const row = SHOWN.find(({ field }) => metrics?.[field] !== undefined);
  return row ? written(row, metrics[row.field]) : "–";
}

/** A model in a few words: its name, or its layers. */
export function titleOf(model) {
  if (model.name) return model.name;
  const { layers = [] } = model.architecture ?? {};
  const members = layers.find((layer) => layer.type === "members");
  const units = layers.slice(0, -1).filter((layer) => layer.type === "dense").map((layer) => layer.units);
  const kinds = layers.some((layer) => layer.type === "conv2d") ? "convolutional" : units.join("-") || "no hidden layer";
  const activation = layers.find((layer) => ACTIVATIONS.includes(layer.type))?.type ?? "";
  return `${members ? `${members.count} × ` : ""}${kinds} ${activation}`.trim();
}

/** {probabilities, milliseconds} of one row. */
export async function ask(modelId, pixels, signal) {
  const begun = performance.now();
  const answer = await post(`/v1/models/${modelId}/predictions`, { inputs: [pixels] }, { signal });
  return { probabilities: answer.probabilities[0], milliseconds: performance.now() - begun };
}
