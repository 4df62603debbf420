// Library: every job, data set and model that the service keeps.

import { setParams } from "../lib/router.js";
import { html, useRef } from "../lib/ui.js";
import { Datasets } from "./library/datasets.js";
import { Jobs } from "./library/jobs.js";
import { Models } from "./library/models.js";

const TABS = { jobs: ["Jobs", Jobs], datasets: ["Data sets", Datasets], models: ["Models", Models] };

export function Library({ params }) {
  const chosen = TABS[params.tab] ? params.tab : "jobs";
  const [, View] = TABS[chosen];
  const list = useRef(null);
  const show = (tab) => setParams({ tab, open: "", status: "", dataset: "", q: "", sort: "", pick: "" });
  const key = (event) => {
    const names = Object.keys(TABS);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (names.indexOf(chosen) + step + names.length) % names.length;
    show(names[next]);
    list.current.children[next].focus();
  };
  return html`<div class="library">
    <h1>Library</h1>
    <div class="tabs" role="tablist" aria-label="What is kept" ref=${list} onKeyDown=${key}>
      ${Object.entries(TABS).map(([name, [title]]) => html`<button key=${name} type="button" role="tab" id=${`tab-${name}`} aria-controls="library-panel"
        aria-selected=${String(name === chosen)} tabindex=${name === chosen ? 0 : -1} onClick=${() => show(name)}>${title}</button>`)}
    </div>
    <div class="panel" role="tabpanel" id="library-panel" aria-labelledby=${`tab-${chosen}`}><${View} key=${chosen} params=${params} /></div>
  </div>`;
}
