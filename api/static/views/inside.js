// Inside: the network as a picture, computed here from its weights, for a digit that is drawn beside it.

import { download } from "../lib/api.js";
import { useDrawing } from "../lib/drawing.js";
import { icon } from "../lib/icons.js";
import { readsDigits, titleOf, useModels } from "../lib/models.js";
import { answerOf, backward, buildNetwork, contributions, forward, isDense, strongestPath } from "../lib/network.js";
import { Pad } from "../lib/pad.js";
import { Digit } from "../lib/pictures.js";
import { setParams } from "../lib/router.js";
import { readSafetensors } from "../lib/safetensors.js";
import { scoreInWords } from "../lib/score.js";
import { seen } from "../lib/strokes.js";
import { html, useLoaded, useMemo } from "../lib/ui.js";
import { FirstModel } from "./draw/first.js";
import { Missing } from "./draw/missing.js";
import { Backpropagation } from "./inside/backprop.js";
import { Fields } from "./inside/fields.js";
import { Growth } from "./inside/growth.js";
import { Picture } from "./inside/picture.js";
import { Unit } from "./inside/unit.js";

/** With nothing drawn: one of its mistakes on the test set, of those that are kept the least sure; null until the models are known. */
function firstSample(models, model) {
  if (!models.data) return null;
  const mistake = model?.dataset === "mnist" && model.evaluation?.mistakes?.at(-1);
  return String(mistake ? mistake.index : 0);
}

export function Inside({ params }) {
  const models = useModels();
  const readers = useMemo(() => (models.data ?? []).filter((model) => readsDigits(model) && isDense(model)), [models.data]);
  const model = readers.find((entry) => entry.id === params.model) ?? readers[0];
  const weights = useLoaded(async (signal) => {
    if (!model) return null;
    const { bytes } = await download(`/v1/models/${model.id}/export?format=safetensors`, { signal });
    return { id: model.id, network: buildNetwork(model.architecture, readSafetensors(bytes)) };
  }, [model?.id]);
  const first = firstSample(models, model);
  const { strokes, sample, drawing, problem, draw, take } = useDrawing("inside", params, first);
  const pixels = useMemo(() => sample?.x ?? seen(strokes)?.slice() ?? null, [strokes, sample]);
  const network = weights.data && weights.data.id === model?.id ? weights.data.network : null;
  const pass = useMemo(() => network && pixels && forward(network, pixels), [network, pixels]);

  const failed = problem ?? weights.error ?? models.error;
  const missing = html`<${Missing} id=${params.model} models=${models} readers=${readers} wants="fully connected networks for 28 × 28 images" replaced />`;
  if (models.data && !readers.length) return html`${missing}<${FirstModel} onDone=${models.reload} />`;
  const choose = (event) => setParams({ model: event.currentTarget.value, unit: "" });
  return html`<div class="inside">
    <header class="inside-head">
      <div class="inside-title">
        <h1>Inside the network</h1>
        <p class="prose">Every number on this page is computed here, from the model's own weights, while you draw.${" "}
          <span class="key-more">Orange</span> speaks for, <span class="key-less">blue</span> against.</p>
        <label class="field"><span>Model</span><select value=${model?.id ?? ""} onChange=${choose}>
          ${readers.map((entry) => html`<option key=${entry.id} value=${entry.id}>${titleOf(entry)} · ${scoreInWords(entry)}</option>`)}
        </select></label>
        ${missing}
        ${failed && html`<p class="problem" role="alert">${failed.message}</p>`}
      </div>
      <div class="inside-pad">
        ${sample ? html`<button type="button" class="pad shows-sample" onClick=${() => draw([], true)} aria-label=${`Test image ${sample.index}, a ${sample.y}: click to draw your own`}>
            <${Digit} pixels=${sample.x} /><span class="pad-hint" aria-hidden="true">click to draw your own</span></button>`
          : html`<${Pad} strokes=${strokes} onDraw=${draw} hint="draw a digit" />`}
        <div class="row">
          <button type="button" class="button small" onClick=${() => draw([], true)} disabled=${!strokes.length && !sample}>Clear</button>
          <button type="button" class="button small" onClick=${take}>${icon("dice")} A test image</button>
        </div>
        ${sample && pass && html`<${Read} sample=${sample} pass=${pass} classes=${model.classes} />`}
      </div>
    </header>
    ${pass ? html`<${Opened} network=${network} pass=${pass} pixels=${pixels} model=${model} params=${params} sample=${sample} drawing=${drawing} />`
      : html`<p class="empty">${network ? "Draw a digit to see it go through." : "Reading the weights…"}</p>`}
  </div>`;
}

/** What the test image is, and what is made of it. */
function Read({ sample, pass, classes }) {
  const said = classes[answerOf(pass)];
  const truth = String(sample.y);
  if (!classes.includes(truth) || said === truth) return html`<p class="note">Test image ${sample.index}, a ${truth}.</p>`;
  return html`<p class="note">One of its mistakes: test image ${sample.index}, a <b>${truth}</b>, is read as <b class="as">${said}</b>.</p>`;
}

function Opened({ network, pass, pixels, model, params, sample, drawing }) {
  const best = answerOf(pass);
  const asked = Number.parseInt(params.as, 10);
  const named = sample ? model.classes.indexOf(String(sample.y)) : -1; // A model of other data may not have MNIST's digit among its classes.
  const label = asked >= 0 && asked < pass.p.length ? asked : named >= 0 ? named : best;
  const chosen = choice(params.unit, network, pass, best);
  const lines = useMemo(() => strongestPath(network, pass, best), [network, pass]);
  const deltas = useMemo(() => backward(network, pass, label), [network, pass, label]);
  const select = (layer, unit) => setParams({ unit: `${layer}.${unit}` });
  return html`
    <section aria-labelledby="whole-title">
      <div class="section-head"><h2 id="whole-title">From pixels to “${model.classes[best]}”</h2>
        <p>Each square is one unit, the stronger its colour the stronger it answers. The lines are the strongest ways from
          the pixels to the answer. Choose a unit to open it.</p></div>
      <${Picture} network=${network} pass=${pass} pixels=${pixels} lines=${lines} classes=${model.classes} chosen=${chosen} onChoose=${select} />
    </section>
    <${Unit} network=${network} pass=${pass} pixels=${pixels} classes=${model.classes} chosen=${chosen} onChoose=${select} />
    <${Fields} network=${network} pass=${pass} chosen=${chosen} onChoose=${select} still=${drawing} model=${model} />
    <${Growth} model=${model} chosen=${chosen} onChoose=${select} />
    <${Backpropagation} network=${network} pass=${pass} deltas=${deltas} label=${label} chosen=${chosen} classes=${model.classes} params=${params} sample=${sample} />`;
}

/** The unit in the address, else the first-layer unit that speaks loudest for the answer. */
function choice(text, network, pass, best) {
  const [layer, unit] = (text ?? "").split(".").map(Number);
  if (network.blocks[layer] && unit >= 0 && unit < network.blocks[layer].nOut) return { layer, unit };
  let at = best;
  for (let l = network.blocks.length - 1; l > 0; l -= 1) at = contributions(network.blocks[l], pass.layers[l].input, at, 1)[0]?.from ?? 0;
  return { layer: 0, unit: at };
}
