// What a step for one digit does to others: a dozen images of the test set, read before and after it.

import { get } from "../../lib/api.js";
import { TEST_IMAGES } from "../../lib/drawing.js";
import { losses } from "../../lib/figures.js";
import { answerOf, forward, lossOf } from "../../lib/network.js";
import { Digit } from "../../lib/pictures.js";
import { html, useLoaded, useMemo } from "../../lib/ui.js";

const MANY = 12;

export function Others({ network, next, classes, sample }) {
  // Those that follow this one: the same ones whenever the address is opened again.
  const offset = sample ? (sample.index + 1) % (TEST_IMAGES - MANY) : 0;
  const { data, error } = useLoaded((signal) => get(`/v1/datasets/mnist/samples?split=test&offset=${offset}&limit=${MANY}`, { signal }), [offset]);
  const images = useMemo(() => (data?.data ?? []).map((image) => ({ ...image, label: classes.indexOf(String(image.y)) })).filter(({ label }) => label >= 0), [data, classes]);
  const before = useMemo(() => images.map((image) => read(network, image)), [network, images]);
  const after = useMemo(() => images.map((image) => read(next, image)), [next, images]);
  if (error) return html`<p class="note">${error.message}</p>`;
  if (!images.length) return null;
  const right = (all) => all.filter((said, i) => said.best === images[i].label).length;
  const [lossBefore, lossNow] = losses(mean(before), mean(after));
  return html`<div class="others-after">
    <h4>And what it does to ${images.length} other test digits</h4>
    <ol class="dozen">${images.map(({ index, x, label }, i) => html`<li key=${index} class=${verdict(label, before[i].best, after[i].best)}>
      <${Digit} pixels=${x} label=${`Test image ${index}, a ${classes[label]}`} />
      <span class="numeric">${before[i].best === after[i].best ? classes[after[i].best] : `${classes[before[i].best]} → ${classes[after[i].best]}`}</span></li>`)}</ol>
    <p class="numbers">${right(before)} of ${images.length} were read right before the step, <b>${right(after)} of ${images.length}</b> after it; their mean loss${" "}
      ${lossBefore} → <b>${lossNow}</b>. ${mean(after) > mean(before) ? "What helps one digit costs others" : "This time the others gained, too; often they lose"}:
      training therefore steps by the mean error of a batch, some hundreds of times an epoch.</p>
  </div>`;
}

function read(network, { x, label }) {
  const pass = forward(network, x);
  return { best: answerOf(pass), loss: lossOf(network, pass, label) };
}

const mean = (all) => all.reduce((sum, { loss }) => sum + loss, 0) / all.length;

function verdict(label, before, after) {
  if (after !== label) return before === label ? "broken" : "wrong";
  return before === label ? "" : "mended";
}
