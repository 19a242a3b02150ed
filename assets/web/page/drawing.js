// How ink on a canvas becomes an image like those that the model was trained on.
// All arithmetic is on integers, but for one division in double precision: every browser gives the same bytes.

const SMALLEST_SHARE = 4;

/**
 * Make the image that a data set would hold of a drawing: cropped, centred, in its grid, in its polarity.
 * @param {{width: number, height: number, data: Uint8Array}} ink how much of each pixel is covered, 255: all of it.
 * @param {{ink: string, margin: number, grid: number, side: number}} drawing of the contract.
 * @returns {{width: number, height: number, rgb: Uint8Array}}
 */
export function frameDrawing(ink, drawing) {
  const { grid, side } = drawing;
  const cells = new Float64Array(grid * grid); // whole numbers below 2^53
  if (ink.data.some((value) => value > 0)) {
    const { top, left, size } = frameOf(ink, drawing);
    const rows = cover(ink.height, top, size, grid);
    const columns = cover(ink.width, left, size, grid);
    const area = size * size;
    for (const { pixel: y, cell: row, share: down } of rows) {
      for (const { pixel: x, cell: column, share: across } of columns) {
        cells[row * grid + column] += down * ink.data[y * ink.width + x] * across;
      }
    }
    for (let at = 0; at < cells.length; at += 1) cells[at] = Math.floor((2 * cells[at] + area) / (2 * area));
  }
  const block = side / grid;
  const rgb = new Uint8Array(side * side * 3);
  for (let at = 0; at < side * side; at += 1) {
    const row = Math.floor(Math.floor(at / side) / block);
    const column = Math.floor((at % side) / block);
    const grey = drawing.ink === 'light_on_dark' ? cells[row * grid + column] : 255 - cells[row * grid + column];
    rgb.fill(grey, 3 * at, 3 * at + 3);
  }
  return { width: side, height: side, rgb };
}

/** Return top, left and size, in pixels of the canvas, of the square that becomes the image; it may reach beyond. */
export function frameOf(ink, drawing) {
  let [top, bottom, left, right] = [ink.height, 0, ink.width, 0];
  for (let y = 0; y < ink.height; y += 1) {
    for (let x = 0; x < ink.width; x += 1) {
      if (ink.data[y * ink.width + x] > 0) {
        [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
        [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
      }
    }
  }
  const least = Math.ceil(Math.min(ink.height, ink.width) / SMALLEST_SHARE);
  const longest = Math.max(bottom - top, right - left, least);
  const size = Math.floor(longest / (1 - 2 * drawing.margin) + 0.5);
  return { top: Math.floor((top + bottom - size) / 2), left: Math.floor((left + right - size) / 2), size };
}

/** Return how much of each pixel lies in each cell of `size` pixels from `start`, in 1/grid; nothing where it is 0. */
function cover(pixels, start, size, grid) {
  const found = [];
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    const at = (pixel - start) * grid;
    const first = Math.max(0, Math.floor(at / size));
    for (let cell = first; cell < grid && cell * size < at + grid; cell += 1) {
      const share = Math.min(at + grid, (cell + 1) * size) - Math.max(at, cell * size);
      if (share > 0) found.push({ pixel, cell, share });
    }
  }
  return found;
}
