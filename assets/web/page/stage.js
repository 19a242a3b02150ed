// What the parts of the page share: its elements, the classifier, the answer and the text that are shown.

import { Refused } from './decode_image.js';

export const element = (id) => document.getElementById(id);

/** What a test, or a console, can look at. */
export const stage = { answers: 0, opened: 0, scores: null, milliseconds: null, pad: null, camera: null };

/** Classify an image and show the answer; null shows none. Returns the likeliest label and its score. */
export async function classify(image) {
  if (image === null) return stage.view.show((stage.scores = null));
  const { scores, milliseconds } = await stage.classifier.classify(image);
  [stage.scores, stage.milliseconds] = [scores, milliseconds];
  const best = stage.view.show(scores);
  stage.answers += 1;
  return best;
}

/** Show how long an image takes, and how many the camera brings. */
export function showTiming(milliseconds, perSecond = null) {
  const each = `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms an image`;
  element('timing').textContent = perSecond === null ? each : `${each}, ${perSecond.toFixed(1)} frames per second`;
}

/** Show an error, in a sentence; null: there is none any more. */
export function showTrouble(error) {
  const text = error instanceof Refused ? error.message : error && `Something went wrong: ${error.message}`;
  element('trouble').textContent = text ?? '';
}

let stopOther = () => {};

/** Stop what began before, and remember how to stop what begins now: one source of images at a time. */
export function begin(stop) {
  stopOther();
  stopOther = stop;
}

let line = Promise.resolve();

/** Run an action once those before it are done; errors are shown. */
export function inTurn(action) {
  line = line.then(action).catch(showTrouble);
  return line;
}
