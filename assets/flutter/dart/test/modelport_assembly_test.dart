/// The cases of modelport's assembly specification. Runs on the host: `flutter test`.
// dart format off
// ignore_for_file: avoid_relative_lib_imports
library;

import 'dart:convert';
import 'dart:io';

import 'package:flutter_test/flutter_test.dart';

import '../lib/modelport/text_assembler.dart';

void main() {
  final golden = jsonDecode(File('test/modelport_golden_cases.json').readAsStringSync()) as Map<String, dynamic>;

  for (final one in (golden['cases'] as List).cast<Map<String, dynamic>>()) {
    test(one['name'], () {
      final assembler = TextAssembler(optionsOf(one['options'] as Map<String, dynamic>));
      for (final step in (one['steps'] as List).cast<List<dynamic>>()) {
        if (step.length == 1) {
          assembler.clear();
          expect(assembler.text, '');
          continue;
        }
        final answer = assembler.push(step[0] as String, scoreOf(step[1]), step[2] as int);
        expect([answer.vote, answer.event, answer.text], step.sublist(3));
      }
    });
  }

  final refused = golden['refused'] as Map<String, dynamic>;
  for (final options in (refused['options'] as List).cast<Map<String, dynamic>>()) {
    test('refused: $options', () {
      expect(() => TextAssembler(optionsOf(options)), throwsA(anything));
    });
  }
  for (final time in refused['times_ms'] as List) {
    test('refused: time $time', () {
      expect(() => TextAssembler().push('A', 0.9, time as int), throwsA(anything));
    });
  }
}

/// JSON has no NaN; `null` stands for it.
double scoreOf(dynamic score) => score == null ? double.nan : (score as num).toDouble();

AssemblyOptions optionsOf(Map<String, dynamic> given) {
  return AssemblyOptions(
    threshold: ((given['threshold'] ?? 0.7) as num).toDouble(),
    window: (given['window'] ?? 5) as int,
    holdMs: (given['hold_ms'] ?? 1500) as int,
    maxPieces: (given['max_pieces'] ?? 500) as int,
    allowedSequences: ((given['allowed_sequences'] ?? const <String>[]) as List).cast<String>(),
  );
}
