// Operate: is it well, who works, what waits, how fast are the answers.

import { get, text } from "../lib/api.js";
import { Chart } from "../lib/chart.js";
import { bytes, compact, count, duration, number } from "../lib/format.js";
import { buckets, parseMetrics, quantile, total } from "../lib/prometheus.js";
import { address } from "../lib/router.js";
import { html, useEffect, useMemo, useRef, useState } from "../lib/ui.js";
import { Routes } from "./operate/routes.js";
import { Workers } from "./operate/workers.js";

const EVERY_MS = 2000;
const KEPT = 150; // Readings: five minutes.
const FIRST_SECONDS = 60; // of the chart before there is more
const PREDICTIONS = { method: "POST", route: "/v1/models/{model_id}/predictions" };

export function Operate() {
  const { now, first, ready, workers, error, history } = useReadings();
  if (!now) return html`<h1>Operate</h1>${error ? html`<p class="problem" role="alert">${error.message}</p>` : html`<p class="empty">Reading…</p>`}`;
  const since = total(now, "neurond_http_requests_total", PREDICTIONS) > total(first, "neurond_http_requests_total", PREDICTIONS) ? first : null;
  const answers = buckets(now, "neurond_http_request_duration_seconds", PREDICTIONS, since);
  const within = duration(quantile(answers, 0.95));
  const memory = total(now, "neurond_redis_memory_used_bytes");
  const limit = total(now, "neurond_redis_memory_limit_bytes");
  const jobs = (status) => total(now, "neurond_jobs", { status });
  const waits = total(now, "neurond_job_oldest_queued_seconds");
  return html`<div class="operate">
    <header class="operate-head"><h1>Operate</h1><${Verdict} ready=${ready} error=${error} now=${now} /></header>
    <dl class="figures">
      <${Figure} name="jobs running" value=${count(jobs("running"))} note=${`${count(jobs("queued"))} waiting${waits ? `, the oldest for ${duration(waits)}` : ""}`} />
      <${Figure} name="predictions a second" value=${rate(history, "predictions")} note=${`${compact(total(now, "neurond_prediction_requests_total"))} in all`} />
      <${Figure} name="median answer" value=${duration(quantile(answers, 0.5))} note=${within === "–" ? "no prediction yet" : `95 % within ${within}`} />
      <${Figure} name="Redis memory" value=${bytes(memory)} note=${limit ? `of ${bytes(limit)}` : "no limit set"} meter=${limit ? memory / limit : null} />
    </dl>
    <section aria-labelledby="traffic-title"><h2 id="traffic-title">Requests a second</h2><${Traffic} history=${history} /></section>
    <${Workers} workers=${workers} />
    <${Routes} now=${now} first=${first} />
    <section aria-labelledby="life-title"><h2 id="life-title">Jobs since the beginning</h2>
      <dl class="figures small">
        ${["succeeded", "failed", "cancelled"].map((status) => html`<${Figure} key=${status} name=${status} value=${count(jobs(status))} href=${address("library", { tab: "jobs", status })} />`)}
        <${Figure} name="models kept" value=${count(total(now, "neurond_models"))} href=${address("library", { tab: "models" })} />
        <${Figure} name="attempts lost with their worker" value=${count(total(now, "neurond_attempts_ended_total", { outcome: "lost" }))} />
        <${Figure} name="median wait for a worker" value=${duration(quantile(buckets(now, "neurond_queue_wait_seconds"), 0.5))} />
        <${Figure} name="epochs trained" value=${compact(total(now, "neurond_training_epochs_total"))} />
        <${Figure} name="requests in one forward pass" value=${passes(now)} />
      </dl></section>
    <p class="note">The same figures, and more, are at <code>/metrics</code> for Prometheus; a Grafana dashboard comes with the source.</p>
  </div>`;
}

/** All that is read again and again, and the first reading, so that figures can be of this visit. */
function useReadings() {
  const [state, setState] = useState({ history: [] });
  const first = useRef(null);
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer;
    const read = async () => {
      try {
        const [metrics, workers, ready] = await Promise.all([
          text("/metrics", { signal }),
          get("/v1/workers", { signal }),
          get("/readyz", { signal }).catch((problem) => problem.document ?? {}),
        ]);
        const now = parseMetrics(metrics);
        first.current ??= now;
        const reading = { at: Date.now() / 1000, requests: total(now, "neurond_http_requests_total"), predictions: total(now, "neurond_http_requests_total", PREDICTIONS) };
        setState(({ history }) => ({ now, first: first.current, workers: workers.data, ready, history: [...history, reading].slice(-KEPT) }));
      } catch (error) {
        if (error.name !== "AbortError") setState((before) => ({ ...before, error }));
      }
      if (!signal.aborted) timer = setTimeout(read, EVERY_MS);
    };
    read();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, []);
  return state;
}

function Verdict({ ready, error, now }) {
  const durable = (now.get("neurond_redis_durable") ?? []).every(({ value }) => value === 1);
  const problem = error?.message ?? (ready?.status !== "ready" ? ready?.detail : durable ? null : "Redis could not write its last changes to disk.");
  return html`<p class=${`verdict ${problem ? "bad" : "good"}`} role="status">${problem ?? "All is well: Redis answers, and every queue has a worker."}</p>`;
}

function Figure({ name, value, note, meter = null, href }) {
  return html`<div class="figure"><dd class="numeric">${href ? html`<a href=${href}>${value}</a>` : value}</dd><dt>${name}</dt>
    ${meter !== null && html`<dd class="bar"><i style=${{ transform: `scaleX(${Math.min(1, meter)})` }}></i></dd>`}
    ${note && html`<dd class="note">${note}</dd>`}</div>`;
}

/** Counts between readings, by the second. Processes tell their counts every five seconds, so a mean over six is drawn. */
function rates(history, name) {
  const SPAN = 3;
  return history.map((reading, i) => {
    const before = history[Math.max(0, i - SPAN)];
    return before === reading ? null : Math.max(0, (reading[name] - before[name]) / (reading.at - before.at));
  });
}

const rate = (history, name) => number(rates(history, name).at(-1) ?? 0, 2);

function Traffic({ history }) {
  const lines = useMemo(() => {
    const x = history.map(({ at }) => at - history.at(-1).at);
    const before = x[0] > -FIRST_SECONDS ? [-FIRST_SECONDS] : []; // the axes stand from the first reading on
    return [["requests", "--series-2", "all requests"], ["predictions", "--series-1", "predictions"]].map(([name, colour, label]) => ({ key: name, label, colour, faint: false, x: [...before, ...x], y: [...before.map(() => null), ...rates(history, name)] }));
  }, [history]);
  return html`<div><${Chart} lines=${lines} height=${170} format=${(ticks) => ticks.map((y) => number(y, 2))} range=${(_, low, high) => [0, Math.max(1, (high ?? 1) * 1.15)]}
      xFormat=${(ticks) => ticks.map((t) => (t === 0 ? "now" : `${number(t)} s`))} label="Requests and predictions a second over the last minutes" />
    <p class="keys note"><i class="key-line" style=${{ borderColor: "var(--series-2)" }}></i> all requests, this page's own among them <i class="key-line" style=${{ borderColor: "var(--series-1)" }}></i> predictions</p></div>`;
}

function passes(now) {
  const many = total(now, "neurond_prediction_batch_requests_count");
  return many ? number(total(now, "neurond_prediction_batch_requests_sum") / many, 3) : "–";
}
