// The training cells, ours and TensorFlow.js's, in one page: the same initial weights, the same batches,
// the same optimiser. A cell first proves that both sides compute the same losses; only then is it timed.
//
// `cargo xtask bench` serves this page, calls `window.bench(cell)` and prints what comes back.

const LEARNING_RATE = 1e-3;

/** Cells as the field notes define them: C1 is an MLP, C2 the Keras MNIST CNN without its dropout. */
const CELLS = {
  mlp: { batch: 128, agree: 50, timed: 200, shapes: mlpShapes(), forward: mlpForward },
  cnn: { batch: 64, agree: 10, timed: 50, shapes: cnnShapes(), forward: cnnForward },
};

function mlpShapes() {
  return [[784, 512], [512], [512, 512], [512], [512, 10], [10]];
}

// TensorFlow.js's layout: convolution kernels [height, width, in, out], dense kernels [in, out].
function cnnShapes() {
  return [[3, 3, 1, 32], [32], [3, 3, 32, 64], [64], [9216, 128], [128], [128, 10], [10]];
}

function mlpForward([w1, b1, w2, b2, w3, b3], x) {
  const first = tf.relu(tf.add(tf.matMul(x, w1), b1)); // [batch, 512]
  const second = tf.relu(tf.add(tf.matMul(first, w2), b2)); // [batch, 512]
  return tf.add(tf.matMul(second, w3), b3); // [batch, 10]
}

function cnnForward([k1, b1, k2, b2, w3, b3, w4, b4], x) {
  const pictures = tf.reshape(x, [-1, 28, 28, 1]);
  const first = tf.relu(tf.add(tf.conv2d(pictures, k1, 1, "valid"), b1)); // [batch, 26, 26, 32]
  const second = tf.relu(tf.add(tf.conv2d(first, k2, 1, "valid"), b2)); // [batch, 24, 24, 64]
  const pooled = tf.reshape(tf.maxPool(second, 2, 2, "valid"), [-1, 9216]);
  const dense = tf.relu(tf.add(tf.matMul(pooled, w3), b3)); // [batch, 128]
  return tf.add(tf.matMul(dense, w4), b4); // [batch, 10]
}

/** A small generator with a seed (mulberry32): both sides start from these numbers. */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Kaiming-uniform weights, zero biases, in TensorFlow.js's layout. */
function initialWeights(shapes) {
  const next = uniform(7);
  return shapes.map((shape) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (shape.length === 1) return values;
    const bound = Math.sqrt(6 / shape.slice(0, -1).reduce((product, size) => product * size, 1));
    return values.map(() => (next() * 2 - 1) * bound);
  });
}

/** Our engine keeps pictures channels first: kernels become [out, in, height, width] and the rows of the
 * dense layer behind the convolutions are reordered from (y, x, channel) to (channel, y, x). */
function channelsFirst(cell, weights) {
  if (cell !== "cnn") return weights;
  const kernel = (values, inputs, outputs) => {
    const result = new Float32Array(values.length);
    for (let place = 0; place < 9; place++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++)
          result[(o * inputs + i) * 9 + place] = values[(place * inputs + i) * outputs + o];
    return result;
  };
  const rows = (values, places, channels, outputs) => {
    const result = new Float32Array(values.length);
    for (let place = 0; place < places; place++)
      for (let channel = 0; channel < channels; channel++)
        result.set(
          values.subarray((place * channels + channel) * outputs, (place * channels + channel + 1) * outputs),
          (channel * places + place) * outputs,
        );
    return result;
  };
  const [k1, b1, k2, b2, w3, b3, w4, b4] = weights;
  return [kernel(k1, 1, 32), b1, kernel(k2, 32, 64), b2, rows(w3, 144, 64, 128), b3, w4, b4];
}

