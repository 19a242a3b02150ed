// The photo page's camera: one picture after another is classified until it is stopped.

import { Camera } from './camera.js';
import { begin, classify, element, showTiming, showTrouble, stage } from './stage.js';

const MEAN_OF = 20; // pictures, of the time that is shown

/** @param {object} input the contract's "input". */
export function listenToCamera(input) {
  stage.camera = new Camera(element('video'), input);
  element('finder').style.aspectRatio = `${input.width} / ${input.height}`;
  element('camera').addEventListener('click', () => guarded(stage.camera.isOn ? stopCamera : startCamera));
  element('turn').addEventListener('click', () => guarded(() => stage.camera.turn()));
}

/** Stop the camera, if it runs. */
function stopCamera() {
  if (!stage.camera?.isOn) return;
  stage.camera.stop();
  stage.text.letGo();
  showButtons();
}

async function startCamera() {
  begin(stopCamera);
  await stage.camera.start();
  guarded(watch);
}

async function guarded(action) {
  showTrouble(null);
  try {
    await action();
  } catch (error) {
    stopCamera();
    showTrouble(error);
  }
  showButtons();
}

function showButtons() {
  const { isOn } = stage.camera;
  element('camera').textContent = isOn ? 'Stop camera' : 'Start camera';
  element('camera').setAttribute('aria-pressed', String(isOn));
  element('turn').hidden = !isOn;
  element('off').hidden = isOn;
}

async function watch() {
  const times = [];
  showButtons();
  while (stage.camera.isOn) {
    await stage.camera.next();
    const image = stage.camera.isOn && !document.hidden ? stage.camera.frame() : null;
    if (image === null) continue;
    const best = await classify(image);
    if (!stage.camera.isOn) break;
    stage.text.frame(best);
    times.push({ at: performance.now(), took: stage.milliseconds });
    if (times.length > MEAN_OF) times.shift();
    const took = times.reduce((sum, time) => sum + time.took, 0) / times.length;
    const lasted = times.at(-1).at - times[0].at;
    showTiming(took, lasted ? ((times.length - 1) * 1000) / lasted : 0);
  }
}
