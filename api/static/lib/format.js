// Numbers and times for people.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const count = (n) => (n === null || n === undefined ? "–" : whole.format(n));
export const compact = (n) => (n === null || n === undefined ? "–" : short.format(n));
export const percent = (share, digits = 1) =>
  share === null || share === undefined ? "–" : `${(100 * share).toFixed(digits)}\u00a0%`;

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

const WHOLE_FROM = 1000;
const POWERS_FROM = 1e7;

/** A number to about three figures, with a real minus sign; from a thousand on whole, with marks: 23,110. */
export function number(x, figures = 3) {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  const size = Math.abs(+x.toPrecision(figures));
  if (size >= WHOLE_FROM && size < POWERS_FROM) return whole.format(x).replace("-", "−");
  if (size === 0 || (size >= 0.001 && size < POWERS_FROM)) return String(+x.toPrecision(figures)).replace("-", "−");
  return power(x.toExponential(figures - 1));
}

/** "1.2e-7" as it is written by hand. */
function power(text) {
  const [mantissa, exponent] = text.split("e");
  return `${mantissa.replace("-", "−")}×10${[...String(Number(exponent))].map((digit) => SUPERSCRIPTS[digit]).join("")}`;
}

/** A value of the data as it is: whole numbers exactly, others to seven figures, what is no number unchanged. */
export function datum(value) {
  if (typeof value !== "number") return value ?? "–";
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-6)) return power((+value.toPrecision(7)).toExponential());
  const figures = Math.max(7, Math.ceil(Math.log10(size)));
  return String(Number.isInteger(value) ? value : +value.toPrecision(figures)).replace("-", "−");
}

/** Ticks of an axis, with as many decimals as tell them apart; null, a tick without a number, stays empty. */
export function ticks(values, { log = false } = {}) {
  const step = log ? 0 : Math.abs(values[1] - values[0]);
  if (!step) return values.map((value) => (value === null ? "" : number(value, log ? 1 : 2)));
  const most = Math.max(...values.map(Math.abs));
  const decimals = decimalsOf(step);
  if (most >= 1e6 || most < 0.001) {
    const figures = Math.max(1, Math.floor(Math.log10(most)) + 1 + decimals);
    return values.map((value) => (value === 0 ? "0" : power(value.toExponential(figures - 1))));
  }
  return values.map((value) => fixed(value, Math.max(0, decimals)));
}

/** After how many decimals a step of an axis ends: 0.25 after 2, 200 after −2. */
export function decimalsOf(step) {
  const first = -Math.floor(Math.log10(step) + 1e-9);
  return [0, 1].map((more) => first + more).find((decimals) => Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6) ?? first + 2;
}

/** A number with so many decimals, a real minus sign, and no "−0.00". */
export function fixed(x, decimals = 2) {
  const text = x.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

export function bytes(n) {
  if (n === null || n === undefined) return "–";
  // From where it is rounded to 1.0 of this unit, not to 1000.0 of the one below.
  for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) if (n >= 0.99995 * size) return `${(n / size).toFixed(1)} ${unit}`;
  return `${n} B`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const [milliseconds, tenths, whole] = [1000, 10, 1].map((parts) => Math.round(seconds * parts));
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function ago(time) {
  const seconds = (Date.now() - new Date(time)) / 1000;
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(time).toLocaleDateString("en", { day: "numeric", month: "short" });
}

/** The end of an ID: enough to tell two apart. */
export const brief = (id) => id.replace(/^(\w+?)_/, "").slice(-6);

/** From where to where the values of a column of numbers or dates go. */
export const spanOf = ({ kind, minimum, maximum, first, last }) =>
  kind === "date" ? `${first} to ${last}` : `${datum(minimum)} to ${datum(maximum)}`;
