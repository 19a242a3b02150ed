// Decodes image files and video frames to RGB, as they are stored: no colour management, no premultiplied alpha, EXIF
// orientation as the contract says.

import { withoutExif } from './stored_pixels.js';

/** What went wrong, in a sentence for whoever uses the page. */
export class Refused extends Error {}

/**
 * @param {Blob} file
 * @param {object} input the contract's "input".
 * @returns {Promise<{width: number, height: number, rgb: Uint8Array, isTransparent: boolean}>}
 */
export async function decodeFile(file, input) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(input.exif === 'applied' ? file : await withoutExif(file), {
      imageOrientation: input.exif === 'applied' ? 'from-image' : 'none',
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
    });
  } catch {
    throw new Refused(`${file.name || 'What was pasted'} cannot be read as an image.`);
  }
  try {
    return rgbOf(bitmap, 0, 0, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

let scratch = null;

/** Return a part of an image or video as RGB bytes. Alpha is dropped; a canvas keeps no colour where it is 0. */
export function rgbOf(source, left, top, width, height) {
  scratch ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  [scratch.canvas.width, scratch.canvas.height] = [width, height]; // which empties it, too
  let data;
  try {
    scratch.drawImage(source, left, top, width, height, 0, 0, width, height);
    ({ data } = scratch.getImageData(0, 0, width, height));
  } catch {
    throw new Refused(`The image, ${width} x ${height} pixels, is too large for this browser.`);
  }
  const rgb = new Uint8Array(width * height * 3);
  let isTransparent = false;
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
    isTransparent ||= data[from + 3] < 255;
  }
  return { width, height, rgb, isTransparent };
}
