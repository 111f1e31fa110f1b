// The GPU engine's worker: puts the guard around WebGPU, loads the wasm and passes messages. Everything
// else is Rust (frontend/engine).
import { guard } from "{{asset:gpu-guard.js}}";
import init, { receive, silence, start } from "{{asset:engine-gpu.js}}";

const early = [];
self.onmessage = (event) => early.push(event.data);

// The first cause is told, and nothing after it.
let told = false;
const tell = (code, detail) => {
  if (told) return;
  told = true;
  self.postMessage({ json: JSON.stringify({ message: "broken", code, detail }), buffers: [] });
};

// When the GPU goes away, code above it panics before the guard has heard why. So a panic waits a moment for
// a better cause, and a trap, which says least of all, waits longer.
const PANIC_MS = 200;
const TRAP_MS = 400;
const trap = (error) => {
  const detail = String(error?.message ?? error);
  const code = /memory|allocat/i.test(detail) ? "out_of_memory" : "crashed";
  setTimeout(() => tell(code, detail), TRAP_MS);
};
self.addEventListener("error", (event) => {
  event.preventDefault();
  trap(event.error ?? event.message);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  trap(event.reason);
});

await init({ module_or_path: "{{asset:engine-gpu.wasm}}" });
// Before the device is made: what comes later can't be wrapped any more.
const watched = guard((code, detail) => {
  tell(code, detail);
  silence();
});
self.kindlingGuard = { ...watched, panicked: (detail) => setTimeout(() => tell("internal", detail), PANIC_MS) };
await start();
self.onmessage = (event) => receive(event.data.json, event.data.buffers);
for (const data of early) receive(data.json, data.buffers);
