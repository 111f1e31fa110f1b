// Runs before the first paint: sets the saved colours and language, so that nothing flashes, and starts
// everything that the first answer needs at once, so that nothing waits for anything else.
"use strict";
(() => {
  const root = document.documentElement;
  const saved = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // Storage may be forbidden; the page works without it.
    }
  };
  const theme = saved("kindling:theme");
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  const language = saved("kindling:language") || navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag)) || "en";
  root.lang = /^zh/i.test(language) ? "zh-CN" : "en";

  // The engine compiles on its own core while the page's own wasm is still on its way. What it says before
  // the page listens is kept; the page takes the worker over and reads `early` first.
  const script = document.querySelector('meta[name="kindling:engine-cpu-worker"]').content;
  if (script) {
    const engine = { worker: new Worker(script, { type: "module" }), early: [], failed: false };
    engine.worker.onmessage = (event) => engine.early.push(event.data);
    engine.worker.onerror = () => (engine.failed = true);
    globalThis.kindlingEngine = engine;
  }

  const page = "{{asset:web.js}}";
  const wasm = "{{asset:web.wasm}}";
  const parsed = new Promise((resolve) => addEventListener("DOMContentLoaded", resolve, { once: true }));
  Promise.all([import(page), parsed])
    .then(([module]) => module.default({ module_or_path: fetch(wasm) }))
    .catch((error) => {
      console.error(error);
      const notice = document.createElement("p");
      notice.className = "noscript";
      notice.setAttribute("role", "alert");
      notice.textContent =
        root.lang === "en"
          ? "The page could not start. A browser from 2023 or later, with WebAssembly, is needed."
          : "页面无法启动。需要 2023 年以后、支持 WebAssembly 的浏览器。";
      const details = document.createElement("details");
      details.className = "noscript details";
      const summary = document.createElement("summary");
      summary.textContent = root.lang === "en" ? "Technical details" : "技术细节";
      details.append(summary, error.message);
      parsed.then(() => document.body.replaceChildren(notice, details));
    });
})();
