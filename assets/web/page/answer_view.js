// The three likeliest labels as bars, and the likeliest in words for screen readers. Labels are text, whatever they hold.

const ANNOUNCE_MS = 1000;

export class AnswerView {
  /** @param {HTMLElement} list @param {HTMLElement} spoken @param {string[]} labels @param {number} threshold */
  constructor(list, spoken, labels, threshold) {
    this.labels = labels;
    this.spoken = spoken;
    this.threshold = threshold;
    this.said = { label: null, at: -Infinity };
    this.rows = Array.from({ length: Math.min(3, labels.length) }, () => row(list));
    this.show(null);
  }

  /** @param {Float32Array|null} scores null: nothing is there to answer. @returns {{label: string, score: number}|null} */
  show(scores) {
    const order = scores === null ? [] : topOf(scores, this.rows.length);
    this.rows.forEach(({ item, label, percent, fill }, place) => {
      const at = order[place];
      const score = at === undefined ? 0 : scores[at];
      label.textContent = at === undefined ? '' : this.labels[at];
      percent.textContent = at === undefined ? '' : `${(100 * score).toFixed(1)} %`;
      fill.style.width = `${(100 * score).toFixed(2)}%`;
      item.classList.toggle('unsure', score < this.threshold);
    });
    if (scores === null) {
      this.#say('');
      return null;
    }
    const best = { label: this.labels[order[0]], score: scores[order[0]] };
    const sure = best.score >= this.threshold ? '' : 'not sure: ';
    this.#say(`${sure}${best.label}, ${(100 * best.score).toFixed(0)} %`, sure + best.label);
    return best;
  }

  /** Say it only if it is another answer, and not more than once a second. */
  #say(sentence, label = sentence) {
    const now = performance.now();
    clearTimeout(this.later);
    if (label === this.said.label) return;
    if (now - this.said.at < ANNOUNCE_MS) {
      this.later = setTimeout(() => this.#say(sentence, label), ANNOUNCE_MS);
      return;
    }
    this.said = { label, at: now };
    this.spoken.textContent = sentence;
  }
}

/** Return the indices of the largest scores, the largest first; the first of equals first. */
export function topOf(scores, count) {
  return Array.from(scores.keys())
    .sort((one, other) => scores[other] - scores[one] || one - other)
    .slice(0, count);
}

function row(list) {
  const make = (tag, name, parent) => {
    const one = document.createElement(tag);
    one.className = name;
    parent.append(one);
    return one;
  };
  const item = make('li', 'answer', list);
  const label = make('bdi', 'label', item);
  const percent = make('span', 'percent', item);
  const bar = make('span', 'bar', item);
  bar.setAttribute('aria-hidden', 'true');
  return { item, label, percent, fill: make('span', 'fill', bar) };
}
