// One side of a cell, in a worker of its own as in the product: neither side runs in what the other left behind.
// Answers `{id, call, parameters}` with `{id, value}` or `{id, error}`.

import { batches, initialWeights } from "./cells.js";
import { countGpuWork } from "./gpu-work.js";

let side; // the engine or the backend
let cell; // its network, optimiser and batches

const CALLS = {
  /** `name` is `kindling:cpu` or `tensorflow:wasm`. Milliseconds until it could take a step. */
  async open(name, cellName) {
    const [weights, data] = [initialWeights(cellName), await batches(cellName)];
    const [program, backend] = name.split(":");
    return clock(async () => {
      side = await (await import(`./${program}.js`)).open(backend);
      cell = side.cell(cellName, weights, data);
    });
  },

  /** The very first step: whatever is compiled, tuned or uploaded late is in it. */
  async first() {
    let losses;
    const ms = await clock(async () => (losses = await cell.losses(1)));
    return { ms, loss: losses[0] };
  },

  losses: (steps) => cell.losses(steps),

  /** Milliseconds of so many steps. */
  time: (steps) => clock(() => cell.run(steps)),

  /** Milliseconds of one product of two square matrices, after one that is not timed. */
  async product(width, count) {
    await side.products(width, 1);
    return (await clock(() => side.products(width, count))) / count;
  },

  /** Kernels and submissions that one step hands to the GPU. */
  async gpuWork(steps) {
    const work = await countGpuWork(() => cell.run(steps));
    return { kernels: work.kernels / steps, submissions: work.submissions / steps };
  },

  fault: () => side.fault(),
};

async function clock(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

self.onmessage = async ({ data: { id, call, parameters } }) => {
  try {
    self.postMessage({ id, value: await CALLS[call](...parameters) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.stack ?? error) });
  }
};
