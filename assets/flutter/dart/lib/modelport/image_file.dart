/// Image files to RGB pixels, with the package `image`, and pixels to what the model takes.
// dart format off
library;

import 'dart:typed_data';

import 'package:image/image.dart' as files;

import 'contract.dart';
import 'exif.dart';
import 'pixels.dart';

/// Three bytes for each pixel, row by row from the top left.
class RgbImage {
  RgbImage(this.rgb, this.width, this.height) {
    if (width < 1 || height < 1 || rgb.length != width * height * 3) {
      throw ArgumentError('$width x $height pixels are ${width * height * 3} bytes, not ${rgb.length}');
    }
  }

  final Uint8List rgb;
  final int width;
  final int height;
}

/// The bytes of the model's input tensor, and its shape.
class ModelInput {
  const ModelInput(this.bytes, this.shape);

  final Uint8List bytes;
  final List<int> shape;
}

/// Decodes a JPEG, PNG or other file. Alpha is dropped; EXIF orientation is ignored or applied as the contract says.
RgbImage decodeRgb(Uint8List file) {
  final decoded = files.decodeImage(exifApplied ? file : withoutExif(file));
  if (decoded == null) {
    throw const FormatException('not an image that can be decoded');
  }
  final upright = exifApplied ? files.bakeOrientation(decoded) : decoded;
  final rgb = upright.convert(format: files.Format.uint8, numChannels: 3);
  return RgbImage(rgb.getBytes(order: files.ChannelOrder.rgb), rgb.width, rgb.height);
}

/// Brings an image into the form that the contract names.
ModelInput inputOf(RgbImage image) {
  if (inputInGraph) {
    final pixels = inputChannels == 1 ? greyOf(image.rgb) : image.rgb;
    return ModelInput(pixels, [1, image.height, image.width, inputChannels]);
  }
  final values = floatInput(
      image.rgb, image.height, image.width, inputChannels, inputHeight, inputWidth, inputLow, inputHigh);
  return ModelInput(values.buffer.asUint8List(), [1, inputHeight, inputWidth, inputChannels]);
}
