// A dense network in the browser: forward, backward and one step, as `nn/` does them (docs/backpropagation.md).
//
// A network is a list of blocks, each Z = W A + b and A = σ(Z); the last has no σ, its Z are the logits. Weights lie as
// in the file: row j of W (n_out, n_in) has the weights of unit j.

import { deslant } from "./deslant.js";

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const LEAK = 0.01;
const GELU = Math.sqrt(2 / Math.PI);

/** Name → [σ(x), σ′(x)], those of nn/activations/functions.py. */
const ACTIVATIONS = {
  linear: [(x) => x, () => 1],
  sigmoid: [sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x))],
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  relu: [(x) => Math.max(x, 0), (x) => (x > 0 ? 1 : 0)],
  leaky_relu: [(x) => Math.max(x, LEAK * x), (x) => (x > 0 ? 1 : LEAK)],
  elu: [(x) => (x > 0 ? x : Math.expm1(x)), (x) => (x > 0 ? 1 : Math.exp(x))],
  silu: [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x)))],
  softplus: [(x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0), sigmoid],
  gelu: [
    (x) => (x * (1 + Math.tanh(GELU * (x + 0.044715 * x ** 3)))) / 2,
    (x) => {
      const t = Math.tanh(GELU * (x + 0.044715 * x ** 3));
      return (1 + t) / 2 + ((x * (1 - t * t)) / 2) * GELU * (1 + 3 * 0.044715 * x * x);
    },
  ],
};

const LETTERS = { dense: "d", dropout: "", flatten: "" };

/** Whether `buildNetwork` can say it in blocks: dense layers, after each but the last at most one activation. */
export function isDense({ architecture: { layers, output } }) {
  const kinds = layers.map(({ type }) => (type in ACTIVATIONS ? "a" : (LETTERS[type] ?? "?"))).join("");
  return output === "softmax" && /^(da?)*d$/.test(kinds);
}

/** The network of a model's architecture and its file's tensors. */
export function buildNetwork(architecture, tensors) {
  const blocks = [];
  architecture.layers.forEach(({ type }, i) => {
    if (type === "dense") {
      const { shape: [nOut, nIn], data: W } = tensors[`${i}.weight`];
      blocks.push({ W, b: tensors[`${i}.bias`]?.data ?? null, nIn, nOut, activation: "linear" });
    } else if (type in ACTIVATIONS) blocks.at(-1).activation = type;
  });
  const { preprocessing } = architecture;
  const { shift, factor } = preprocessing.scaling ?? preprocessing;
  const at = (number, i) => (Array.isArray(number) ? number[i] : number);
  const scaled = (pixels) => Float32Array.from(pixels, (x, i) => (x - at(shift, i)) * at(factor, i));
  const prepare =
    preprocessing.kind === "deslant" ? (pixels) => deslant(scaled(pixels), preprocessing.image_shape) : scaled;
  return { blocks, prepare, loss: architecture.loss.name };
}

/** {x, layers: [{a_in, z, a}], p}: everything that a forward pass computes on the way. */
export function forward(network, pixels) {
  const x = network.prepare(pixels);
  let a = x;
  const layers = network.blocks.map(({ W, b, nIn, nOut, activation }) => {
    const input = a;
    const z = new Float32Array(nOut);
    for (let j = 0; j < nOut; j += 1) {
      let sum = b ? b[j] : 0;
      for (let i = 0, at = j * nIn; i < nIn; i += 1, at += 1) sum += W[at] * input[i];
      z[j] = sum;
    }
    a = z.map(ACTIVATIONS[activation][0]);
    return { input, z, a };
  });
  return { x, layers, p: softmax(a) };
}

function softmax(z) {
  const top = Math.max(...z);
  const e = Array.from(z, (value) => Math.exp(value - top));
  const total = e.reduce((sum, value) => sum + value, 0);
  return e.map((value) => value / total);
}

/** Σ exp(zₖ − z_label) over all other classes k: what p_label lacks, as a multiple of p_label. By the logits, so that it is no 0. */
function others({ layers }, label) {
  const z = layers.at(-1).a;
  let sum = 0;
  for (let k = 0; k < z.length; k += 1) if (k !== label) sum += Math.exp(z[k] - z[label]);
  return sum;
}

/** The class of which it is surest. */
export const answerOf = ({ p }) => p.indexOf(Math.max(...p));

