//! Words of the page "Your engine".

use kindling_protocol::text::{Language, Text, text};

pub static TITLE: Text = text("Your engine", "你的引擎");
pub static LEAD: Text = text(
    "What computes in this browser, and whether it computes right. A GPU is trusted only after every kernel agreed with the CPU.",
    "这个浏览器里由什么来计算，算得对不对。只有每个算子都与 CPU 一致，GPU 才会被采用。",
);

pub static CPU: Text = text("CPU", "CPU");
pub static GPU: Text = text("GPU", "GPU");
pub static DEVICE: Text = text("Device", "设备");
pub static ADAPTER: Text = text("Adapter", "适配器");
pub static CORES: Text = text("Cores", "核心数");
pub static CPU_ROLE: Text = text(
    "Answers every drawing, and trains where no GPU is faster and right. Same seed, same bits, on any machine.",
    "负责识别每一笔；在没有更快且正确的 GPU 时也负责训练。相同的种子，在任何机器上结果逐位相同。",
);
pub static GPU_ROLE: Text = text(
    "Trains larger models. Its engine is fetched only when you ask for it.",
    "训练较大的模型。只在你需要时才下载它的引擎。",
);
pub static STARTING: Text = text("starting …", "正在启动……");
pub static READY: Text = text("ready", "就绪");
pub static LOOKING: Text = text("Looking for a GPU …", "正在查找 GPU……");
pub static NOT_BUILT: Text = text(
    "This copy of Kindling was built without the GPU engine. Everything works on the CPU.",
    "这份 Kindling 构建时未包含 GPU 引擎。所有功能都可在 CPU 上运行。",
);
pub static NO_ADAPTER: Text = text(
    "This browser has WebGPU but found no adapter that it wants to use. Everything works on the CPU.",
    "这个浏览器支持 WebGPU，但没有找到可用的适配器。所有功能都可在 CPU 上运行。",
);
pub static NO_WEBGPU: Text = text(
    "This browser offers no WebGPU on this page. Everything works on the CPU; for the GPU:",
    "这个浏览器在此页面上不提供 WebGPU。所有功能都可在 CPU 上运行；若要使用 GPU：",
);

pub static VERDICT_GPU: Text = text("The GPU is right", "GPU 计算正确");
pub static VERDICT_CPU: Text = text("The CPU computes", "由 CPU 计算");
pub static VERDICT_UNTESTED: Text = text("Not tested yet", "尚未检查");
pub static MEANS_FASTER: Text = text(
    "Every kernel agrees with the CPU, and together they took less time than there. Training may run on either.",
    "每个算子都与 CPU 一致，且总用时更短。训练可以在两者中任选。",
);
pub static MEANS_SLOWER: Text = text(
    "Every kernel agrees with the CPU, but for kernels this small the CPU is faster here. Large models may still gain; small ones stay on the CPU.",
    "每个算子都与 CPU 一致，但对这样小的算子，这里 CPU 更快。大模型仍可能受益，小模型留在 CPU 上。",
);
pub static MEANS_WRONG: Text = text(
    "At least one kernel gave another result than the CPU, or none in time. A model trained there would be wrong without telling, so the GPU is not used. An update of the browser or the driver often helps.",
    "至少有一个算子的结果与 CPU 不同，或未能及时算出。在那里训练的模型会悄悄出错，因此不使用 GPU。更新浏览器或驱动往往能解决。",
);
pub static MEANS_BROKEN: Text = text(
    "The self-test could not be carried through, so the GPU is not used. An update of the browser or the driver often helps.",
    "自检未能完成，因此不使用 GPU。更新浏览器或驱动往往能解决。",
);
pub static MEANS_UNTESTED: Text = text(
    "The self-test fetches the GPU engine, runs some two dozen small kernels on the GPU and on the CPU, and compares them. It takes a few seconds, more the first time.",
    "自检会下载 GPU 引擎，在 GPU 和 CPU 上各运行二十多个小算子并比较结果。需要几秒钟，首次稍久。",
);

