// The frame around the views: masthead, key dialog, colour scheme; and which view stands in it.

import { access, get, hasKey, locked, readAccess, useKey } from "./lib/api.js";
import { icon } from "./lib/icons.js";
import { address, currentRoute, navigate, useRoute } from "./lib/router.js";
import { html, render, useColourScheme, useEffect, useLoaded, useRef, useState, useStore } from "./lib/ui.js";
import { Draw } from "./views/draw.js";
import { Inside } from "./views/inside.js";
import { Library } from "./views/library.js";
import { Operate } from "./views/operate.js";
import { Train } from "./views/train.js";

const VIEWS = {
  train: { title: "Train", view: Train },
  draw: { title: "Draw", view: Draw },
  inside: { title: "Inside", view: Inside },
  library: { title: "Library", view: Library },
  operate: { title: "Operate", view: Operate },
};

function Mark() {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">
    <g class="edges"><path d="M4 5 12 8.5M4 5l8 7M4 12l8-3.500M4 12l8 4M4 19l8-10.500M4 19l8-3M12 8.500 20 12M12 16l8-4" /></g>
    <g class="units"><circle cx="4" cy="5" r="2" /><circle cx="4" cy="12" r="2" /><circle cx="4" cy="19" r="2" /><circle cx="12" cy="8.500" r="2" /><circle cx="12" cy="16" r="2" /></g>
    <circle class="answer-unit" cx="20" cy="12" r="3" />
  </svg>`;
}

function Health() {
  const { data, error } = useLoaded((signal) => get("/readyz", { signal }), [], { every: 5000 });
  const missing = error?.document?.workers ?? null;
  const words = data && !error ? "ready" : error ? (missing ? "no worker" : "not reached") : "…";
  return html`<a class="button quiet small health" href=${address("operate")} title=${error?.message ?? "The service can do its work"}>
    <span class=${`status ${error ? "failed" : data ? "ready" : ""}`}>${words}</span></a>`;
}

/** theme.js, which every page has, listens to it. */
function Theme() {
  useColourScheme();
  const isDark = document.documentElement.dataset.theme === "dark";
  return html`<button class="button quiet icon" type="button" data-theme-switch aria-label=${isDark ? "Use light colours" : "Use dark colours"}>
    ${icon(isDark ? "sun" : "moon")}</button>`;
}

function KeyDialog() {
  const open = useStore(locked);
  const had = useStore(hasKey);
  const dialog = useRef(null);
  const field = useRef(null);
  const remember = useRef(null);
  useEffect(() => {
    if (open && !dialog.current.open) dialog.current.showModal();
    if (!open && dialog.current.open) dialog.current.close();
  }, [open]);
  const enter = (event) => {
    event.preventDefault();
    useKey(field.current.value.trim(), remember.current.checked);
    dispatchEvent(new Event("neurond:key"));
  };
  const stay = () => locked.get() && dialog.current.showModal(); // a second Escape closes it unasked
  return html`<dialog ref=${dialog} aria-labelledby="key-title" onCancel=${(event) => event.preventDefault()} onClose=${stay}>
    <form onSubmit=${enter}>
      <h2 id="key-title">This service wants a key</h2>
      <p class="note">${had ? "It does not know the key that was given. " : ""}It is one of those in${" "}
        <code>NEUROND_API_KEYS</code>.</p>
      <label class="field"><span>API key</span>
        <input ref=${field} type="password" name="key" autocomplete="off" required spellcheck="false" /></label>
      <label class="check"><input ref=${remember} type="checkbox" /> Remember it in this browser, for all its tabs. Else this tab forgets it when it is closed.</label>
      <button class="button primary" type="submit">Enter</button>
    </form>
  </dialog>`;
}

function App() {
  const route = useRoute();
  const [turn, setTurn] = useState(0);
  const signedIn = useStore(hasKey);
  const allowed = useStore(access);
  useEffect(() => void readAccess(), [turn]);
  const main = useRef(null);
  const name = VIEWS[route.view] ? route.view : null;
  useEffect(() => {
    const again = () => setTurn((n) => n + 1);
    addEventListener("neurond:key", again);
    return () => removeEventListener("neurond:key", again);
  }, []);
  useEffect(() => {
    if (name) document.title = `${VIEWS[name].title} · neurond`;
    else firstView().then((view) => !view || VIEWS[currentRoute().view] || navigate(view, {}, { replace: true }));
  }, [name, turn]);
  const before = useRef(name);
  useEffect(() => {
    // Who follows a link by keyboard, or is read to, goes on in the view that it led to.
    if (before.current && name && before.current !== name) focusTitle(main.current);
    before.current = name;
  }, [name]);
  const forget = () => {
    useKey("");
    locked.set(true);
  };
  return html`<div class="frame">
    <a class="button unseen" href="#content" onClick=${(event) => (event.preventDefault(), main.current.focus())}>Skip to the content</a>
    <header class="masthead">
      <a class="wordmark" href="#/" aria-label="neurond, start"><${Mark} />neurond</a>
      <nav class="views" aria-label="Views">
        ${Object.entries(VIEWS).map(([key, { title }]) => html`<a key=${key} href=${address(key)}
          aria-current=${key === name ? "page" : undefined}>${icon(key)}${title}</a>`)}
      </nav>
      <div class="corner">
        <${Health} key=${turn} />
        ${signedIn && html`<button class="button quiet icon" type="button" onClick=${forget} aria-label="Use another key" title="Use another key">${icon("key")}</button>`}
        <${Theme} />
      </div>
    </header>
    <main class="main" id="content" tabindex="-1" ref=${main}>
      ${allowed === "read" && html`<p class="note reads-only">This key may read and predict. What would change anything is not offered.</p>`}
      ${name && html`<${VIEWS[name].view} key=${`${name}${turn}`} params=${route.params} />`}
    </main>
    <footer class="foot">
      <span>Networks in NumPy, over HTTP.</span><a href="/learn/backpropagation">Backpropagation, derived</a><a href="/learn/article">The article that it began with</a><a href="/docs">HTTP reference</a><a href="/openapi.json">OpenAPI</a>
    </footer>
    <${KeyDialog} />
  </div>`;
}

/** Where there is a model that reads digits one may draw; where there is none, one begins by training it. Without a key, none. */
async function firstView() {
  try {
    const { data } = await get("/v1/models?limit=1");
    return data.length ? "draw" : "train";
  } catch (problem) {
    return problem.status === 401 ? null : "train";
  }
}

function focusTitle(main) {
  const title = main.querySelector("h1") ?? main;
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
}

render(html`<${App} />`, document.getElementById("app"));