async function batches(cell) {
  const { batch } = CELLS[cell];
  const pixels = new Uint8Array(await (await fetch("images.bin")).arrayBuffer());
  const labels = new Uint8Array(await (await fetch("labels.bin")).arrayBuffer());
  const count = Math.floor(labels.length / batch);
  return Array.from({ length: count }, (_, index) => ({
    x: Float32Array.from(pixels.subarray(index * batch * 784, (index + 1) * batch * 784), (byte) => byte / 255),
    y: Int32Array.from(labels.subarray(index * batch, (index + 1) * batch)),
  }));
}

/** TensorFlow.js on one of its backends. */
async function tensorflow(backend, cell, weights, data) {
  if (backend === "wasm") tf.wasm.setWasmPaths("tf/");
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await tf.ready();
  const { shapes, forward, batch } = CELLS[cell];
  const variables = weights.map((values, index) => tf.variable(tf.tensor(values, shapes[index])));
  const inputs = data.map(({ x, y }) => ({
    x: tf.tensor2d(x, [batch, 784]),
    y: tf.tidy(() => tf.oneHot(tf.tensor1d(y, "int32"), 10).toFloat()),
  }));
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
  let step = 0;
  const train = () => {
    const { x, y } = inputs[step++ % inputs.length];
    return optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, forward(variables, x)), true, variables);
  };
  return {
    /** Losses of every step: reads back each time, so never timed. */
    async losses(steps) {
      const result = [];
      for (let i = 0; i < steps; i++) {
        const loss = train();
        result.push((await loss.data())[0]);
        loss.dispose();
      }
      return result;
    },
    /** Milliseconds for so many steps; one read at the end depends on all of them. */
    async time(steps) {
      const start = performance.now();
      let loss;
      for (let i = 0; i < steps; i++) {
        if (loss) loss.dispose();
        loss = train();
      }
      await loss.data();
      loss.dispose();
      return performance.now() - start;
    },
    end() {
      tf.disposeVariables();
      inputs.forEach(({ x, y }) => (x.dispose(), y.dispose()));
    },
  };
}

/** Our engine: the same crate as the product's worker, built with its `bench` feature. */
async function kindling(engine, cell, weights, data) {
  const { Bench, device } = await loadEngine(engine);
  const bench = new Bench(device, cell, LEARNING_RATE, channelsFirst(cell, weights));
  for (const { x, y } of data) bench.batch(x, y);
  return {
    losses: async (steps) => Array.from(await bench.losses(steps)),
    async time(steps) {
      const start = performance.now();
      await bench.run(steps);
      return performance.now() - start;
    },
    end: () => bench.free(),
  };
}

const engines = {};
let gpuFault = null;

async function loadEngine(engine) {
  if (!engines[engine]) {
    // As in the product: the guard stands around WebGPU before the device is made.
    if (engine === "gpu") {
      const { guard } = await import("./gpu-guard.js");
      self.kindlingGuard = guard((code, detail) => (gpuFault ??= `${code}: ${detail}`));
    }
    const module = await import(`./bench-${engine}.js`);
    await module.default({ module_or_path: `bench-${engine}.wasm` });
    engines[engine] = { Bench: module.Bench, device: await module.bench_device() };
  }
  return engines[engine];
}

function contender(name, cell, weights, data) {
  const [side, backend] = name.split(":");
  return side === "kindling" ? kindling(backend, cell, weights, data) : tensorflow(backend, cell, weights, data);
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Two contenders on one cell. Order ABBA..., `rounds` timings each after one warm-up of both. */
window.bench = async ({ cell, ours, peer, rounds, timed, agree }) => {
  const definition = CELLS[cell];
  const steps = timed ?? definition.timed;
  const weights = initialWeights(definition.shapes);
  const data = await batches(cell);
  const sides = [await contender(ours, cell, weights, data), await contender(peer, cell, weights, data)];
  const losses = [];
  for (const side of sides) losses.push(await side.losses(agree ?? definition.agree));
  const times = [[], []];
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 ? [1, 0] : [0, 1]) times[side].push((await sides[side].time(steps)) / steps);
  sides.forEach((side) => side.end());
  const [mine, theirs] = times.map(median);
  return { cell, ours, peer, losses, times, msPerStep: [mine, theirs], ratio: theirs / mine, fault: gpuFault };
};