pub static RUN: Text = text("Run the self-test", "运行自检");
pub static RUN_AGAIN: Text = text("Run it again", "再运行一次");
pub static CANCEL: Text = text("Cancel", "取消");
pub static RUNNING: Text = text("Fetching the engine and preparing kernels …", "正在下载引擎并准备算子……");
pub static CHECKS: Text = text("Kernel by kernel", "逐个算子");
pub static KERNEL: Text = text("Kernel", "算子");
pub static SHAPE: Text = text("Shape", "形状");
pub static DIFFERENCE: Text = text("Difference", "差异");
pub static ALLOWED: Text = text("Allowed", "允许");
pub static GPU_MS: Text = text("GPU, ms", "GPU，毫秒");
pub static CPU_MS: Text = text("CPU, ms", "CPU，毫秒");
pub static RESULT: Text = text("Result", "结果");
pub static RIGHT: Text = text("right", "正确");
pub static WRONG: Text = text("wrong", "错误");
pub static TOO_SLOW: Text = text("no result in time", "超时，没有结果");
pub static NOTE: Text = text(
    "Difference: the greatest of any value, over the greatest value of the reference. Times: the median of a few runs, reading back included.",
    "差异：各值之差的最大值，除以参考结果中的最大值。用时：数次运行的中位数，含读回结果。",
);

pub static ADVICE_CHROME: Text = text(
    "Chrome and Edge have it since version 113 (Android: 121). On Linux, open chrome://flags and enable Vulkan and “Unsafe WebGPU Support”; check chrome://gpu for a blocked driver.",
    "Chrome 和 Edge 自 113 版起支持（Android：121）。在 Linux 上，请在 chrome://flags 中启用 Vulkan 和 “Unsafe WebGPU Support”，并在 chrome://gpu 查看驱动是否被屏蔽。",
);
pub static ADVICE_FIREFOX: Text = text(
    "Firefox has it on Windows since 141 and on newer Macs since 145. Elsewhere set dom.webgpu.enabled to true in about:config, or use Chrome or Edge.",
    "Firefox 自 141 版起在 Windows 上支持，自 145 版起在较新的 Mac 上支持。其他系统请在 about:config 中将 dom.webgpu.enabled 设为 true，或改用 Chrome 或 Edge。",
);
pub static ADVICE_SAFARI: Text = text(
    "Safari has it since version 26. Before that: Settings, Advanced, Feature Flags, WebGPU.",
    "Safari 自 26 版起支持。更早的版本：设置 → 高级 → 功能标志 → WebGPU。",
);
pub static ADVICE_OTHER: Text = text(
    "A current Chrome, Edge, Firefox or Safari has it on most machines.",
    "在大多数机器上，最新的 Chrome、Edge、Firefox 或 Safari 都支持。",
);
pub static ADVICE_INSECURE: Text = text(
    "Browsers offer WebGPU only on https and on localhost. Open this page at one of them.",
    "浏览器只在 https 和 localhost 上提供 WebGPU。请用其中之一打开本页面。",
);

/// How far the self-test is.
pub fn progress(language: Language, done: usize) -> String {
    match language {
        Language::En if done == 1 => "1 kernel compared".to_string(),
        Language::En => format!("{done} kernels compared"),
        Language::Zh => format!("已比较 {done} 个算子"),
    }
}

/// What a run waits for that is the first on this GPU.
pub fn awaited(language: Language, done: usize) -> String {
    match language {
        Language::En => format!("The GPU is checked first: {}", progress(language, done)),
        Language::Zh => format!("先检查 GPU：{}", progress(language, done)),
    }
}

pub fn passed(language: Language, passed: usize, count: usize) -> String {
    match language {
        Language::En => format!("{passed} of {count} agree with the CPU"),
        Language::Zh => format!("{count} 个中有 {passed} 个与 CPU 一致"),
    }
}
