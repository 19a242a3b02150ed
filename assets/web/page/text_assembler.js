// From frames to text: threshold, majority vote, debounce, allowed words. assets/assembly/specification.md says what it
// does; (n) is its sentence n. assets/assembly/text_assembler.py does the same.

const [SPACE, DELETE, NOTHING] = ['space', 'del', 'nothing'];
const CONTROLS = new Map([['space', SPACE], ['del', DELETE], ['delete', DELETE], ['nothing', NOTHING]]);
const RANGES = { window: [1, 9], hold_ms: [0, 3_600_000], max_pieces: [1, 10_000] };
const DEFAULTS = { threshold: 0.7, window: 5, hold_ms: 1500, max_pieces: 500, allowed_sequences: [] };
const WHITE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export class TextAssembler {
  #votes;
  #pieces;
  #held;
  #actedMs;
  #nowMs;

  /** @param {object} options those that differ from the defaults; RangeError where one is out of its range (1). */
  constructor(options = {}) {
    this.options = Object.freeze({ ...DEFAULTS, ...options });
    const { threshold, allowed_sequences: words } = this.options;
    if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1)) refuse('threshold', threshold);
    for (const [name, [least, most]] of Object.entries(RANGES)) checkWhole(this.options[name], name, least, most);
    if (!Array.isArray(words)) refuse('allowed_sequences', words);
    for (const word of words) if (typeof word !== 'string' || !word || WHITE.test(word)) refuse('allowed sequence', word);
    this.allowed = words.map(lower);
    this.clear();
  }

  /** All that was assembled. */
  get text() {
    return this.#pieces.join('');
  }

  /** Forget everything but the options (24). */
  clear() {
    [this.#votes, this.#pieces, this.#held, this.#actedMs, this.#nowMs] = [[], [], null, 0, 0];
  }

  /**
   * Take one frame.
   * @param {string} label the most probable one.
   * @param {number} score its probability.
   * @param {number} timeMs of the frame, whole, on any clock that does not run backwards.
   * @returns {{text: string, vote: string|null, event: string|null}} (23)
   */
  push(label, score, timeMs) {
    checkWhole(timeMs, 'time_ms', 0, Number.MAX_SAFE_INTEGER);
    this.#nowMs = Math.max(this.#nowMs, timeMs); // (4)
    this.#votes.push(label && score >= this.options.threshold ? readLabel(label) : null); // (6), (7)
    if (this.#votes.length > this.options.window) this.#votes.shift();
    const vote = this.#vote();
    const event = this.#follow(vote);
    return { text: this.text, vote, event };
  }

  #vote() {
    const voted = this.#votes.filter((label) => label !== null);
    if (!voted.length && this.#votes.length === this.options.window) return NOTHING; // (9)
    const count = (label) => voted.filter((other) => other === label).length;
    return voted.find((label) => 2 * count(label) > this.options.window) ?? null; // (8), (10)
  }

  #follow(vote) {
    if (vote === null) return null; // (11)
    if (vote === NOTHING) {
      this.#held = null; // (12)
      return null;
    }
    const { hold_ms: hold } = this.options;
    if (vote === this.#held && (!hold || this.#nowMs - this.#actedMs < hold)) return null; // (14)
    [this.#held, this.#actedMs] = [vote, this.#nowMs]; // (13), (15)
    return `${this.#act(vote)}:${vote}`;
  }

  #act(label) {
    if (label === DELETE) return this.#pieces.pop() === undefined ? 'nothing-to-delete' : 'delete'; // (16)
    if (this.#pieces.length >= this.options.max_pieces) return 'full'; // (17)
    if (this.allowed.length && !this.#isAllowed(label)) return 'not-allowed';
    this.#pieces.push(label === SPACE ? ' ' : label); // (20), (21)
    return label === SPACE ? 'space' : 'letter';
  }

  #isAllowed(label) {
    const word = lower(this.text.slice(this.text.lastIndexOf(' ') + 1));
    if (label === SPACE) return this.allowed.includes(word); // (18)
    return this.allowed.some((allowed) => allowed.startsWith(word + lower(label))); // (19)
  }
}

/** Return `space`, `del` or `nothing` for what means them, else the label itself (5). */
export function readLabel(label) {
  return CONTROLS.get(lower(label)) ?? label;
}

/** Replace A to Z by a to z, and nothing else (2). */
export function lower(text) {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function checkWhole(value, name, least, most) {
  if (!Number.isInteger(value) || value < least || value > most) refuse(name, value);
}

function refuse(name, value) {
  throw new RangeError(`${name} is out of range: ${JSON.stringify(value) ?? value}`);
}
