// The assembled text: frames of the camera one by one; what rests, such as a drawing or a photo, as a window of frames.

import { TextAssembler } from './text_assembler.js';

const REST_MS = 1200; // without a new line, a drawing is meant

export class TextView {
  /** @param {HTMLElement} output @param {object} options of the assembler. */
  constructor(output, options) {
    this.output = output;
    this.assembler = new TextAssembler(options);
  }

  /** Take a frame of the camera. */
  frame({ label, score }) {
    this.#push(label, score);
    this.#show();
  }

  /** Take an image that stands still: as many frames as vote. Nothing is held from the image before. */
  still({ label, score }) {
    this.letGo();
    this.#window(label, score);
    this.#show();
  }

  /** Take a drawing once nothing was added to it for a while. */
  whenItRests(best) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.#window(best.label, best.score);
      this.#show();
    }, REST_MS);
  }

  /** The drawing was cleared, or the camera stopped: the same label may come again. */
  letGo() {
    clearTimeout(this.timer);
    this.#window('', 0);
  }

  /** Do what a label does that the model may not have: "space" or "del". */
  press(label) {
    this.still({ label, score: 1 });
    this.letGo();
  }

  clear() {
    clearTimeout(this.timer);
    this.assembler.clear();
    this.#show();
  }

  #window(label, score) {
    for (let frame = 0; frame < this.assembler.options.window; frame += 1) this.#push(label, score);
  }

  #push(label, score) {
    this.assembler.push(label, score, Math.floor(performance.now()));
  }

  #show() {
    const { text } = this.assembler;
    if (this.output.textContent !== text) this.output.textContent = text;
  }
}
