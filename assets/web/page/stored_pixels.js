// Takes the EXIF part out of image files, so that browsers do not turn them. createImageBitmap's imageOrientation 'none'
// was to do that; Chromium now takes it for 'from-image': https://github.com/whatwg/html/pull/7363

// As contract/image/image_formats.py has them.
const JPEG = [0xff, 0xd8, 0xff];
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Return the file without what says how to turn it; JPEG, PNG and WebP have that. Others come back as they are.
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
export async function withoutExif(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  if (startsWith(bytes, JPEG)) return joined(bytes, jpegExif(bytes, view), file.type);
  if (startsWith(bytes, PNG)) return joined(bytes, pngExif(bytes, view), file.type);
  if (text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 4) === 'WEBP') {
    for (const at of webpExif(bytes, view)) bytes.set([0x58, 0x58], at); // "XXIF", which no reader knows
    return new Blob([bytes], { type: file.type });
  }
  return file;
}

/** Yield [start, end] of APP1 segments that begin with "Exif", up to the first scan. */
function* jpegExif(bytes, view) {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const kind = bytes[at + 1];
    if (kind === 0xda) return;
    if (kind === 0xff) {
      at += 1; // padding
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (kind === 0xe1 && text(bytes, at + 4, 4) === 'Exif') yield [at, end];
    at = end;
  }
}

/** Yield [start, end] of eXIf chunks. */
function* pngExif(bytes, view) {
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (text(bytes, at + 4, 4) === 'eXIf') yield [at, at + 12 + view.getUint32(at)];
  }
}

/** Yield the places of the names of EXIF chunks. */
function* webpExif(bytes, view) {
  for (let at = 12; at + 8 <= bytes.length; at += 8 + 2 * Math.ceil(view.getUint32(at + 4, true) / 2)) {
    if (text(bytes, at, 4) === 'EXIF') yield at;
  }
}

function joined(bytes, left, type) {
  const [parts, end] = [[], bytes.length];
  let from = 0;
  for (const [start, next] of left) {
    parts.push(bytes.subarray(from, start));
    from = Math.min(next, end);
  }
  return new Blob([...parts, bytes.subarray(from)], { type });
}

function startsWith(bytes, start) {
  return start.every((byte, at) => bytes[at] === byte);
}

function text(bytes, start, length) {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
