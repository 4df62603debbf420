// What a job may ask for (docs/http.md), as the form shows it; and short names for what a job asked for.

import { catalogue, defaultsOf } from "./catalogue.js";

export const ACTIVATIONS = Object.keys(catalogue.activations);
export const OPTIMIZERS = Object.fromEntries(Object.entries(catalogue.optimizers).map(([name, row]) => [name, defaultsOf(row)]));
export const SCHEDULES = Object.keys(catalogue.schedules);

/** The losses that can train on a data set, once it is known. */
export const lossesFor = (data) => Object.entries(catalogue.losses)
  .filter(([, { tasks, classes }]) => tasks.includes(data?.task ?? "classification") && (!classes || classes === data?.classes?.length))
  .map(([name]) => name);

const EMPTY = { preset: "", teacher: "", patience: "", seed: "", name: "" };

/** Name → what it sets: a request names one, and says what differs. */
export const PRESETS = Object.fromEntries(
  Object.entries(catalogue.presets).map(([name, row]) => [name, { ...row, form: { ...fieldsFrom(row.config), preset: name === "standard" ? "" : name } }]),
);
const START = PRESETS.standard.form;

/** A preset's form, for a data set of so many training rows: its `sizes` say what depends on them. */
export function sized(name, rows) {
  const size = PRESETS[name].sizes?.find(({ from, below }) => rows >= from && rows < (below ?? Infinity));
  const { batch_size: batch, epochs, early_stopping: stopping } = size?.spec.training ?? {};
  const says = Object.entries({ batch, epochs, patience: stopping?.patience, members: size?.spec.model?.members }).filter(([, value]) => value !== undefined);
  return { ...PRESETS[name].form, ...Object.fromEntries(says), rows };
}

/** A job's config as the form shows it. */
function fieldsFrom({ model, training }) {
  const { optimizer } = training;
  return {
    ...EMPTY,
    layers: model.hidden_layers ?? [],
    activation: model.activation ?? catalogue.presets.standard.config.model.activation,
    dropout: model.dropout ?? 0,
    members: model.members ?? 1,
    optimizer: optimizer.name,
    learningRate: optimizer.learning_rate,
    momentum: optimizer.momentum ?? catalogue.presets.standard.config.training.optimizer.momentum,
    batch: training.batch_size,
    epochs: training.epochs,
    validation: training.validation_split,
    schedule: training.schedule.name,
    loss: training.loss?.name ?? training.loss ?? "",
    teacher: training.teacher?.models[0] ?? "",
    patience: training.early_stopping?.patience ?? "",
  };
}

/** The form as an earlier job was asked for; `base` keeps what the form does not show. The seed is a new one. */
export function formOf(config) {
  const { preset, name } = config;
  return { ...fieldsFrom(config), base: config, name: name ?? "", preset: PRESETS[preset] ? preset : "" };
}

/** The request of an earlier job, with what was changed in the form since. */
function changedSpec(dataset, form) {
  const { seed: _, ...spec } = structuredClone(form.base);
  const [before, now] = [fieldsOf(formOf(form.base)), fieldsOf(form)];
  for (const [part, fields] of Object.entries(now)) {
    for (const [name, value] of Object.entries(fields)) {
      if (JSON.stringify(value) !== JSON.stringify(before[part][name])) spec[part][name] = merged(spec[part][name], value);
    }
  }
  if (now.model.hidden_layers.length) delete spec.model.layers;
  return { ...spec, dataset, name: form.name || null, ...(form.seed !== "" && { seed: Number(form.seed) }) };
}

/** A choice with options keeps those that the form does not show, as long as it is the same one. */
function merged(before, now) {
  const both = [before, now].every((one) => one && typeof one === "object" && !Array.isArray(one));
  return both && before.name === now.name ? { ...before, ...now } : now;
}

/** The form as a request: what is empty, or what the preset says already, is left to the service. */
export function specOf(dataset, form) {
  if (form.base) return changedSpec(dataset, form);
  const spec = { dataset };
  if (form.name) spec.name = form.name;
  if (form.seed !== "") spec.seed = Number(form.seed);
  if (form.preset) spec.preset = form.preset;
  const usual = form.preset ? fieldsOf(sized(form.preset, form.rows)) : {};
  for (const [part, fields] of Object.entries(fieldsOf(form))) {
    const differs = ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(usual[part]?.[name] ?? null);
    const said = Object.entries(fields).filter(differs);
    if (said.length) spec[part] = Object.fromEntries(said);
  }
  return spec;
}

const numberOf = (text) => (text === "" ? undefined : Number(text));

/** What holds where a number of the form is empty. */
export function usualOf(form, name) {
  const usual = form.preset in PRESETS ? sized(form.preset, form.rows) : START;
  const another = name === "learningRate" && form.optimizer !== usual.optimizer;
  return another ? OPTIMIZERS[form.optimizer].learning_rate : usual[name];
}

/** Every field that the form shows; null is a choice of its own, undefined is none. */
function fieldsOf(form) {
  const optimizer = { name: form.optimizer, learning_rate: numberOf(form.learningRate) };
  if ("momentum" in OPTIMIZERS[form.optimizer]) optimizer.momentum = numberOf(form.momentum);
  return {
    model: { hidden_layers: form.layers.map(Number), activation: form.activation, dropout: numberOf(form.dropout) },
    training: {
      optimizer, batch_size: numberOf(form.batch), epochs: numberOf(form.epochs), validation_split: numberOf(form.validation),
      schedule: { name: form.schedule },
      teacher: form.teacher ? { models: [form.teacher] } : null,
      loss: (!form.teacher && form.loss) || null,
      early_stopping: form.patience === "" ? null : { patience: Number(form.patience) },
    },
  };
}

/** A job in a few words: its name, or what it is. */
export function titleOf(job) {
  if (job.name) return job.name;
  const { model, training, preset } = job.config;
  const { layers: drawn, activation } = PRESETS.article.form;
  if (preset === "article" && model.hidden_layers?.join() === drawn.join() && model.activation === activation) return "the article's network";
  const layers = model.layers ? `${model.layers.length} layers` : model.hidden_layers.join("-") || "no hidden layer";
  const members = model.members > 1 ? `${model.members} × ` : "";
  return `${members}${layers} ${model.activation ?? ""}`.trim() + ` · ${training.optimizer.name} ${training.optimizer.learning_rate}`;
}
