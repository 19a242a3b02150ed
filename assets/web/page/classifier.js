// The TensorFlow.js graph model, on the wasm backend, which is the one that `modelport validate` judges; cpu without it.

import { toPixels } from './pixels.js';

const BACKENDS = ['wasm', 'cpu'];

export class Classifier {
  /**
   * @param {object} contract contract.json.
   * @param {object} page page.json: says what files there are, and their hashes.
   */
  static async open(contract, page) {
    const { tf } = globalThis;
    if (!tf?.loadGraphModel) throw new Error('TensorFlow.js was not loaded: vendor/ is not whole.');
    tf.wasm.setWasmPaths('vendor/');
    let backend = null;
    for (const name of BACKENDS) {
      if (backend === null && (await tf.setBackend(name))) backend = name;
    }
    if (backend === null) throw new Error('This browser runs neither WebAssembly nor plain JavaScript models.');
    const model = await tf.loadGraphModel(page.model, { fetchFunc: (url, init) => fetchWhole(url, init, page) });
    const opened = new Classifier(tf, model, contract, backend);
    await opened.classify({ width: 1, height: 1, rgb: new Uint8Array(3) }); // compiles: the first takes longest
    return opened;
  }

  constructor(tf, model, contract, backend) {
    this.tf = tf;
    this.model = model;
    this.input = contract.input;
    this.head = contract.heads.find((head) => head.kind === 'classification');
    this.backend = backend;
  }

  /**
   * Classify a decoded image of any size.
   * @returns {Promise<{scores: Float32Array, milliseconds: number}>} scores in the order of the labels.
   */
  async classify(image) {
    const { tf } = this;
    const start = performance.now();
    const { shape, values } = toPixels(image, this.input);
    const input = tf.tensor(values, [1, ...shape], this.model.inputs[0].dtype === 'float32' ? 'float32' : 'int32');
    const output = this.model.execute({ [this.model.inputs[0].name]: input }, this.head.name);
    const scores = await output.data();
    tf.dispose([input, output]);
    if (scores.length !== this.head.labels.length || !scores.every(Number.isFinite)) {
      throw new Error('The model answered with values that are no scores.');
    }
    return { scores, milliseconds: performance.now() - start };
  }
}

/** Fetch a file of this page; the browser refuses one whose hash is not the delivery's, such as an older one it kept. */
async function fetchWhole(url, init, page) {
  const name = new URL(url, document.baseURI).href.slice(new URL('.', document.baseURI).href.length);
  const wanted = { ...init, integrity: page.integrity[name] };
  const response = await fetch(url, wanted).catch(() => fetch(url, { ...wanted, cache: 'reload' }));
  if (!response.ok) throw new Error(`${name} is missing on the server: ${response.status}.`);
  return response;
}
