// Whether a model is any good: its test score beside the score of knowing nothing.

import { percent } from "./format.js";
import { scoreOf } from "./models.js";
import { html } from "./ui.js";

export const NO_BETTER = "no better than guessing";

/**
 * `{kind, score, baseline, standardError, always, guessing}` of a job's or a model's test score; null where none was measured.
 * `kind`: "accuracy" or "r2"; `always`: the class that knowing nothing says, null where it is not known or there is none;
 * `guessing`: at most one standard error above the baseline.
 * Those of before `metrics.baseline` are judged by the confusion matrix of the model's `evaluation`, where it is at hand.
 */
export function verdict(metrics, evaluation = null, classes = []) {
  const kind = metrics?.test_accuracy !== undefined ? "accuracy" : "r2";
  const score = metrics?.[`test_${kind}`];
  if (score === undefined || score === null) return null;
  const known = metrics.baseline === undefined ? byMatrix(score, kind, evaluation, classes) : metrics;
  if (!known) return null;
  const { baseline, standard_error: standardError = 0, baseline_class: always = null } = known;
  return { kind, score, baseline, standardError, always, guessing: score <= baseline + standardError };
}

function byMatrix(score, kind, evaluation, classes) {
  if (kind === "r2") return { baseline: 0 };
  if (!evaluation?.rows) return null;
  const { rows, confusion } = evaluation;
  const sizes = confusion.map((row) => row.reduce((sum, n) => sum + n, 0));
  const most = sizes.indexOf(Math.max(...sizes));
  return { baseline: sizes[most] / rows, standard_error: Math.sqrt((score * (1 - score)) / rows), baseline_class: classes[most] };
}

/** What knowing nothing says: `always “good”`. */
export function guessInWords({ kind, always }) {
  return kind === "r2" ? "always the mean" : `always ${always === null ? "the most frequent class" : `“${always}”`}`;
}

/** What knowing nothing scores: `94.66 %`, or `R² 0`. */
export const baselineInWords = ({ kind, baseline }) => (kind === "r2" ? "R² 0" : percent(baseline, 2));

const isGuessing = (of) => verdict(of.metrics, of.evaluation, of.classes)?.guessing;

/** The score of a job or a model, as a list shows it: one that is no better than guessing says so. */
export function Score({ of }) {
  return isGuessing(of) ? html`<span class="score guessing">${scoreOf(of)} <small>${NO_BETTER}</small></span>` : scoreOf(of);
}

/** The same as text alone, for the options of a list to choose from. */
export const scoreInWords = (of) => (isGuessing(of) ? `${scoreOf(of)}, ${NO_BETTER}` : scoreOf(of));
