// What a job may ask for (docs/http.md), as the form shows it; and short names for what a job asked for.

export const ACTIVATIONS = ["relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "tanh", "sigmoid", "linear"];
export const OPTIMIZERS = {
  sgd: { learning_rate: 0.1, momentum: 0.9, nesterov: false },
  adam: { learning_rate: 0.001 },
  adamw: { learning_rate: 0.001 },
  rmsprop: { learning_rate: 0.001 },
  adagrad: { learning_rate: 0.01 },
};
export const SCHEDULES = ["cosine", "constant", "one_cycle", "exponential", "step", "reduce_on_plateau"];
export const LOSSES = ["cross_entropy", "mean_squared_error"];

const START = {
  preset: "", layers: [128, 64], activation: "relu", dropout: 0, optimizer: "sgd", learningRate: 0.1, momentum: 0.9,
  batch: 128, epochs: 10, validation: 0.1, schedule: "cosine", loss: "", teacher: "", patience: "", seed: "", name: "",
};

/** Name → what it sets. `article` and `table` are the service's own presets: a request names them and says what differs. */
export const PRESETS = {
  standard: { title: "Standard", about: "two hidden layers, ten epochs", form: START },
  quick: { title: "Quick", about: "three epochs, done in a moment", form: { ...START, epochs: 3 } },
  table: {
    title: "Table",
    about: "small, Adam, stops when it gets no better: for rows of a table",
    form: { ...START, preset: "table", layers: [32, 16], optimizer: "adam", learningRate: 0.01, batch: 32, epochs: 100, patience: 15 },
  },
  wide: { title: "Wide", about: "one layer of 800, with dropout", form: { ...START, layers: [800], dropout: 0.25, epochs: 15 } },
  deep: { title: "Deep", about: "six small layers, Adam", form: { ...START, layers: [96, 80, 64, 48, 40, 32], optimizer: "adam", learningRate: 0.001 } },
  article: {
    title: "Article",
    about: "one image at a time, as it was written down: 56 % was published",
    form: {
      ...START, preset: "article", activation: "sigmoid", learningRate: 0.001, momentum: 0, batch: 1, validation: 0.15,
      schedule: "constant", loss: "mean_squared_error",
    },
  },
};

/** The form as an earlier job was asked for; `base` keeps what the form does not show. The seed is a new one. */
export function formOf(config) {
  const { model, training, preset, name } = config;
  const { optimizer } = training;
  return {
    ...START,
    base: config,
    name: name ?? "",
    preset: PRESETS[preset] ? preset : "",
    layers: model.hidden_layers ?? [],
    activation: model.activation ?? START.activation,
    dropout: model.dropout ?? START.dropout,
    optimizer: optimizer.name,
    learningRate: optimizer.learning_rate,
    momentum: optimizer.momentum ?? START.momentum,
    batch: training.batch_size,
    epochs: training.epochs,
    validation: training.validation_split,
    schedule: training.schedule.name,
    loss: training.loss?.name ?? training.loss ?? "",
    teacher: training.teacher?.models[0] ?? "",
    patience: training.early_stopping?.patience ?? "",
  };
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
  const usual = form.preset ? fieldsOf(PRESETS[form.preset].form) : {};
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
  const usual = form.preset ? PRESETS[form.preset].form : START;
  const another = name === "learningRate" && form.optimizer !== usual.optimizer;
  return another ? OPTIMIZERS[form.optimizer].learning_rate : usual[name];
}

/** Every field that the form shows; null is a choice of its own, undefined is none. */
function fieldsOf(form) {
  const optimizer = { name: form.optimizer, learning_rate: numberOf(form.learningRate) };
  if (form.optimizer === "sgd") optimizer.momentum = numberOf(form.momentum);
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
  return `${layers} ${model.activation ?? ""}`.trim() + ` · ${training.optimizer.name} ${training.optimizer.learning_rate}`;
}
