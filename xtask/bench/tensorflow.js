// The peer: TensorFlow.js on one of its backends, written as its own examples write a training step.

import { CELLS, LEARNING_RATE } from "./cells.js";

// A bias is added by the product itself where TensorFlow.js can: with a gradient to come, it can without ReLU.
const dense = (x, kernel, bias) => tf.fused.matMul({ a: x, b: kernel, bias, activation: "linear" });
const convolution = (x, filter, bias) =>
  tf.fused.conv2d({ x, filter, strides: 1, pad: "valid", bias, activation: "linear" });

const FORWARD = {
  mlp([w1, b1, w2, b2, w3, b3], x) {
    const first = tf.relu(dense(x, w1, b1)); // [batch, 512]
    const second = tf.relu(dense(first, w2, b2)); // [batch, 512]
    return dense(second, w3, b3); // [batch, 10]
  },
  cnn([k1, b1, k2, b2, w3, b3, w4, b4], x) {
    const pictures = tf.reshape(x, [-1, 28, 28, 1]);
    const first = tf.relu(convolution(pictures, k1, b1)); // [batch, 26, 26, 32]
    const second = tf.relu(convolution(first, k2, b2)); // [batch, 24, 24, 64]
    const pooled = tf.reshape(tf.maxPool(second, 2, 2, "valid"), [-1, 9216]);
    return dense(tf.relu(dense(pooled, w3, b3)), w4, b4); // [batch, 10]
  },
};

export async function open(backend) {
  await import("./tf/tf.es2017.min.js");
  if (backend !== "cpu") await import(`./tf/tf-backend-${backend}.es2017.min.js`);
  if (backend === "wasm") tf.wasm.setWasmPaths(new URL("tf/", self.location.href).href);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  await tf.ready();
  return { cell: (cell, weights, data) => prepare(cell, weights, data), products, fault: () => null };
}

function prepare(cell, weights, data) {
  const { shapes, batch } = CELLS[cell];
  const variables = weights.map((values, index) => tf.variable(tf.tensor(values, shapes[index])));
  const inputs = data.map(({ x, y }) => ({
    x: tf.tensor2d(x, [batch, 784]),
    y: tf.tidy(() => tf.oneHot(tf.tensor1d(y, "int32"), 10).toFloat()),
  }));
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
  let step = 0;
  const train = () => {
    const { x, y } = inputs[step++ % inputs.length];
    return optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, FORWARD[cell](variables, x)), true, variables);
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
    /** So many steps; the one read at the end depends on every new weight. */
    async run(steps) {
      for (let i = 0; i < steps; i++) train().dispose();
      await read(() => tf.addN(variables.map((variable) => tf.slice(tf.reshape(variable, [-1]), 0, 1))));
    },
  };
}

/** Products of two square matrices, one after the other: how fast the backend multiplies and nothing else. */
async function products(side, count) {
  await read(() => {
    const mean = tf.fill([side, side], 1 / side);
    let product = mean;
    for (let i = 0; i < count; i++) product = tf.matMul(mean, product);
    return tf.slice(product, 0, 1);
  });
}

async function read(compute) {
  const value = tf.tidy(compute);
  await value.data();
  value.dispose();
}
