// Our engine: the same crate as the product's worker, built with its `bench` feature.

import { LEARNING_RATE, channelsFirst } from "./cells.js";

export async function open(engine) {
  let fault = null;
  // As in the product: the guard stands around WebGPU before the device is made.
  if (engine === "gpu") {
    const { guard } = await import("./gpu-guard.js");
    self.kindlingGuard = guard((code, detail) => (fault ??= `${code}: ${detail}`));
  }
  const module = await import(`./bench-${engine}.js`);
  await module.default({ module_or_path: `bench-${engine}.wasm` });
  const device = await module.bench_device();
  return {
    cell(cell, weights, data) {
      const bench = new module.Bench(device, cell, LEARNING_RATE, channelsFirst(cell, weights));
      for (const { x, y } of data) bench.batch(x, y);
      return {
        losses: async (steps) => Array.from(await bench.losses(steps)),
        run: (steps) => bench.run(steps),
      };
    },
    products: (side, count) => device.products(side, count),
    fault: () => fault,
  };
}
