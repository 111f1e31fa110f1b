// The CPU engine's worker: loads the wasm and passes messages. Everything else is Rust (frontend/engine).
import init, { answer, join, receive, start } from "{{asset:engine-cpu.js}}";

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

let take = (data) => receive(data.json, data.buffers);
if (self.name === "crew") {
  // A worker beside a run: the engine that started it hands over its module and a part of a lab, and then asks.
  while (!early.length) await new Promise((resolve) => self.addEventListener("message", resolve, { once: true }));
  const { module, lab, setup } = early.shift();
  await init({ module_or_path: module });
  join(lab, setup);
  take = answer;
} else {
  await init({ module_or_path: "{{asset:engine-cpu.wasm}}" });
  await start();
}
self.onmessage = (event) => take(event.data);
for (const data of early) take(data);
