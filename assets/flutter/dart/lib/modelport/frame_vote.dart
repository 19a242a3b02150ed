/// The label that most of the last frames agree on. Plain Dart; numbers in parentheses are sentences of modelport's
/// assembly specification.
// dart format off
library;

class FrameVote {
  FrameVote({this.threshold = 0.7, this.window = 5}) {
    if (!(threshold >= 0 && threshold <= 1)) {
      throw ArgumentError('threshold is not in [0, 1]: $threshold');
    }
    if (window < 1 || window > 9) {
      throw ArgumentError('window is no whole number from 1 to 9: $window');
    }
  }

  /// The least score with which a frame votes.
  final double threshold;

  /// How many frames vote.
  final int window;

  final List<String?> _votes = [];

  void clear() {
    _votes.clear();
  }

  /// Takes one frame, and returns the vote; null where there is none (6) to (10).
  String? push(String label, double score) {
    if (_votes.length == window) {
      _votes.removeAt(0);
    }
    _votes.add(label != '' && score >= threshold ? readLabel(label) : null);
    var voted = 0;
    for (final candidate in _votes) {
      if (candidate != null) {
        voted += 1;
        var count = 0;
        for (final other in _votes) {
          if (other == candidate) {
            count += 1;
          }
        }
        if (2 * count > window) {
          return candidate;
        }
      }
    }
    return voted == 0 && _votes.length == window ? 'nothing' : null;
  }
}

/// `space`, `del` or `nothing` for what means them, else the label itself (5).
String readLabel(String label) {
  final name = lower(label);
  if (name == 'space' || name == 'del' || name == 'nothing') {
    return name;
  }
  return name == 'delete' ? 'del' : label;
}

/// A to Z become a to z, and nothing else changes (2).
String lower(String text) {
  final units = <int>[];
  for (final unit in text.codeUnits) {
    units.add(unit >= 65 && unit <= 90 ? unit + 32 : unit);
  }
  return String.fromCharCodes(units);
}