/** 1 − p of a class, to full precision where p is nearly 1. */
export function restOf(pass, label) {
  const odds = others(pass, label);
  return odds < 1 ? odds / (1 + odds) : 1 - pass.p[label];
}

/** The loss of one image. Cross-entropy is −log p = log (1 + Σ exp(zₖ − z_label)), and the largest of these gaps where they overflow. */
export function lossOf(network, pass, label) {
  const { p } = pass;
  if (network.loss === "mean_squared_error")
    return p.reduce((sum, value, k) => sum + (value - (k === label ? 1 : 0)) ** 2, 0) / p.length;
  const odds = others(pass, label);
  return Number.isFinite(odds) ? Math.log1p(odds) : Math.max(...pass.layers.at(-1).a) - pass.layers.at(-1).a[label];
}

/** δ = ∂L/∂z of every block, the first block's first. */
export function backward(network, pass, label) {
  const { p } = pass;
  const q = p.map((_, k) => (k === label ? 1 : 0));
  let delta;
  if (network.loss === "mean_squared_error") {
    const g = p.map((value, k) => (2 * (value - q[k])) / p.length);
    const mean = g.reduce((sum, value, k) => sum + value * p[k], 0);
    delta = Float32Array.from(p, (value, k) => value * (g[k] - mean));
  } else delta = Float32Array.from(p, (value, k) => (k === label ? -restOf(pass, k) : value));
  const deltas = [delta];
  for (let l = network.blocks.length - 1; l > 0; l -= 1) {
    const { W, nIn, nOut } = network.blocks[l];
    const below = network.blocks[l - 1];
    const slope = ACTIVATIONS[below.activation][1];
    const next = new Float32Array(nIn);
    for (let k = 0; k < nOut; k += 1) for (let j = 0, at = k * nIn; j < nIn; j += 1, at += 1) next[j] += W[at] * delta[k];
    for (let j = 0; j < nIn; j += 1) next[j] *= slope(pass.layers[l - 1].z[j]);
    delta = next;
    deltas.unshift(delta);
  }
  return deltas;
}

/** The network after one step of plain gradient descent, W ← W − η δ aᵀ and b ← b − η δ. */
export function stepped(network, pass, deltas, rate) {
  const blocks = network.blocks.map((block, l) => {
    const { nIn, nOut } = block;
    const { input } = pass.layers[l];
    const W = Float32Array.from(block.W);
    for (let j = 0; j < nOut; j += 1) {
      const move = rate * deltas[l][j];
      if (move) for (let i = 0, at = j * nIn; i < nIn; i += 1, at += 1) W[at] -= move * input[i];
    }
    const b = block.b && block.b.map((value, j) => value - rate * deltas[l][j]);
    return { ...block, W, b };
  });
  return { ...network, blocks };
}

export const slopeAt = (block, z) => ACTIVATIONS[block.activation][1](z);

/** The `most` largest parts Wⱼᵢ aᵢ of unit j's sum, by size: [{from, value, weight, a}]. */
export function contributions(block, input, unit, most) {
  const { W, nIn } = block;
  const parts = Array.from(input, (a, from) => ({ from, a, weight: W[unit * nIn + from], value: W[unit * nIn + from] * a }));
  return parts.filter(({ value }) => value !== 0).sort((one, other) => Math.abs(other.value) - Math.abs(one.value)).slice(0, most);
}

/** Row `unit` of W: for the first block, what this unit looks for in an image. */
export const fieldOf = (block, unit) => block.W.subarray(unit * block.nIn, (unit + 1) * block.nIn);

/**
 * The strongest way from a class back to the pixels: for each layer the units on it, and the lines between.
 * Lines are {layer, from, to, value}; `layer` 0 joins the image to the first units.
 */
export function strongestPath(network, pass, label, width = 4) {
  const lines = [];
  let units = [label];
  for (let l = network.blocks.length - 1; l > 0; l -= 1) {
    const next = new Map();
    for (const to of units)
      for (const { from, value } of contributions(network.blocks[l], pass.layers[l].input, to, l === network.blocks.length - 1 ? width + 2 : width)) {
        lines.push({ layer: l, from, to, value });
        next.set(from, (next.get(from) ?? 0) + Math.abs(value));
      }
    units = [...next].sort((one, other) => other[1] - one[1]).slice(0, 2 * width).map(([unit]) => unit);
  }
  for (const to of units)
    for (const { from, value } of contributions(network.blocks[0], pass.x, to, 3)) lines.push({ layer: 0, from, to, value });
  return lines;
}
