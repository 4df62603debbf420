// How the first layer's weights changed while it learned: copies of them, epoch by epoch.

import { download } from "../../lib/api.js";
import { icon } from "../../lib/icons.js";
import { Digit } from "../../lib/pictures.js";
import { readSafetensors } from "../../lib/safetensors.js";
import { html, useEffect, useLoaded, useMemo, useState } from "../../lib/ui.js";

const FRAME_MS = 220;

export function Growth({ model, chosen, onChoose }) {
  const { data } = useLoaded(async (signal) => {
    if (!model.growth) return null;
    const { bytes } = await download(`/v1/models/${model.id}/growth`, { signal });
    return { id: model.id, ...copiesOf(readSafetensors(bytes)) };
  }, [model.id]);
  const [at, setAt] = useState(null);
  const [playing, setPlaying] = useState(false);
  const last = (model.growth?.length ?? 1) - 1;
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setInterval(() => setAt((now) => Math.min(last, (now ?? -1) + 1)), FRAME_MS);
    return () => clearInterval(timer);
  }, [playing, last]);
  useEffect(() => {
    if (at === last) setPlaying(false);
  }, [at, last]);
  if (!model.growth || data?.id !== model.id) return null;
  const shown = Math.min(at ?? last, last);
  const play = () => {
    if (!playing && shown === last) setAt(0);
    setPlaying(!playing);
  };
  const epoch = model.growth[shown];
  return html`<section aria-labelledby="growth-title">
    <div class="section-head"><h2 id="growth-title">How they came to be so</h2>
      <p>The first ${data.units} units, from the random numbers of the beginning to what they look for now.</p></div>
    <div class="growth-tools">
      <button type="button" class="button" onClick=${play}>${icon(playing ? "stop" : "play")} ${playing ? "Stop" : "Play"}</button>
      <input type="range" min="0" max=${last} step="1" value=${shown} aria-label="Epoch" aria-valuetext=${`epoch ${epoch}`} onInput=${(event) => (setPlaying(false), setAt(Number(event.currentTarget.value)))} />
      <output class="numeric">${epoch === 0 ? "before training" : `after epoch ${epoch}`}</output>
    </div>
    <div class="fields">${Array.from({ length: data.units }, (_, unit) => html`<button type="button" key=${unit} class="field-unit" aria-label=${`Unit ${unit}`}
      aria-pressed=${String(chosen.layer === 0 && chosen.unit === unit)} onClick=${() => onChoose(0, unit)}><${Copy} data=${data} at=${shown} unit=${unit} /></button>`)}</div>
  </section>`;
}

/** One unit at one epoch, in the colours of its strongest epoch: what grows is seen to grow. */
function Copy({ data, at, unit }) {
  const pixels = useMemo(() => data.copy(at, unit), [data, at, unit]);
  return html`<${Digit} pixels=${pixels} signed most=${data.most[unit]} />`;
}

function copiesOf({ weights: { shape: [copies, units, inputs], data }, scales: { data: scales } }) {
  const copy = (at, unit) => {
    const start = (at * units + unit) * inputs;
    return Array.from(data.subarray(start, start + inputs), (value) => value * scales[at]);
  };
  const most = Array.from({ length: units }, (_, unit) => {
    let largest = 0;
    for (let at = 0; at < copies; at += 1) for (const value of copy(at, unit)) largest = Math.max(largest, Math.abs(value));
    return largest;
  });
  return { copies, units, copy, most };
}
