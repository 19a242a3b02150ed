/// From frames to text: threshold, majority vote, debounce, allowed words. Plain Dart; numbers in parentheses are
/// sentences of modelport's assembly specification.
// dart format off
library;

import 'frame_vote.dart';

/// How frames become text (1).
class AssemblyOptions {
  AssemblyOptions({
    this.threshold = 0.7,
    this.window = 5,
    this.holdMs = 1500,
    this.maxPieces = 500,
    this.allowedSequences = const [],
  }) {
    if (holdMs < 0 || holdMs > 3600000) {
      throw ArgumentError('holdMs is no whole number from 0 to 3600000: $holdMs');
    }
    if (maxPieces < 1 || maxPieces > 10000) {
      throw ArgumentError('maxPieces is no whole number from 1 to 10000: $maxPieces');
    }
    for (final word in allowedSequences) {
      if (word == '' || word.contains(RegExp(r'\s'))) {
        throw ArgumentError('allowed sequence is no word: "$word"');
      }
    }
  }

  final double threshold;
  final int window;

  /// After how many milliseconds a sign that is held counts again; 0: never.
  final int holdMs;

  /// How long the text may grow, in labels.
  final int maxPieces;

  /// The words that can be assembled; none: all can.
  final List<String> allowedSequences;
}

/// The answer to one frame (23).
class AssembledText {
  const AssembledText(this.text, this.vote, this.event);

  final String text;

  /// The label that has the majority.
  final String? vote;

  /// What the vote did: `letter:A`, `space:space`, `delete:del`; or, where the text did not change, `not-allowed:A`,
  /// `full:A`, `nothing-to-delete:del`.
  final String? event;
}

class TextAssembler {
  TextAssembler([AssemblyOptions? options]) : this._(options ?? AssemblyOptions());

  TextAssembler._(this.options)
      : _vote = FrameVote(threshold: options.threshold, window: options.window),
        _allowed = [for (final word in options.allowedSequences) lower(word)];

  final AssemblyOptions options;
  final FrameVote _vote;
  final List<String> _allowed;
  final List<String> _pieces = [];
  String? _held;
  int _actedMs = 0;
  int _nowMs = 0;

  /// All that was assembled.
  String get text {
    return _pieces.join();
  }

  /// Forgets everything but the options (24).
  void clear() {
    _vote.clear();
    _pieces.clear();
    _held = null;
    _actedMs = 0;
    _nowMs = 0;
  }

  /// Takes one frame: the most probable label, its score, and the time of any clock in milliseconds (3).
  AssembledText push(String label, double score, int timeMs) {
    if (timeMs < 0 || timeMs > 9007199254740991) {
      throw ArgumentError('time is out of range');
    }
    if (timeMs > _nowMs) {
      _nowMs = timeMs; // (4)
    }
    final vote = _vote.push(label, score);
    final event = _follow(vote);
    return AssembledText(text, vote, event);
  }

  String? _follow(String? vote) {
    if (vote == null) {
      return null; // (11)
    }
    if (vote == 'nothing') {
      _held = null; // (12)
      return null;
    }
    if (vote == _held && (options.holdMs == 0 || _nowMs - _actedMs < options.holdMs)) {
      return null; // (14)
    }
    _held = vote; // (13), (15)
    _actedMs = _nowMs;
    return _act(vote) + ':' + vote;
  }

  String _act(String label) {
    if (label == 'del') {
      if (_pieces.length == 0) {
        return 'nothing-to-delete'; // (16)
      }
      _pieces.removeLast();
      return 'delete';
    }
    if (_pieces.length >= options.maxPieces) {
      return 'full'; // (17)
    }
    if (_allowed.length > 0 && !_isAllowed(label)) {
      return 'not-allowed';
    }
    _pieces.add(label == 'space' ? ' ' : label); // (20), (21)
    return label == 'space' ? 'space' : 'letter';
  }

  bool _isAllowed(String label) {
    final word = lower(text.substring(text.lastIndexOf(' ') + 1));
    for (final allowed in _allowed) {
      if (label == 'space' ? allowed == word : allowed.startsWith(word + lower(label))) {
        return true; // (18), (19)
      }
    }
    return false;
  }
}
