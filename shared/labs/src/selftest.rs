//! Is this device right? Kernels to be compared with the CPU.
