// The training cells: shapes, initial weights and batches, the same for both sides.

/** Small: two computations that differ by rounding alone then stay together for fifty steps of Adam. */
export const LEARNING_RATE = 1e-4;

/** C1 is an MLP; C2 is the Keras example CNN for MNIST, without its dropout. Shapes are in TensorFlow.js's
 * layout: convolution kernels [height, width, in, out], dense kernels [in, out]. */
export const CELLS = {
  mlp: { batch: 128, shapes: [[784, 512], [512], [512, 512], [512], [512, 10], [10]] },
  cnn: { batch: 64, shapes: [[3, 3, 1, 32], [32], [3, 3, 32, 64], [64], [9216, 128], [128], [128, 10], [10]] },
};

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

/** As Keras draws them: Glorot-uniform weights, zero biases. */
export function initialWeights(cell) {
  const next = uniform(7);
  return CELLS[cell].shapes.map((shape) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (shape.length === 1) return values;
    const [inputs, outputs] = shape.slice(-2);
    const bound = Math.sqrt((6 * inputs * outputs) / values.length / (inputs + outputs));
    return values.map(() => (next() * 2 - 1) * bound);
  });
}

/** Batches of MNIST: `x` are pixels from 0 to 1, `y` are labels. */
export async function batches(cell) {
  const { batch } = CELLS[cell];
  const load = async (file) => new Uint8Array(await (await fetch(file)).arrayBuffer());
  const [pixels, labels] = [await load("images.bin"), await load("labels.bin")];
  return Array.from({ length: Math.floor(labels.length / batch) }, (_, index) => ({
    x: Float32Array.from(pixels.subarray(index * batch * 784, (index + 1) * batch * 784), (byte) => byte / 255),
    y: Int32Array.from(labels.subarray(index * batch, (index + 1) * batch)),
  }));
}

/** Our engine keeps pictures channels first: kernels become [out, in, height, width] and the rows of the
 * dense layer behind the convolutions are reordered from (y, x, channel) to (channel, y, x). */
export function channelsFirst(cell, weights) {
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
