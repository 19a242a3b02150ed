/// From the pixels of an image to the numbers that the model takes. Plain Dart; its Python twin does the same, line by
/// line, and is equal to modelport's own preprocessing bit for bit.
// dart format off
library;

import 'dart:typed_data';

/// Rounds to the nearest float32.
double toFloat32(double value) {
  final cell = Float32List(1);
  cell[0] = value;
  return cell[0];
}

/// Where each wanted position lies along `size` pixels: half-pixel centres, in float32.
Float32List positionsOf(int size, int wanted) {
  final scale = toFloat32(size / wanted);
  final positions = Float32List(wanted);
  for (var index = 0; index < wanted; index++) {
    positions[index] = toFloat32((index + 0.5) * scale) - 0.5;
  }
  return positions;
}

/// The pixel before each position.
Int32List lowersOf(Float32List positions) {
  final lowers = Int32List(positions.length);
  for (var index = 0; index < positions.length; index++) {
    final lower = positions[index].floor();
    lowers[index] = lower < 0 ? 0 : lower;
  }
  return lowers;
}

/// The pixel after each position.
Int32List uppersOf(Float32List positions, int size) {
  final uppers = Int32List(positions.length);
  for (var index = 0; index < positions.length; index++) {
    final upper = positions[index].floor() + 1;
    uppers[index] = upper < size ? upper : size - 1;
  }
  return uppers;
}

/// How much the pixel after each position counts, in [0, 1].
Float32List weightsOf(Float32List positions) {
  final weights = Float32List(positions.length);
  for (var index = 0; index < positions.length; index++) {
    weights[index] = positions[index] - positions[index].floor();
  }
  return weights;
}

/// Resizes bilinearly, without antialias, stretching both sides. Pixels are row by row, channels last.
Float32List resizeBilinear(Uint8List pixels, int height, int width, int channels, int newHeight, int newWidth) {
  final resized = Float32List(newHeight * newWidth * channels);
  if (height == newHeight && width == newWidth) {
    for (var index = 0; index < resized.length; index++) {
      resized[index] = pixels[index].toDouble();
    }
    return resized;
  }
  final down = positionsOf(height, newHeight);
  final above = lowersOf(down);
  final below = uppersOf(down, height);
  final downWeights = weightsOf(down);
  final across = positionsOf(width, newWidth);
  final left = lowersOf(across);
  final right = uppersOf(across, width);
  final acrossWeights = weightsOf(across);
  final mixed = Float32List(3);
  var target = 0;
  for (var row = 0; row < newHeight; row++) {
    for (var column = 0; column < newWidth; column++) {
      for (var channel = 0; channel < channels; channel++) {
        final aboveLeft = pixels[(above[row] * width + left[column]) * channels + channel];
        final aboveRight = pixels[(above[row] * width + right[column]) * channels + channel];
        final belowLeft = pixels[(below[row] * width + left[column]) * channels + channel];
        final belowRight = pixels[(below[row] * width + right[column]) * channels + channel];
        mixed[0] = (aboveRight - aboveLeft) * acrossWeights[column];
        mixed[0] = aboveLeft + mixed[0];
        mixed[1] = (belowRight - belowLeft) * acrossWeights[column];
        mixed[1] = belowLeft + mixed[1];
        mixed[2] = mixed[1] - mixed[0];
        mixed[2] = mixed[2] * downWeights[row];
        resized[target] = mixed[0] + mixed[2];
        target++;
      }
    }
  }
  return resized;
}

/// Brings 0 to 255 into `low` to `high`, in place.
void scaleValues(Float32List values, double low, double high) {
  final factor = toFloat32((high - low) / 255);
  final offset = toFloat32(low);
  for (var index = 0; index < values.length; index++) {
    values[index] = values[index] * factor;
    values[index] = values[index] + offset;
  }
}

/// What a model of floats takes: one channel or three, resized, and scaled to `low` to `high`.
Float32List floatInput(
    Uint8List rgb, int height, int width, int channels, int newHeight, int newWidth, double low, double high) {
  final pixels = channels == 1 ? greyOf(rgb) : rgb;
  final values = resizeBilinear(pixels, height, width, channels, newHeight, newWidth);
  scaleValues(values, low, high);
  return values;
}

/// The brightness of each pixel, as Pillow and the ITU-R 601-2 luma transform have it.
Uint8List greyOf(Uint8List rgb) {
  final grey = Uint8List(rgb.length ~/ 3);
  for (var index = 0; index < grey.length; index++) {
    final red = rgb[index * 3];
    final green = rgb[index * 3 + 1];
    final blue = rgb[index * 3 + 2];
    grey[index] = (red * 19595 + green * 38470 + blue * 7471 + 32768) >> 16;
  }
  return grey;
}
