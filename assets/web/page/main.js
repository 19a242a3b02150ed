// Loads the model and the contract, and brings the parts of the page to life.

import { AnswerView } from './answer_view.js';
import { listenToCamera } from './camera_control.js';
import { Classifier } from './classifier.js';
import { startOffline } from './offline.js';
import { listenToPad } from './pad_control.js';
import { listenToPictures } from './picture_control.js';
import { element, stage } from './stage.js';
import { TextView } from './text_view.js';

export { stage };

stage.ready = start().catch((error) => {
  element('status').classList.add('trouble');
  element('status').textContent = `This page does not work here. ${error.message}`;
});

async function start() {
  element('status').textContent = 'Loading the model ...';
  const [page, contract] = await Promise.all(['page.json', 'contract.json'].map(readJson));
  const { labels } = contract.heads.find((head) => head.kind === 'classification');
  stage.text = new TextView(element('assembled'), page.assembly);
  stage.view = new AnswerView(element('top3'), element('spoken'), labels, page.assembly.threshold);
  describe(page, labels);
  stage.classifier = await Classifier.open(contract, page);
  if (page.kind === 'doodle') listenToPad(contract.drawing);
  else listenToCamera(contract.input);
  listenToPictures(contract.input);
  element('space').addEventListener('click', () => stage.text.press('space'));
  element('delete').addEventListener('click', () => stage.text.press('del'));
  element('empty').addEventListener('click', () => stage.text.clear());
  element('status').textContent = `Ready: TensorFlow.js ${page.tfjs}, ${stage.classifier.backend}.`;
  startOffline(element('status'));
}

async function readJson(name) {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name} is missing on the server: ${response.status}.`);
  return response.json();
}

function describe(page, labels) {
  element('about').textContent = page.about;
  element('count').textContent = labels.length;
  for (const label of labels) {
    const item = document.createElement('li');
    item.dir = 'auto';
    item.textContent = label;
    element('labels').append(item);
  }
}
