/// The model on tflite_flutter. Decoding, preprocessing and inference run in another isolate, one image at a time.
// dart format off
library;

import 'dart:typed_data';

import 'package:flutter/foundation.dart';
import 'package:flutter/services.dart';
import 'package:tflite_flutter/tflite_flutter.dart';

import 'contract.dart';
import 'image_file.dart';
import 'label_score.dart';

/// One model, loaded once. IsolateInterpreter of the plugin is not used: while it is busy it drops a call without a word,
/// and an error in its isolate is never answered.
class Classifier {
  Classifier._(this._interpreter);

  final Interpreter _interpreter;
  Future<void> _last = Future<void>.value();
  bool _isDisposed = false;

  /// Loads the model, and checks that its tensors are those that the contract promises.
  static Future<Classifier> load({String asset = modelAsset, int threads = 2}) async {
    final data = await rootBundle.load(asset);
    final bytes = data.buffer.asUint8List(data.offsetInBytes, data.lengthInBytes);
    final interpreter = Interpreter.fromBuffer(bytes, options: InterpreterOptions()..threads = threads);
    try {
      _check(interpreter);
    } catch (_) {
      interpreter.close();
      rethrow;
    }
    return Classifier._(interpreter);
  }

  /// The most probable labels of an image file, the best first.
  Future<List<LabelScore>> classifyFile(Uint8List file, {int top = 3}) async {
    return _best(await runFile(file), top);
  }

  /// The same of pixels, such as a camera's, that are RGB already and the right way up.
  Future<List<LabelScore>> classifyRgb(RgbImage image, {int top = 3}) async {
    return _best(await runRgb(image), top);
  }

  /// What every head answers, by its name.
  Future<Map<String, Float32List>> runFile(Uint8List file) {
    return _queue(_Request(_interpreter.address, file, null));
  }

  /// The same of RGB pixels.
  Future<Map<String, Float32List>> runRgb(RgbImage image) {
    return _queue(_Request(_interpreter.address, null, image));
  }

  /// Waits for the image at hand, and frees the model. The classifier cannot be used again.
  Future<void> dispose() async {
    if (_isDisposed) {
      return;
    }
    _isDisposed = true;
    await _last;
    _interpreter.close();
  }

  /// One after the other: the isolates share one native interpreter.
  Future<Map<String, Float32List>> _queue(_Request request) {
    if (_isDisposed) {
      throw StateError('this classifier was disposed of');
    }
    final answer = _last.then((_) => compute(_answer, request));
    _last = answer.then((_) {}, onError: (Object _) {});
    return answer;
  }

  static List<LabelScore> _best(Map<String, Float32List> answers, int top) {
    final head = heads[labelHead];
    return bestOf(answers[head.name]!, head.labels, top);
  }

  static void _check(Interpreter interpreter) {
    final inputs = interpreter.getInputTensors();
    final outputs = interpreter.getOutputTensors();
    if (inputs.length != 1 || outputs.length != heads.length) {
      throw StateError('the model has ${inputs.length} inputs and ${outputs.length} outputs, not 1 and ${heads.length}');
    }
    final taken = inputs[0];
    final wanted = inputInGraph ? TensorType.uint8 : TensorType.float32;
    final isAnySize = inputInGraph && taken.shape.length == 4;
    final sizes = [1, isAnySize ? taken.shape[1] : inputHeight, isAnySize ? taken.shape[2] : inputWidth, inputChannels];
    if (taken.type != wanted || !listEquals(taken.shape, sizes)) {
      throw StateError('the model takes ${taken.type} ${taken.shape}, not $wanted $sizes');
    }
    for (final head in heads) {
      final given = outputs[head.output];
      if (given.type != TensorType.float32 || given.numElements() != head.width) {
        throw StateError('output ${head.name} is ${given.type} ${given.shape}, not ${head.width} float32');
      }
    }
  }
}

/// What goes to the other isolate: where the native interpreter is, and a file or pixels.
class _Request {
  const _Request(this.address, this.file, this.image);

  final int address;
  final Uint8List? file;
  final RgbImage? image;
}

/// Runs in another isolate.
Map<String, Float32List> _answer(_Request request) {
  final input = inputOf(request.image ?? decodeRgb(request.file!));
  final interpreter = Interpreter.fromAddress(request.address);
  if (inputInGraph) {
    interpreter.resizeInputTensor(0, input.shape);
    interpreter.allocateTensors();
  }
  final values = [for (final head in heads) Float32List(head.width)];
  final outputs = <int, Object>{};
  for (var index = 0; index < heads.length; index++) {
    outputs[heads[index].output] = values[index].buffer;
  }
  interpreter.runForMultipleInputs([input.bytes], outputs);
  return {for (var index = 0; index < heads.length; index++) heads[index].name: values[index]};
}
