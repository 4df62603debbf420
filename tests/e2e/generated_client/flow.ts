// From a CSV file to a prediction, through the client that openapi-typescript and openapi-fetch make of /openapi.json.
// node flow.ts URL CSV

import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.ts";

type Schemas = components["schemas"];

const [url, path] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl: url });

const csv = await readFile(path, "utf8");
let dataset = got(
  await client.POST("/v1/datasets", {
    params: { query: { name: "points", target: "side" } },
    headers: { "Content-Type": "text/csv" },
    body: csv,
    bodySerializer: String,
  }),
);
while (dataset.status === "processing") {
  await setTimeout(50);
  dataset = got(await client.GET("/v1/datasets/{dataset_id}", { params: { path: { dataset_id: dataset.id } } }));
}
same(dataset.status, "ready");
same(dataset.classes, ["left", "right"]);

const job = await ended(
  await submitted({
    dataset: dataset.id,
    model: { layers: [{ type: "dense", units: 8 }, { type: "relu" }] },
    training: { epochs: 20, optimizer: { name: "adam", learning_rate: 0.01 }, schedule: { name: "constant" } },
  }),
);
same(job.status, "succeeded");
same(job.config.training?.optimizer?.name, "adam");

const answer = await client.POST("/v1/models/{model_id}/predictions", {
  params: { path: { model_id: job.model_id ?? "" } },
  body: { inputs: [[-2, 0], { x: 2, y: 0 }] },
});
const prediction = got(answer);
if (!("probabilities" in prediction)) throw new Error(`expected a prediction, got ${JSON.stringify(prediction)}`);
same(prediction.predictions?.map((place) => dataset.classes[Number(place)]), ["left", "right"]);

const long = await submitted({ dataset: "mnist", training: { epochs: 10000 } });
got(await client.POST("/v1/jobs/{job_id}/cancel", { params: { path: { job_id: long.id } } }));
same((await ended(long)).status, "cancelled");

const refused = await client.POST("/v1/jobs", { body: { dataset: "nowhere" } });
same(refused.error?.errors?.[0]?.pointer, "#/dataset");

async function submitted(spec: Schemas["JobSpec"]): Promise<Schemas["Job"]> {
  return got(await client.POST("/v1/jobs", { body: spec }));
}

async function ended(job: Schemas["Job"]): Promise<Schemas["Job"]> {
  while (job.status === "queued" || job.status === "running") {
    await setTimeout(50);
    job = got(await client.GET("/v1/jobs/{job_id}", { params: { path: { job_id: job.id } } }));
  }
  return job;
}

function got<Data>(answer: { data?: Data; error?: unknown; response: Response }): Data {
  if (answer.data === undefined) throw new Error(`${answer.response.status}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function same(value: unknown, expected: unknown): void {
  if (JSON.stringify(value) !== JSON.stringify(expected)) {
    throw new Error(`expected ${JSON.stringify(expected)}, got ${JSON.stringify(value)}`);
  }
}
