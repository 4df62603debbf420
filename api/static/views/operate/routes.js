// How fast each route answers, over this visit where it was asked, else since the beginning.

import { count, duration } from "../../lib/format.js";
import { buckets, quantile, total } from "../../lib/prometheus.js";
import { html } from "../../lib/ui.js";

const SHOWN = 8;

export function Routes({ now, first }) {
  const routes = new Map();
  for (const { labels, value } of now.get("neurond_http_requests_total") ?? []) {
    const key = `${labels.method} ${labels.route}`;
    const route = routes.get(key) ?? { key, method: labels.method, route: labels.route, asked: 0, failed: 0 };
    route.asked += value;
    if (labels.status.startsWith("5")) route.failed += value;
    routes.set(key, route);
  }
  const shown = [...routes.values()].filter(({ route }) => route.startsWith("/v")).sort((one, other) => other.asked - one.asked).slice(0, SHOWN);
  return html`<section aria-labelledby="routes-title"><h2 id="routes-title">Answers</h2>
    <div class="table-wrap" tabindex="0" role="group" aria-labelledby="routes-title"><table class="list">
      <thead><tr><th>Route</th><th class="right">Asked</th><th class="right">Failed</th><th class="right">Median</th><th class="right">95 %</th><th class="right">99 %</th></tr></thead>
      <tbody>${shown.map(({ key, method, route, asked, failed }) => {
        const labels = { method, route };
        const before = total(first, "neurond_http_requests_total", labels) < asked ? first : null;
        const counts = buckets(now, "neurond_http_request_duration_seconds", labels, before);
        return html`<tr key=${key}><td><code>${method} ${route}</code></td><td class="right">${count(asked)}</td><td class=${`right ${failed ? "bad" : ""}`}>${count(failed)}</td>
          ${[0.5, 0.95, 0.99].map((q) => html`<td key=${q} class="right">${duration(quantile(counts, q))}</td>`)}</tr>`;
      })}</tbody>
    </table></div></section>`;
}
