/// Does the model on this device answer what it answered to modelport?
/// Runs on a phone or an emulator: `flutter test integration_test/modelport_golden_test.dart`.
// dart format off
// ignore_for_file: avoid_relative_lib_imports
library;

import 'dart:convert';

import 'package:flutter_test/flutter_test.dart';
import 'package:integration_test/integration_test.dart';

import '../lib/modelport/classifier.dart';
import '../lib/modelport/contract.dart';
import 'modelport_golden_vectors.dart';

void main() {
  IntegrationTestWidgetsFlutterBinding.ensureInitialized();

  late Classifier classifier;
  setUpAll(() async {
    classifier = await Classifier.load();
  });
  tearDownAll(() async {
    await classifier.dispose();
  });

  for (final golden in goldenVectors) {
    testWidgets('${golden.file} is answered as it was', (tester) async {
      final file = base64Decode(golden.image);
      final answers = await classifier.runFile(file);
      for (final head in heads) {
        final expected = golden.expected[head.name]!;
        final received = answers[head.name]!;
        for (var index = 0; index < head.width; index++) {
          final difference = (received[index] - expected[index]).abs();
          expect(difference, lessThanOrEqualTo(golden.tolerance[head.name]!), reason: '${head.name}, value $index');
        }
      }
      final top = golden.top;
      if (top != null) {
        final best = await classifier.classifyFile(file, top: 1);
        expect(best.single.label, top);
      }
    });
  }
}
