//! What is compared, how long each timing lasts, and what the project set out to reach.

pub struct Cell {
    /// As the page calls it.
    pub name: &'static str,
    pub title: &'static str,
    pub sides: [&'static str; 2],
    /// Steps of one timing, a side each: long enough that one read at the end is nothing.
    pub steps: [u32; 2],
    /// Steps whose losses are compared before anything is timed.
    pub agree: u32,
    /// Ours at least so many times as fast. None: only to be seen.
    pub goal: Option<f64>,
    pub gpu: bool,
    /// Operations of one step: two a multiply-add of the forward pass, of the gradient of the weights and of the
    /// gradient of the inputs, which the first layer's inputs don't need.
    pub flop: f64,
    /// Matrix products that say how fast each side multiplies at best: so many, of matrices with this side.
    pub product: (u32, [u32; 2]),
}

const MLP: &str = "784-512-512-10, batch 128, Adam";
const MLP_FLOP: f64 = 2.0 * 128.0 * (2.0 * 784.0 * 512.0 + 3.0 * (512.0 * 512.0 + 512.0 * 10.0));

const CNN: &str = "3x3 convolutions 32 and 64, pooling, dense 128, batch 64, Adam";
const CNN_FLOP: f64 = 2.0
    * 64.0
    * (2.0 * 26.0 * 26.0 * 9.0 * 32.0 + 3.0 * (24.0 * 24.0 * 9.0 * 32.0 * 64.0 + 9216.0 * 128.0 + 128.0 * 10.0));

pub const CELLS: &[Cell] = &[
    Cell {
        name: "mlp",
        title: MLP,
        sides: ["kindling:cpu", "tensorflow:wasm"],
        steps: [100, 20],
        agree: 50,
        goal: Some(2.0),
        gpu: false,
        flop: MLP_FLOP,
        product: (512, [10, 10]),
    },
    Cell {
        name: "cnn",
        title: CNN,
        sides: ["kindling:cpu", "tensorflow:cpu"],
        // The peer takes seconds a step.
        steps: [10, 1],
        agree: 3,
        goal: Some(40.0),
        gpu: false,
        flop: CNN_FLOP,
        product: (512, [10, 1]),
    },
    Cell {
        name: "mlp",
        title: MLP,
        sides: ["kindling:gpu", "tensorflow:webgpu"],
        // WebGPU in software takes seconds a step, on both sides.
        steps: [4, 4],
        agree: 10,
        goal: Some(1.0),
        gpu: true,
        flop: MLP_FLOP,
        product: (512, [2, 2]),
    },
];

impl Cell {
    /// What `--only` is looked for in.
    pub fn line(&self) -> String {
        format!("{} {} {}", self.name, self.sides[0], self.sides[1])
    }
}
