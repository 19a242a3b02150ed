// Pictures from files: opened, dropped or pasted. They are taken whole, on the doodle page, too.

import { Refused, decodeFile } from './decode_image.js';
import { begin, classify, element, inTurn, showTiming, showTrouble, stage } from './stage.js';

/** @param {object} input the contract's "input". */
export function listenToPictures(input) {
  const open = (file) => file && openPicture(file, input);
  element('file').addEventListener('change', (event) => {
    open(event.target.files[0]);
    event.target.value = ''; // so that the same file can be opened again
  });
  addEventListener('paste', (event) => open(event.clipboardData.files[0]));
  addEventListener('dragover', (event) => {
    event.preventDefault();
    element('source').classList.add('over');
  });
  addEventListener('dragleave', (event) => event.relatedTarget ?? element('source').classList.remove('over'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    element('source').classList.remove('over');
    open(event.dataTransfer.files[0]);
  });
}

/** Classify a file, once what is under way is done. */
export function openPicture(file, input) {
  begin(closePicture);
  stage.pad?.clear();
  return inTurn(async () => {
    showTrouble(null);
    closePicture();
    try {
      const image = await decodeFile(file, input);
      const best = await classify(image);
      showPicture(file);
      stage.text.still(best);
      showTiming(stage.milliseconds);
      if (image.isTransparent) throw new Refused('Parts of this picture are transparent: the answer may be off.');
    } catch (error) {
      if (element('opened').hidden) await classify(null);
      showTrouble(error);
    } finally {
      stage.opened += 1;
    }
  });
}

/** Take the shown picture away. */
export function closePicture() {
  URL.revokeObjectURL(element('preview').src);
  element('preview').removeAttribute('src');
  element('opened').hidden = true;
}

function showPicture(file) {
  element('preview').src = URL.createObjectURL(file);
  element('preview').alt = 'The opened picture';
  element('file-name').textContent = file.name;
  element('opened').hidden = false;
}
