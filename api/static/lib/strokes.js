// From pen strokes to the 28 × 28 image that a network trained on MNIST expects, and strokes as text for an address.
//
// MNIST's images were made so: the digit, in its proportions, fits a box of 20 × 20 pixels; the box is laid into 28 × 28
// so that the digit's centre of mass is in the middle (LeCun, Cortes & Burges, "The MNIST database"). A digit drawn in a
// corner, or small, is not like them until the same is done to it.

const SIDE = 28;
const BOX = 20;
const FINE = 8; // Drawn eight times as fine, then averaged: soft edges like those of a scanned pen.
const PEN = 2.5; // Width of the pen in pixels of the 28 × 28 image, near that of MNIST's.
const LEAST = 0.06; // Of the pad's side: what is smaller is a dot, and is not blown up.

/** `strokes`: [[[x, y], …], …] with x, y in 0 … 1. Gives {pixels: 784 bytes, centre: [x, y]}, or null for no ink. */
export function seen(strokes) {
  const points = strokes.flat();
  if (!points.length) return null;
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const extent = Math.max(right - left, bottom - top, LEAST);
  const scale = (BOX - PEN) / extent;
  const place = ([x, y]) => [
    (x - (left + right) / 2) * scale + SIDE / 2,
    (y - (top + bottom) / 2) * scale + SIDE / 2,
  ];
  const fine = draw(strokes.map((stroke) => stroke.map(place)));
  return average(fine, ...centreOf(fine));
}

/** How much ink each of the FINE × FINE finer points has, 0 … 255 in every fourth byte, as a canvas keeps it. */
function draw(strokes) {
  const side = SIDE * FINE;
  const context = fineCanvas();
  context.setTransform(FINE, 0, 0, FINE, 0, 0);
  context.clearRect(0, 0, SIDE, SIDE);
  context.lineWidth = PEN;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const stroke of strokes) {
    trace(context, stroke);
    context.stroke();
  }
  return context.getImageData(0, 0, side, side).data;
}

let kept = null;

/** One canvas for all drawings: a new one for each would cost more than the drawing. */
function fineCanvas() {
  kept ??= new OffscreenCanvas(SIDE * FINE, SIDE * FINE).getContext("2d", { willReadFrequently: true });
  return kept;
}

/** A smooth path through the points: quadratic curves from midpoint to midpoint. */
export function trace(context, points) {
  context.beginPath();
  context.moveTo(...points[0]);
  if (points.length === 1) context.lineTo(points[0][0] + 0.01, points[0][1]);
  for (let i = 1; i < points.length - 1; i += 1) {
    const [x, y] = points[i];
    const [nextX, nextY] = points[i + 1];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  if (points.length > 1) context.lineTo(...points.at(-1));
}

function centreOf(fine) {
  const side = SIDE * FINE;
  let [mass, sumX, sumY] = [0, 0, 0];
  for (let y = 0, at = 3; y < side; y += 1)
    for (let x = 0; x < side; x += 1, at += 4) {
      const value = fine[at];
      mass += value;
      sumX += value * x;
      sumY += value * y;
    }
  return [sumX / mass + 0.5, sumY / mass + 0.5];
}

/** Shift the centre of mass to the middle, and average FINE × FINE points into each pixel. */
function average(fine, centreX, centreY) {
  const side = SIDE * FINE;
  const shiftX = Math.round(side / 2 - centreX);
  const shiftY = Math.round(side / 2 - centreY);
  const sums = new Float32Array(SIDE * SIDE);
  for (let y = 0, at = 3; y < side; y += 1)
    for (let x = 0; x < side; x += 1, at += 4) {
      if (!fine[at]) continue;
      const column = Math.floor((x + shiftX) / FINE);
      const row = Math.floor((y + shiftY) / FINE);
      if (column >= 0 && column < SIDE && row >= 0 && row < SIDE) sums[row * SIDE + column] += fine[at];
    }
  return Array.from(sums, (sum) => Math.min(255, Math.round(sum / (FINE * FINE))));
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const STEPS = 4095;

/** Strokes as text: two letters a coordinate, a dot between strokes; points that add nothing are left out. */
export function encode(strokes) {
  const letters = (part) => {
    const n = Math.round(Math.max(0, Math.min(1, part)) * STEPS);
    return ALPHABET[n >> 6] + ALPHABET[n & 63];
  };
  return strokes.map((stroke) => simplify(stroke, 0.004).map(([x, y]) => letters(x) + letters(y)).join("")).join(".");
}

/** What `encode` wrote; [] for text that it never writes. */
export function decode(text) {
  if (!text || !/^([\w-]{4})+(\.([\w-]{4})+)*$/.test(text)) return [];
  const part = (letters) => (ALPHABET.indexOf(letters[0]) * 64 + ALPHABET.indexOf(letters[1])) / STEPS;
  return text.split(".").map((stroke) => stroke.match(/.{4}/g).map((four) => [part(four.slice(0, 2)), part(four.slice(2))]));
}

/** Ramer (1972), Douglas & Peucker (1973): leave out points that lie within `tolerance` of the line without them. */
function simplify(points, tolerance) {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points.at(-1)];
  let [worst, at] = [0, 0];
  points.slice(1, -1).forEach((point, i) => {
    const distance = distanceTo(point, first, last);
    if (distance > worst) [worst, at] = [distance, i + 1];
  });
  if (worst <= tolerance) return [first, last];
  return [...simplify(points.slice(0, at + 1), tolerance).slice(0, -1), ...simplify(points.slice(at), tolerance)];
}

function distanceTo([x, y], [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}
