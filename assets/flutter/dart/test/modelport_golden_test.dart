/// Are the inputs of the model, made here, those that modelport made? Runs on the host: `flutter test`.
// dart format off
// ignore_for_file: avoid_relative_lib_imports
library;

import 'dart:convert';
import 'dart:io';
import 'dart:typed_data';

import 'package:flutter_test/flutter_test.dart';

import '../lib/modelport/contract.dart';
import '../lib/modelport/image_file.dart';

const String folder = 'assets/model/golden';

void main() {
  final golden = jsonDecode(File('$folder/golden.json').readAsStringSync()) as Map<String, dynamic>;
  final input = golden['input'] as Map<String, dynamic>;

  test('the labels are those of labels.txt', () {
    final lines = const LineSplitter().convert(File('assets/model/labels.txt').readAsStringSync());
    expect(heads[labelHead].labels, lines);
  });

  for (final image in (golden['images'] as List).cast<Map<String, dynamic>>()) {
    test('${image['file']} becomes the exact input of the model', () {
      final made = inputOf(decodeRgb(File('$folder/${image['file']}').readAsBytesSync()));
      final wanted = File('$folder/${image['input']}').readAsBytesSync();
      expect(made.shape, image['input_shape']);
      expect(made.bytes.length, wanted.length);
      final decoders = image['decoders'] as Map<String, dynamic>?;
      if (decoders != null) {
        expect(meanLevels(made.bytes, wanted), lessThanOrEqualTo(decoders['mean_levels_tolerance'] as num));
      } else {
        expect(largestDifference(made.bytes, wanted), lessThanOrEqualTo(input['tolerance'] as num));
      }
    });
  }
}

/// The values of an input tensor.
List<num> valuesOf(Uint8List bytes) {
  if (inputInGraph) {
    return bytes;
  }
  final copy = Uint8List.fromList(bytes);
  return copy.buffer.asFloat32List();
}

double largestDifference(Uint8List made, Uint8List wanted) {
  final left = valuesOf(made);
  final right = valuesOf(wanted);
  var largest = 0.0;
  for (var index = 0; index < left.length; index++) {
    final difference = (left[index] - right[index]).abs().toDouble();
    largest = difference > largest ? difference : largest;
  }
  return largest;
}

/// The mean difference in grey levels, of a picture that another JPEG decoder reads.
double meanLevels(Uint8List made, Uint8List wanted) {
  final left = valuesOf(made);
  final right = valuesOf(wanted);
  var sum = 0.0;
  for (var index = 0; index < left.length; index++) {
    sum += (left[index] - right[index]).abs();
  }
  final range = inputInGraph ? 255.0 : inputHigh - inputLow;
  return sum / left.length * 255 / range;
}
