//! sha256 of what is too long to hash at once on the page's thread.
//!
//! `SubtleCrypto` takes a whole file in one call and copies it there and then: 45 ms for MNIST's 47 MB, in
//! which nothing moves. And it is missing where a page comes over plain HTTP from another machine.

use js_sys::Uint8Array;
use sha2::{Digest as _, Sha256};

/// Takes a file piece by piece, as it comes.
#[derive(Default)]
pub struct Digest(Sha256);

impl Digest {
    pub fn add(&mut self, piece: &Uint8Array) {
        self.0.update(piece.to_vec());
    }

    /// Sixty-four lower-case hex digits.
    pub fn hex(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Of something short enough to hash at once: checkpoints and models, a few megabytes.
pub fn sha256_hex(bytes: &Uint8Array) -> String {
    let mut digest = Digest::default();
    digest.add(bytes);
    digest.hex()
}
