// Stands between the engine and WebGPU, because WebGPU fails silently: a shader that the browser rejects
// makes an invalid pipeline, its dispatch is skipped, and whoever reads the result gets stale memory. So
// every module is looked at, every error that nobody caught is heard, and a lost device is noticed. The
// first fault ends the run.
//
// It also repairs two things, found by measuring (burn 0.22, wgpu 30, Chromium 156):
// - kernels begin with `enable subgroups;`, but the feature is not requested from the adapter;
// - some of them call subgroup functions where uniformity analysis can't prove that all threads arrive.

/** Wraps WebGPU in this worker. `report(code, detail)` hears of each fault. */
export function guard(report) {
  const pending = new Set(); // what is still being looked into
  let device = null; // the one the engine computes on

  const lookInto = (look) => {
    pending.add(look);
    look.finally(() => pending.delete(look));
  };

  /** Reports a module that has errors. */
  const inspectModule = (module, label) => {
    const look = module.getCompilationInfo().then(
      ({ messages }) => {
        const error = messages.find((message) => message.type === "error");
        if (error) report("shader_rejected", `${label || "a shader"}, line ${error.lineNum}: ${error.message}`);
      },
      // The device went away meanwhile; that is reported by itself.
      () => {},
    );
    lookInto(look);
  };

  /** Reports an error. A module that may have brought it about says more, so it is heard first. */
  const tellError = (detail) => {
    lookInto(Promise.all(pending).then(() => report("gpu_error", detail)));
  };

  const watch = (made) => {
    device = made;
    made.addEventListener("uncapturederror", (event) => tellError(event.error.message));
    made.lost.then(({ reason, message }) => {
      report("device_lost", `${reason || "unknown reason"}: ${message}`);
    });
    return made;
  };

  if (self.GPUAdapter) {
    const requestDevice = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (descriptor = {}) {
      const features = new Set(descriptor.requiredFeatures ?? []);
      if (this.features.has("subgroups")) features.add("subgroups");
      return watch(await requestDevice.call(this, { ...descriptor, requiredFeatures: [...features] }));
    };
    const createShaderModule = GPUDevice.prototype.createShaderModule;
    GPUDevice.prototype.createShaderModule = function (descriptor) {
      const module = createShaderModule.call(this, { ...descriptor, code: permit(descriptor.code) });
      inspectModule(module, descriptor.label);
      return module;
    };
    // The engine asks for errors in scopes of its own, and some of what it gets it only logs.
    const popErrorScope = GPUDevice.prototype.popErrorScope;
    GPUDevice.prototype.popErrorScope = async function () {
      const error = await popErrorScope.call(this);
      if (!error) return undefined; // wgpu 30.0.0 takes `null` for an error and panics; 30.0.1 does not
      tellError(`${error.constructor.name}: ${error.message}`);
      return error;
    };
  }

  return {
    /** Is there an adapter, and has it what the engine needs? */
    async inspect() {
      if (!self.navigator.gpu) return { adapter: null, problem: "this browser has no WebGPU" };
      const adapter = await navigator.gpu.requestAdapter();
      if (!adapter) return { adapter: null, problem: "WebGPU found no adapter" };
      const { vendor, architecture, description } = adapter.info;
      const name = [vendor, architecture, description].filter(Boolean).join(" ") || "WebGPU adapter";
      // Kernels are tuned by time stamps, and written with subgroups.
      const lacks = ["timestamp-query", "subgroups"].filter((feature) => !adapter.features.has(feature));
      return { adapter: name, problem: lacks.length ? `the adapter lacks ${lacks.join(" and ")}` : null };
    },

    /** Answers when no module is left whose fate is unknown; a rejected one was reported before. */
    async settled() {
      while (pending.size) await Promise.all(pending);
    },

    /** For tests: makes a fault happen where the real one would. */
    inject(what) {
      if (!device) throw new Error("there is no device to break");
      if (what === "rejected_shader") {
        // In an error scope, as the engine makes its own modules: there the error reaches no listener.
        device.pushErrorScope("validation");
        device.createShaderModule({ label: "injected", code: "fn main( {" });
        device.popErrorScope();
      } else if (what === "uncaptured_error") {
        device.createBuffer({ size: 16, usage: 0 });
        device.queue.submit([]); // sends it off, as the engine's next step would
      } else if (what === "lose_device") {
        device.destroy();
      } else {
        throw new Error(`no such fault: ${what}`);
      }
    },
  };
}

/** Puts the directive that turns uniformity errors of subgroup functions off behind the `enable` lines. */
function permit(code) {
  if (!/\benable\s+subgroups\b|\bsubgroup[A-Z]/.test(code)) return code;
  const enables = code.match(/^(?:\s*(?:enable|requires|diagnostic)\b[^;]*;)*/)[0];
  return `${enables}\ndiagnostic(off, subgroup_uniformity);\n${code.slice(enables.length)}`;
}
