// The doodle page: what is drawn is classified while it is drawn.

import { frameDrawing } from './drawing.js';
import { DrawingPad } from './drawing_pad.js';
import { closePicture } from './picture_control.js';
import { classify, element, inTurn, showTiming, showTrouble, stage } from './stage.js';

/** @param {object} drawing the contract's drawing part. */
export function listenToPad(drawing) {
  let isWaiting = false;
  stage.pad = new DrawingPad(element('pad'), drawing, () => {
    if (stage.pad.isEmpty) stage.text.letGo(); // at once: the next line may come before the answer
    if (isWaiting) return; // what waits will see this line, too
    isWaiting = true;
    inTurn(() => {
      isWaiting = false;
      return answer(drawing);
    });
  });
  for (const id of ['undo', 'clear']) {
    element(id).disabled = true;
    element(id).addEventListener('click', () => {
      stage.pad[id]();
      if (stage.pad.isEmpty) element('pad').focus(); // a button that is switched off loses the keyboard
    });
  }
}

async function answer(drawing) {
  const { pad, text } = stage;
  closePicture();
  showTrouble(null);
  for (const id of ['undo', 'clear']) element(id).disabled = pad.isEmpty;
  const best = await classify(pad.isEmpty ? null : frameDrawing(pad.ink(), drawing));
  if (best === null) return;
  text.whenItRests(best);
  showTiming(stage.milliseconds);
}
