// Answers for one TensorFlow.js graph model: node tfjs_runner.mjs NODE_MODULES BACKEND
//
// Reads the frames of runtimes/process/frames.py on stdin: first model.json and its weights, then batches of pixels. Answers each
// on stdout. The model is data: nothing of it is run but operators that TensorFlow.js knows, and no file is read for it.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [packages, backend] = process.argv.slice(2);
const require = createRequire(join(packages, 'runner.js'));
const reply = process.stdout.write.bind(process.stdout);
console.log = console.info = console.debug = console.warn = console.error; // stdout is for frames

const tf = require('@tensorflow/tfjs-core');
const { loadGraphModel } = require('@tensorflow/tfjs-converter');
require(`@tensorflow/tfjs-backend-${backend}`);

const TYPES = { '<f4': Float32Array, '<i4': Int32Array, '|u1': Uint8Array };
const CODES = { float32: '<f4', int32: '<i4', bool: '|u1' };

let waiting = Buffer.alloc(0);
const chunks = process.stdin[Symbol.asyncIterator]();

async function take(size) {
  const parts = [waiting];
  let there = waiting.length;
  while (there < size) {
    const { value, done } = await chunks.next();
    if (done) process.exit(0);
    parts.push(value);
    there += value.length;
  }
  const all = Buffer.concat(parts);
  waiting = all.subarray(size);
  return all.subarray(0, size);
}

async function readFrame() {
  const header = JSON.parse(await take((await take(4)).readUInt32LE(0)));
  const arrays = [];
  for (const { dtype, shape } of header.arrays) {
    const Type = TYPES[dtype];
    const size = shape.reduce((product, side) => product * side, 1);
    const bytes = Uint8Array.from(await take(size * Type.BYTES_PER_ELEMENT)); // a copy, so that it begins at 0
    arrays.push({ values: new Type(bytes.buffer), shape });
  }
  return { header, arrays };
}

function writeFrame(header, tensors = []) {
  const arrays = tensors.map((tensor) => ({ dtype: CODES[tensor.dtype], shape: tensor.shape }));
  const text = Buffer.from(JSON.stringify({ ...header, arrays }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const values = tensors.map((tensor) => tensor.dataSync());
  reply(Buffer.concat([length, text, ...values.map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength))]));
}

async function open(json, weights) {
  if (backend === 'wasm') {
    const wasm = require('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  }
  if (!(await tf.setBackend(backend))) throw new Error(`backend ${backend} cannot be used here`);
  const model = await loadGraphModel(
    tf.io.fromMemory({
      ...json,
      weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
      weightData: weights.buffer,
    }),
  );
  const described = (list) => list.map(({ name, dtype, shape }) => ({ name, dtype: dtype ?? 'unknown', shape: shape ?? null }));
  const names = Object.keys(json.signature?.outputs ?? {});
  return { model, names: names.length ? names : model.outputNodes, inputs: described(model.inputs), outputs: described(model.outputs) };
}

let opened = null;
for (;;) {
  const { header, arrays } = await readFrame();
  try {
    if (header.model) {
      opened = await open(header.model, arrays[0].values);
      writeFrame({ node: process.versions.node, inputs: opened.inputs, outputs: opened.outputs });
      continue;
    }
    const { model, names, inputs } = opened;
    tf.tidy(() => {
      const answers = model.execute({ [inputs[0].name]: tf.tensor(arrays[0].values, arrays[0].shape, inputs[0].dtype) }, names);
      writeFrame({ names }, [].concat(answers));
    });
  } catch (error) {
    writeFrame({ refused: String(error?.message ?? error).slice(0, 2000) });
  }
}
