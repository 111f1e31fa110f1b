// The CPU engine's worker: loads the wasm and passes messages. Everything else is Rust (frontend/engine).
import init, { receive, start } from "{{asset:engine-cpu.js}}";

// Messages that come before the engine is there wait here.
const early = [];
self.onmessage = (event) => early.push(event.data);

// A trap (memory ran out, the stack overflowed) says nothing by itself, so it is said here.
const trap = (error) => {
  const detail = String(error?.message ?? error);
  const code = /memory|allocat/i.test(detail) ? "out_of_memory" : "crashed";
  self.postMessage({ json: JSON.stringify({ message: "broken", code, detail }), buffers: [] });
};
self.addEventListener("error", (event) => {
  event.preventDefault();
  trap(event.error ?? event.message);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  trap(event.reason);
});

await init({ module_or_path: "{{asset:engine-cpu.wasm}}" });
await start();
self.onmessage = (event) => receive(event.data.json, event.data.buffers);
for (const data of early) receive(data.json, data.buffers);
