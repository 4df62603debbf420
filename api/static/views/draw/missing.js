// What is said where the address names a model that is not among those on offer.

import { titleOf } from "../../lib/models.js";
import { html } from "../../lib/ui.js";

/** `wants`: what the view shows, for a model that is there and cannot be shown. */
export function Missing({ id, models, readers, wants, replaced = false }) {
  if (!id || !models.data || readers.some((entry) => entry.id === id)) return null;
  const there = models.data.find((entry) => entry.id === id);
  const why = there ? html`<b>${titleOf(there)}</b> cannot be shown here: this view is for ${wants}.` : "This model is gone.";
  return html`<p class="problem" role="alert">${why}${replaced && readers.length > 0 && " Another takes its place."}</p>`;
}
