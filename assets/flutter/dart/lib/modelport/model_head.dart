/// One output of the model.
// dart format off
library;

/// A classification has labels, in output order; a regression has a unit and one value.
class ModelHead {
  const ModelHead({required this.name, required this.output, required this.labels, required this.unit});

  final String name;

  /// Index among the model's outputs.
  final int output;

  final List<String> labels;
  final String unit;

  /// Values per image.
  int get width => labels.isEmpty ? 1 : labels.length;
}
