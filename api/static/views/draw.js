// Draw: a digit on the pad, and what one model, or two, make of it.

import { useDrawing } from "../lib/drawing.js";
import { icon } from "../lib/icons.js";
import { useLikeness } from "../lib/likeness.js";
import { ask, readsDigits, titleOf, useModels } from "../lib/models.js";
import { isDense } from "../lib/network.js";
import { Pad } from "../lib/pad.js";
import { address, setParams } from "../lib/router.js";
import { scoreInWords } from "../lib/score.js";
import { seen } from "../lib/strokes.js";
import { html, useEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { Answer } from "./draw/answer.js";
import { FirstModel } from "./draw/first.js";
import { Missing } from "./draw/missing.js";
import { Seen } from "./draw/seen.js";

const BLANK = new Array(28 * 28).fill(0);

export function Draw({ params }) {
  const models = useModels();
  const readers = useMemo(() => (models.data ?? []).filter(readsDigits), [models.data]);
  const { strokes, sample, drawing, problem, draw, take } = useDrawing("draw", params);
  const model = readers.find((entry) => entry.id === params.model) ?? readers[0];
  const other = readers.find((entry) => entry.id === params.with && entry !== model);
  const pixels = useMemo(() => sample?.x ?? seen(strokes), [strokes, sample]);

  const missing = html`<${Missing} id=${params.model} models=${models} readers=${readers} wants="models of 28 × 28 images" replaced />`;
  if (models.data && !readers.length) return html`${missing}<${FirstModel} onDone=${models.reload} />`;
  const choose = (event) => setParams({ model: event.currentTarget.value, with: params.with === event.currentTarget.value ? "" : params.with });
  const option = (entry) => html`<option key=${entry.id} value=${entry.id}>${titleOf(entry)} · ${scoreInWords(entry)}</option>`;
  return html`<div class="draw">
    <section class="draw-pad" aria-labelledby="draw-title">
      <h1 id="draw-title">Draw a digit</h1>
      ${sample ? html`<div class="pad shows-sample"><${Seen} pixels=${sample.x} large label=${`Test image ${sample.index}, a ${sample.y}`} /></div>`
        : html`<${Pad} strokes=${strokes} onDraw=${draw} hint="0 to 9, with mouse, finger or keys" />`}
      <div class="row pad-tools">
        <button type="button" class="button" onClick=${() => draw([], true)} disabled=${!strokes.length && !sample}>Clear</button>
        <button type="button" class="button" onClick=${() => draw(strokes.slice(0, -1), true)} disabled=${!strokes.length}>${icon("undo")} Undo</button>
        <button type="button" class="button" onClick=${take}>${icon("dice")} A test image</button>
      </div>
      ${sample && html`<p class="note">Image ${sample.index} of the test set, which training never saw. It is labelled <b>${sample.y}</b>.
        <button type="button" class="button quiet small" onClick=${() => draw([], true)}>Draw again</button></p>`}
      ${(problem ?? models.error) && html`<p class="problem" role="alert">${(problem ?? models.error).message}</p>`}
    </section>
    <section class="draw-answers" aria-label="Answers">
      <div class="asked">
        <label class="field"><span>Model</span><select value=${model?.id ?? ""} onChange=${choose}>${readers.map(option)}</select></label>
        <label class="field"><span>Compare with</span><select value=${other?.id ?? ""} onChange=${(event) => setParams({ with: event.currentTarget.value })}>
          <option value="">no other</option>${readers.filter((entry) => entry !== model).map(option)}</select></label>
      </div>
      ${missing}
      <${Missing} id=${params.with} models=${models} readers=${readers} wants="models of 28 × 28 images" />
      <div class=${`answers ${other ? "two" : ""}`}>
        ${[model, other].filter(Boolean).map((entry) => html`<${Answered} key=${entry.id} model=${entry} pixels=${pixels}
          truth=${sample && String(sample.y)} drawn=${!sample && !drawing} titled=${Boolean(other)} />`)}
      </div>
      <${Seen} pixels=${pixels} label="The image as the network sees it" explained
        inside=${model && isDense(model) && pixels && address("inside", { model: model.id, strokes: params.strokes, sample: params.sample })} />
    </section>
  </div>`;
}

/** One model's answer to the pixels: asked while the stroke grows, one question at a time, the newest always. */
function Answered({ model, pixels, truth, drawn, titled }) {
  const [answer, setAnswer] = useState(null);
  const [error, setError] = useState(null);
  const wanted = useRef(null);
  const asking = useRef(false);
  useEffect(() => {
    ask(model.id, BLANK).catch(() => {}); // The worker reads the model now, not at the first stroke.
  }, [model.id]);
  useEffect(() => {
    wanted.current = pixels;
    if (!pixels) setAnswer(null);
    const next = async () => {
      if (asking.current || !wanted.current) return;
      asking.current = true;
      const question = wanted.current;
      try {
        const found = await ask(model.id, question);
        if (wanted.current) setAnswer({ ...found, pixels: question });
        setError(null);
      } catch (problem) {
        setError(problem);
      }
      asking.current = false;
      if (wanted.current && wanted.current !== question) next();
    };
    next();
  }, [pixels, model.id]);
  const alike = useLikeness(model.dataset, drawn && Boolean(pixels));
  return html`<${Answer} model=${model} inked=${Boolean(pixels)} unlike=${drawn && answer?.pixels === pixels && alike && !alike(pixels)} answer=${answer} error=${error} truth=${truth} titled=${titled}
    settled=${answer?.pixels === pixels} />`;
}
