/// A JPEG without its EXIF block. The package `image` turns a photo upright by EXIF while it decodes, and has no switch.
// dart format off
library;

import 'dart:typed_data';

/// Returns the bytes without APP1 segments, where EXIF is; what is no JPEG, or a damaged one, comes back as it is.
Uint8List withoutExif(Uint8List file) {
  if (file.length < 4 || file[0] != 255 || file[1] != 216) {
    return file;
  }
  final kept = Uint8List(file.length);
  kept[0] = 255;
  kept[1] = 216;
  var count = 2;
  var place = 2;
  while (place + 4 <= file.length && file[place] == 255 && file[place + 1] != 218) {
    if (file[place + 1] == 255) {
      place++;
      continue;
    }
    final length = 2 + file[place + 2] * 256 + file[place + 3];
    if (place + length > file.length) {
      return file;
    }
    if (file[place + 1] != 225) {
      for (var index = 0; index < length; index++) {
        kept[count + index] = file[place + index];
      }
      count += length;
    }
    place += length;
  }
  for (var index = place; index < file.length; index++) {
    kept[count] = file[index];
    count++;
  }
  return Uint8List.sublistView(kept, 0, count);
}
