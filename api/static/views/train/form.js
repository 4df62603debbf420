// A new run: which data, which network, how it learns.

import { access, post } from "../../lib/api.js";
import { useDatasets, useReading } from "../../lib/datasets.js";
import { icon } from "../../lib/icons.js";
import { Sketch } from "../../lib/sketch.js";
import { ACTIVATIONS, formOf, lossesFor, OPTIMIZERS, PRESETS, SCHEDULES, sized, specOf, usualOf } from "../../lib/spec.js";
import { html, useEffect, useRef, useState } from "../../lib/ui.js";
import { Again, useJob } from "./again.js";
import { DatasetPicker } from "./dataset.js";
import { Teacher } from "./teacher.js";

const words = (name) => name.replaceAll("_", " ");

/** `asked` is the data set that was chosen; with none, the form is for that of the runs beside it, `suggested`, if it is there. */
export function RunForm({ asked, suggested, origin, onDataset, onStarted }) {
  const datasets = useDatasets(asked ?? suggested);
  const isThere = (id) => !datasets.data || datasets.data.some((entry) => entry.id === id && entry.status === "ready" && entry.task);
  const dataset = asked ?? (suggested && isThere(suggested) ? suggested : "mnist");
  const reading = useReading((made) => {
    datasets.add(made);
    onDataset(made.id);
  });
  const data = datasets.data?.find((entry) => entry.id === dataset);
  const rows = data?.rows?.train;
  const kind = dataset === "mnist" ? dataset : data?.input_shape?.length > 1 ? "images" : "tables";
  const usual = kind === "tables" ? "table" : "standard";
  const [form, setForm] = useState(PRESETS[usual].form);
  const [chosen, setChosen] = useState(usual);
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const [more, setMore] = useState(false); // the models are asked for while they can be chosen
  const sizes = [features(data), ...form.layers.map(Number), outputs(data)];
  const presets = Object.entries(PRESETS).filter(([, { suits }]) => !suits || suits === kind);
  const again = useJob(origin);
  const edited = useRef({}); // of which form the last edit was; known at once, where an effect may still see the state before
  const untouched = () => edited.current.usual !== usual || edited.current.job !== again.job;
  useEffect(() => setForm((before) => ({ ...before, teacher: "" })), [dataset]); // it knows another data set's classes
  useEffect(() => (again.job?.dataset === dataset ? fill(again.job) : untouched() && preset(usual)), [usual, again.job]);
  useEffect(() => chosen === usual && untouched() && preset(usual), [rows]); // its sizes follow from them

  const fill = (job) => {
    edited.current = {};
    setChosen(null);
    setForm(formOf(job.config));
    setProblem(null);
  };

  const preset = (name) => {
    edited.current = {};
    setChosen(name);
    setForm((before) => ({ ...sized(name, rows), name: before.name, seed: before.seed }));
    setProblem(null);
  };
  const change = (patch) => {
    if (!("name" in patch || "seed" in patch)) {
      edited.current = { usual, job: again.job };
      setChosen(null);
    }
    setForm((before) => ({ ...before, ...patch }));
  };
  const start = async (event) => {
    event.preventDefault();
    if (access.get() === "read") return; // Enter in a field
    setBusy(true);
    setProblem(null);
    try {
      onStarted(await post("/v1/jobs", specOf(dataset, form)));
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const wrong = (pointer) => problem?.errors?.some((error) => error.pointer === pointer) || undefined;
  const numeric = (name, caption, pointer, attributes = {}) => html`<label class="field"><span>${caption}</span>
    <input type="number" inputmode="decimal" step="any" value=${form[name]} aria-invalid=${wrong(pointer)} placeholder=${usualOf(form, name)} ...${attributes}
      onInput=${(event) => change({ [name]: event.currentTarget.value })} /></label>`;
  const choice = (name, caption, options) => html`<label class="field"><span>${caption}</span>
    <select value=${form[name]} onChange=${(event) => change({ [name]: event.currentTarget.value })}>
      ${options.map((option) => html`<option key=${option} value=${option}>${option ? words(option) : "that of the task"}</option>`)}
    </select></label>`;
  const rate = (event) => {
    const optimizer = event.currentTarget.value;
    change({ optimizer, learningRate: OPTIMIZERS[optimizer].learning_rate });
  };

  return html`<form class="run-form" onSubmit=${start} aria-label="A new run">
    <${Again} origin=${again} base=${form.base} />
    <${DatasetPicker} datasets=${datasets} reading=${reading} chosen=${dataset} onChoose=${onDataset} />
    <fieldset class="block">
      <legend class="label">Network</legend>
      <div class="chips" role="group" aria-label="Presets">
        ${presets.map(([name, { title }]) => html`<button key=${name} type="button" class="chip" aria-pressed=${String(chosen === name)}
          onClick=${() => preset(name)}>${title}</button>`)}
      </div>
      <p class="note about">${about(chosen, form)}</p>
      <${Sketch} sizes=${sizes} members=${form.members} />
      ${form.base?.model.layers
        ? html`<p class="note">Its layers, one by one: ${form.base.model.layers.map(({ type }) => words(type)).join(", ")}.</p>`
        : html`<${Layers} layers=${form.layers} onChange=${(layers) => change({ layers })} />`}
    </fieldset>
    <div class="pairs">
      ${numeric("epochs", "Epochs", "#/training/epochs", { min: 1, step: 1 })}
      ${numeric("learningRate", "Learning rate", "#/training/optimizer/learning_rate", { min: 0 })}
      ${!form.base?.model.layers && choice("activation", "Activation", ACTIVATIONS)}
      <label class="field"><span>Optimizer</span><select value=${form.optimizer} onChange=${rate}>
        ${Object.keys(OPTIMIZERS).map((name) => html`<option key=${name} value=${name}>${words(name)}</option>`)}
      </select></label>
    </div>
    <details onToggle=${(event) => setMore(event.currentTarget.open)}>
      <summary>More</summary>
      <div class="pairs">
        ${numeric("batch", "Batch size", "#/training/batch_size", { min: 1, step: 1 })}
        ${!form.base?.model.layers && numeric("dropout", "Dropout", "#/model/dropout", { min: 0, max: 0.99 })}
        ${"momentum" in OPTIMIZERS[form.optimizer] && numeric("momentum", "Momentum", "#/training/optimizer/momentum", { min: 0, max: 0.999 })}
        ${numeric("validation", "Validation share", "#/training/validation_split", { min: 0, max: 0.9 })}
        ${choice("schedule", "Rate over time", SCHEDULES)}
        ${more && html`<${Teacher} data=${data} chosen=${form.teacher} wrong=${wrong("#/training/teacher/models/0")}
          onChoose=${(teacher) => change({ teacher })} />`}
        ${!form.teacher && choice("loss", "Loss", ["", ...lossesFor(data)])}
        ${numeric("patience", "Stop early after", "#/training/early_stopping/patience", { min: 1, step: 1, placeholder: "never" })}
        ${numeric("seed", "Seed", "#/seed", { min: 0, step: 1, placeholder: "drawn" })}
      </div>
      <label class="field"><span>Name</span><input type="text" maxlength="200" value=${form.name}
        onInput=${(event) => change({ name: event.currentTarget.value })} placeholder="what it is called in lists" /></label>
      <details><summary>The same by curl</summary><pre class="code" tabindex="0">${curl(specOf(dataset, form))}</pre></details>
    </details>
    ${problem && html`<div class="problem" role="alert"><b>Not started.</b>
      ${problem.errors.length ? problem.errors.map((error) => html`<div><code>${error.pointer}</code> ${error.detail}</div>`) : ` ${problem.message}`}</div>`}
    <button class="button primary large changes" type="submit" disabled=${busy || Boolean(reading.busy) || (data && data.status !== "ready")}>${busy ? "Starting…" : "Start training"}</button>
  </form>`;
}

function Layers({ layers, onChange }) {
  const set = (i, value) => onChange(layers.map((width, k) => (k === i ? value : width)));
  return html`<div class="layers" role="group" aria-label="Hidden layers">
    ${layers.map((width, i) => html`<span class="layer" key=${i}>
      <input type="number" min="1" max="8192" step="1" required value=${width} aria-label=${`Units of hidden layer ${i + 1}`}
        onInput=${(event) => set(i, event.currentTarget.value)} />
      <button type="button" aria-label=${`Remove hidden layer ${i + 1}`} onClick=${() => onChange(layers.filter((_, k) => k !== i))}>${icon("close")}</button>
    </span>`)}
    ${layers.length < 12 && html`<button type="button" class="button quiet small" onClick=${() => onChange([...layers, 32])}>${icon("plus")} layer</button>`}
  </div>`;
}

function about(chosen, { base, preset }) {
  if (chosen) return PRESETS[chosen].about;
  if (base) return "as in that run, in all that you did not change";
  return preset ? `${PRESETS[preset].title} in all that you did not change` : "your own choice";
}

const features = (data) => data?.input_shape?.reduce((a, b) => a * b, 1) ?? data?.features?.length ?? 784;

/** One for each class; of numbers one for each that is to be told of a row. */
function outputs(data) {
  if (!data) return 10;
  return data.classes?.length || [data.preview_targets?.[0]].flat().length;
}

function curl(spec) {
  const body = JSON.stringify(spec, null, 2).replaceAll("'", "'\\''");
  return `curl ${location.origin}/v1/jobs \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
}
