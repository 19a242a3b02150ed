// From a decoded image to what the model takes: contract/image/decode.py (to_pixels) and contract/image/resize.py, line by line.
// Every step is rounded to float32, as NumPy does, so that both give the same bits.

const f = Math.fround;

/**
 * Bring a decoded image into the form that the contract names.
 * @param {{width: number, height: number, rgb: Uint8Array}} image of any size.
 * @param {object} input the contract's "input".
 * @returns {{shape: number[], values: Float32Array|Int32Array}} without the batch's axis.
 */
export function toPixels(image, input) {
  const channels = input.channels === 1 ? grey(image) : image.rgb;
  if (input.preprocessing === 'in_graph') {
    return { shape: [image.height, image.width, input.channels], values: Int32Array.from(channels) };
  }
  const values = resizeBilinear(channels, image.height, image.width, input.channels, input.height, input.width);
  const [low, high] = input.value_range;
  const scale = f((high - low) / 255);
  for (let at = 0; at < values.length; at += 1) values[at] = f(f(values[at] * scale) + f(low));
  return { shape: [input.height, input.width, input.channels], values };
}

/** Bilinear, half-pixel centres, no antialias; the values themselves where the size is right already. */
export function resizeBilinear(pixels, height, width, channels, newHeight, newWidth) {
  if (height === newHeight && width === newWidth) return Float32Array.from(pixels);
  const down = neighbours(height, newHeight);
  const across = neighbours(width, newWidth);
  const values = new Float32Array(newHeight * newWidth * channels);
  let at = 0;
  for (let row = 0; row < newHeight; row += 1) {
    const above = down.lower[row] * width;
    const below = down.upper[row] * width;
    for (let column = 0; column < newWidth; column += 1) {
      const left = across.lower[column];
      const right = across.upper[column];
      const weight = across.weight[column];
      for (let channel = 0; channel < channels; channel += 1, at += 1) {
        const top = between(pixels, (above + left) * channels + channel, (above + right) * channels + channel, weight);
        const bottom = between(pixels, (below + left) * channels + channel, (below + right) * channels + channel, weight);
        values[at] = f(top + f(f(bottom - top) * down.weight[row]));
      }
    }
  }
  return values;
}

function between(pixels, one, other, weight) {
  return f(pixels[one] + f((pixels[other] - pixels[one]) * weight));
}

/** For each wanted position: the index before it, the index after it, and the weight of the one after, in [0, 1). */
function neighbours(size, wanted) {
  const scale = f(size / wanted);
  const lower = new Int32Array(wanted);
  const upper = new Int32Array(wanted);
  const weight = new Float32Array(wanted);
  for (let at = 0; at < wanted; at += 1) {
    const position = f(f(f(at + 0.5) * scale) - 0.5);
    const before = Math.floor(position);
    lower[at] = Math.max(before, 0);
    upper[at] = Math.min(before + 1, size - 1);
    weight[at] = f(position - before);
  }
  return { lower, upper, weight };
}

/** Luma as Pillow's convert("L"): ITU-R 601 in 16 bits, rounded. */
function grey({ rgb }) {
  const values = new Uint8Array(rgb.length / 3);
  for (let at = 0; at < values.length; at += 1) {
    values[at] = (rgb[3 * at] * 19595 + rgb[3 * at + 1] * 38470 + rgb[3 * at + 2] * 7471 + 0x8000) >> 16;
  }
  return values;
}
