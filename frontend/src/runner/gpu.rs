//! Is WebGPU here, and is it right? The self-test and its remembered outcome.
//!
//! SIGNATURES: bodies follow.

/// What was found, and what the self-test came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTest {
    pub adapter: Option<String>,
    pub passed: bool,
    pub problem: Option<String>,
    pub checks: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// This build has no GPU engine (`--cpu-only`).
    NotBuilt,
    /// The browser has no WebGPU.
    NoWebGpu,
    NoAdapter,
    /// An adapter; its name.
    Adapter(String),
}

/// Looks for an adapter; cheap, starts no engine.
pub async fn find() -> Found;
/// The outcome of the last self-test on this adapter with this version of the program.
pub fn remembered(adapter: &str) -> Option<SelfTest>;
/// Fetches the GPU engine and runs the self-test; `on_check` sees each check as it comes.
pub async fn self_test(on_check: impl FnMut(&Check) + 'static) -> SelfTest;
