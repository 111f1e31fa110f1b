// Counts what is handed to the GPU: on small networks the number of launches is the time.

/** Runs `work` and counts its dispatches and submissions, whoever makes them. */
export async function countGpuWork(work) {
  const counts = { kernels: 0, submissions: 0 };
  const counted = [
    [self.GPUComputePassEncoder, "dispatchWorkgroups", "kernels"],
    [self.GPUComputePassEncoder, "dispatchWorkgroupsIndirect", "kernels"],
    [self.GPUQueue, "submit", "submissions"],
  ];
  const originals = counted.map(([type, method, name]) => {
    const original = type.prototype[method];
    type.prototype[method] = function (...parameters) {
      counts[name] += 1;
      return original.apply(this, parameters);
    };
    return original;
  });
  try {
    await work();
  } finally {
    counted.forEach(([type, method], index) => (type.prototype[method] = originals[index]));
  }
  return counts;
}
