// What is said where the address names a model that is not among those on offer.

import { html } from "../../lib/ui.js";

export function Missing({ id, models, readers, replaced = false }) {
  if (!id || !models.data || readers.some((entry) => entry.id === id)) return null;
  return html`<p class="problem" role="alert">This model is gone, or cannot be shown here.${replaced && readers.length > 0 && " Another takes its place."}</p>`;
}
