// Where everything stands in the picture of a network: side by side where there is room, one under the other on a phone.

const GAP = 2;
const NARROW = 720;

/** Rows and columns of a block of `n` cells, taller than wide or the other way round. */
function grid(n, wide) {
  if (n <= 10) return wide ? [1, n] : [n, 1];
  const long = Math.ceil(Math.sqrt(2 * n));
  const short = Math.ceil(n / long);
  return wide ? [short, long] : [long, short];
}

/**
 * {width, height, vertical, image: {x, y, side}, layers: [{x, y, width, height, cell, place(j) → [x, y]}]}
 * for layers of `sizes` units; the last one is the answer, and has room for its labels.
 */
export function layout(width, sizes) {
  return width < NARROW ? stacked(width, sizes) : sideBySide(width, sizes);
}

function sideBySide(width, sizes) {
  const height = Math.round(Math.min(540, Math.max(340, width * 0.36)));
  const top = 26;
  const inner = height - top - 8;
  const side = Math.min(inner, width * 0.23);
  const answer = 150;
  const hidden = sizes.slice(0, -1);
  const room = width - side - answer;
  const slot = room / Math.max(1, hidden.length);
  const layers = hidden.map((n, i) => {
    const [rows, columns] = grid(n, false);
    const cell = Math.min(24, inner / rows, (slot * 0.62) / columns);
    const [w, h] = [columns * cell, rows * cell];
    const x = side + slot * (i + 0.5) - w / 2 + 14;
    return block(x, top + (inner - h) / 2, cell, columns, w, h);
  });
  const step = Math.min(42, inner / sizes.at(-1));
  const h = step * sizes.at(-1);
  layers.push({ ...block(width - answer + 8, top + (inner - h) / 2, step, 1, step, h), answer: true });
  return { width, height, vertical: false, image: { x: 0, y: top + (inner - side) / 2, side }, layers };
}

function stacked(width, sizes) {
  const between = 54;
  const side = Math.min(190, width * 0.52);
  let y = 0;
  const image = { x: (width - side) / 2, y, side };
  y += side + between;
  const layers = sizes.slice(0, -1).map((n) => {
    const [rows, columns] = grid(n, true);
    const cell = Math.min(20, width / columns);
    const found = block((width - columns * cell) / 2, y, cell, columns, columns * cell, rows * cell);
    y += rows * cell + between;
    return found;
  });
  const cell = Math.min(34, width / sizes.at(-1));
  layers.push({ ...block((width - cell * sizes.at(-1)) / 2, y, cell, sizes.at(-1), cell * sizes.at(-1), cell), answer: true });
  return { width, height: y + cell + 40, vertical: true, image, layers };
}

function block(x, y, cell, columns, width, height) {
  const place = (j) => [x + (j % columns) * cell, y + Math.floor(j / columns) * cell];
  return { x, y, cell, width, height, size: Math.max(1, cell - GAP), place };
}
