// Whose answers a run learns: the labels', or those of a model that was trained before.

import { inputs, titleOf, useModels } from "../../lib/models.js";
import { scoreInWords } from "../../lib/score.js";
import { html } from "../../lib/ui.js";

/** Whether a model can say what is wanted of this data (docs/http.md, `training.teacher`). */
const teaches = (model, data) =>
  model.architecture?.output === "softmax" &&
  model.classes.join() === data.classes?.join() &&
  inputs(model) === data.input_shape?.reduce((a, b) => a * b, 1);

export function Teacher({ data, chosen, wrong, onChoose }) {
  const models = useModels();
  const fitting = (data && models.data?.filter((model) => teaches(model, data))) ?? [];
  if (!fitting.length) return null;
  return html`<label class="field"><span>Learns from</span>
    <select value=${chosen} aria-invalid=${wrong} onChange=${(event) => onChoose(event.currentTarget.value)}>
      <option value="">the labels</option>
      ${fitting.map((model) => html`<option key=${model.id} value=${model.id}>${titleOf(model)}, ${scoreInWords(model)}</option>`)}
    </select></label>`;
}
