// Lets two contenders take turns on one cell. Both must compute the same losses before either is timed.
//
// `cargo xtask bench` opens this page, calls `window.start(order)` and polls `window.state`.

window.state = { said: [], outcome: null };

window.start = (order) => {
  window.state = { said: [], outcome: null };
  compare(order).then(
    (result) => (window.state.outcome = { result }),
    (error) => (window.state.outcome = { error: String(error?.message ?? error) }),
  );
};

const say = (text) => window.state.said.push(text);

async function compare({ cell, names, agree, tolerance, rounds, steps, product, gpu }) {
  const sides = [];
  for (const name of names) {
    say(`${name}: starting`);
    const side = contender(name);
    sides.push(side);
    side.openMs = await side.call("open", name, cell);
    say(`${name}: first step${gpu ? "; kernels are compiled and tuned now, in software that takes minutes" : ""}`);
    const first = await side.call("first");
    side.firstMs = first.ms;
    say(`${name}: first step after ${seconds(first.ms)}; ${agree - 1} more, to compare losses`);
    side.losses = [first.loss, ...(await side.call("losses", agree - 1))];
  }
  const [ours, theirs] = sides.map((side) => side.losses);
  const differences = ours.map((loss, step) => Math.abs(loss - theirs[step]) / Math.abs(theirs[step]));
  // A NaN is greater than any tolerance, and a maximum would lose it.
  const difference = differences.some(Number.isNaN) ? null : Math.max(...differences);
  const result = { losses: [ours, theirs], difference };
  if (difference !== null && difference <= tolerance) {
    await timed();
    Object.assign(result, {
      openMs: sides.map((side) => side.openMs),
      firstMs: sides.map((side) => side.firstMs),
      times: sides.map((side) => side.times),
      productMs: sides.map((side) => side.productMs),
      gpuWork: gpu ? sides.map((side) => side.gpuWork) : null,
    });
  }
  result.faults = [];
  for (const side of sides) result.faults.push(await side.call("fault"));
  return result;

  /** A round of each that does not count, then ABBA. */
  async function timed() {
    for (const [index, side] of sides.entries()) {
      side.times = [];
      // Where a step takes seconds, those of the comparison have warmed it up.
      if (steps[index] === 1) continue;
      say(`${side.name}: warming up`);
      await side.call("time", steps[index]);
    }
    for (let round = 0; round < rounds; round++) {
      for (const index of round % 2 ? [1, 0] : [0, 1])
        sides[index].times.push((await sides[index].call("time", steps[index])) / steps[index]);
      const latest = sides.map((side) => `${side.name} ${side.times.at(-1).toFixed(1)} ms`);
      say(`round ${round + 1} of ${rounds}: ${latest.join(", ")}`);
    }
    for (const [index, side] of sides.entries()) {
      side.productMs = await side.call("product", product.side, product.counts[index]);
      if (gpu) side.gpuWork = await side.call("gpuWork", 2);
    }
  }
}

/** A worker that answers calls one after the other. */
function contender(name) {
  const worker = new Worker("contender.js", { type: "module", name });
  let count = 0;
  const call = (call, ...parameters) =>
    new Promise((resolve, reject) => {
      const id = ++count;
      worker.onmessage = ({ data }) => {
        if (data.id !== id) return;
        if (data.error) reject(new Error(`${name}: ${data.error}`));
        else resolve(data.value);
      };
      worker.onerror = (event) => reject(new Error(`${name}: ${event.message ?? "its worker could not be loaded"}`));
      worker.postMessage({ id, call, parameters });
    });
  return { name, call };
}

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
