// Deslanting, as nn/preprocessing/deslanting.py has it: each row moves by a (y − ⟨y⟩), so that the ink stands upright.

const LEAST = 1e-6;
const STEEPEST = 1;

/** The image, scaled to 0 … 1 and deslanted: H·W·channels numbers. */
export function deslant(image, [H, W, channels = 1]) {
  let [ink, y, x, yy, yx] = [0, 0, 0, 0, 0];
  image.forEach((value, i) => {
    const row = Math.floor(i / (W * channels)) - (H - 1) / 2;
    const column = (Math.floor(i / channels) % W) - (W - 1) / 2;
    ink += value;
    y += value * row;
    x += value * column;
    yy += value * row * row;
    yx += value * row * column;
  });
  ink = Math.max(ink, LEAST);
  [y, x, yy, yx] = [y / ink, x / ink, yy / ink, yx / ink];
  const slope = Math.min(Math.max((yx - y * x) / Math.max(yy - y * y, LEAST), -STEEPEST), STEEPEST);
  const pixel = (row, column, channel) => (column < 0 || column >= W ? 0 : image[(row * W + column) * channels + channel]);
  return image.map((_, i) => {
    const row = Math.floor(i / (W * channels));
    const distance = slope * (row - (H - 1) / 2 - y);
    const left = Math.floor(distance);
    const column = (Math.floor(i / channels) % W) + left;
    const [a, b] = [pixel(row, column, i % channels), pixel(row, column + 1, i % channels)];
    return a + (b - a) * (distance - left);
  });
}
