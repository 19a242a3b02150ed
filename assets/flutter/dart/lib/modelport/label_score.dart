/// Labels and how probable they are. Plain Dart.
// dart format off
library;

class LabelScore {
  const LabelScore(this.label, this.score);

  final String label;

  /// In [0, 1].
  final double score;

  @override
  String toString() => '$label ${score.toStringAsFixed(3)}';
}

/// The `top` best labels, the best first; of equal ones the earlier label.
List<LabelScore> bestOf(List<double> scores, List<String> labels, int top) {
  final order = [for (var index = 0; index < labels.length; index++) index];
  order.sort((a, b) => scores[a] == scores[b] ? a - b : scores[b].compareTo(scores[a]));
  return [for (final index in order.take(top)) LabelScore(labels[index], scores[index])];
}
