//! What this machine can compute on: `cpu` always, `gpu` where wgpu finds one, `cuda:0` in a build with CUDA.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use kindling_labs::burn::tensor::Device;
use serde::{Deserialize, Serialize};

/// The CPU. Always there, and the default: it is the one that gives the same bits everywhere.
pub const CPU: &str = "cpu";

/// Makes the device of that name. Of a GPU that is not there the driver decides whether this panics.
pub fn device(name: &str) -> anyhow::Result<Device> {
    match name {
        CPU => Ok(Device::flex()),
        #[cfg(feature = "wgpu")]
        "gpu" => Ok(Device::wgpu(kindling_labs::burn::tensor::DeviceKind::DefaultDevice)),
        #[cfg(feature = "cuda")]
        _ if name.starts_with("cuda:") => {
            let index: usize = name["cuda:".len()..].parse().context("after `cuda:` comes a number")?;
            Ok(Device::cuda(index))
        }
        _ => bail!("there is no device `{name}`; there are: cpu, gpu (a build with wgpu), cuda:0 (a build with CUDA)"),
    }
}

/// How long a graphics driver may take to answer.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// As [`device`], after a look whether it is there.
pub fn device_that_is_here(name: &str) -> anyhow::Result<Device> {
    if name == "gpu" || name.starts_with("cuda:") {
        let names = find(PATIENCE)?.names();
        if !names.iter().any(|known| known == name) {
            bail!("there is no `{name}` on this machine; there is: {} (`kindling doctor` says more)", names.join(", "));
        }
    }
    device(name)
}

/// What was found besides the CPU.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub adapters: Vec<Adapter>,
    /// Number of CUDA devices.
    pub cuda: u32,
}

/// A graphics adapter that wgpu can use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adapter {
    pub name: String,
    /// Vulkan, Metal, Dx12, Gl.
    pub interface: String,
    pub driver: String,
    /// A rasteriser in software: no faster than the CPU, so it is not offered.
    pub software: bool,
}

impl Found {
    /// Names that a run can ask for; the first is the default.
    pub fn names(&self) -> Vec<String> {
        let gpu = self.adapters.iter().any(|adapter| !adapter.software).then(|| "gpu".to_string());
        let cuda = (0..self.cuda).map(|index| format!("cuda:{index}"));
        [CPU.to_string()].into_iter().chain(gpu).chain(cuda).collect()
    }
}

/// Looks for devices in a process of its own: a broken driver ends that one, not this. An error says why nothing is
/// known; the CPU is there all the same.
pub fn find(patience: Duration) -> anyhow::Result<Found> {
    let program = std::env::current_exe()?;
    let mut child = Command::new(program)
        .args(["doctor", "--probe"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("the probe did not start")?;
    let give_up = Instant::now() + patience;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() < give_up => std::thread::sleep(Duration::from_millis(5)),
            None => {
                child.kill()?;
                child.wait()?;
                bail!("the graphics driver did not answer within {} s", patience.as_secs());
            }
        }
    };
    if !status.success() {
        bail!("the graphics driver failed ({status})");
    }
    // A few hundred bytes: the pipe held them.
    let output = child.stdout.take().context("the probe was piped")?;
    Ok(serde_json::from_reader(output)?)
}

/// The other side of [`find`], in the process of its own.
pub fn probe() -> Found {
    Found { adapters: adapters(), cuda: cuda_devices() }
}

#[cfg(feature = "wgpu")]
fn adapters() -> Vec<Adapter> {
    let descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    let backends = descriptor.backends;
    let adapters = pollster::block_on(wgpu::Instance::new(descriptor).enumerate_adapters(backends));
    let describe = |adapter: &wgpu::Adapter| {
        let info = adapter.get_info();
        Adapter {
            interface: format!("{:?}", info.backend),
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_string(),
            software: info.device_type == wgpu::DeviceType::Cpu,
            name: info.name,
        }
    };
    adapters.iter().map(describe).collect()
}

#[cfg(not(feature = "wgpu"))]
fn adapters() -> Vec<Adapter> {
    Vec::new()
}

#[cfg(feature = "cuda")]
fn cuda_devices() -> u32 {
    Device::enumerate(kindling_labs::burn::tensor::DeviceType::Cuda).into_vec().len() as u32
}

#[cfg(not(feature = "cuda"))]
fn cuda_devices() -> u32 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_comes_first_and_a_software_rasteriser_is_no_gpu() {
        let adapter = |software| Adapter { name: "a".into(), interface: "Vulkan".into(), driver: "d".into(), software };
        assert_eq!(Found::default().names(), ["cpu"]);
        assert_eq!(Found { adapters: vec![adapter(true)], cuda: 0 }.names(), ["cpu"]);
        let found = Found { adapters: vec![adapter(true), adapter(false)], cuda: 2 };
        assert_eq!(found.names(), ["cpu", "gpu", "cuda:0", "cuda:1"]);
    }

    #[test]
    fn a_device_of_another_name_is_refused() {
        assert!(device("cpu").is_ok());
        for name in ["", "CPU", "cuda:x", "tpu"] {
            assert!(device(name).is_err(), "{name}");
        }
    }
}
