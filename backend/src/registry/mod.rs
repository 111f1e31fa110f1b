//! Published models: versions that never change, made of files named by what they hold.
//!
//! Whatever becomes a version was loaded and computed with here: hash, tensor names, shapes, types, finite numbers,
//! and the parity inputs. Where the weights come from, a run of ours or a browser, makes no difference.
//!
//! The models inside the binary are listed as **version 0** of their name: they were not published here, so versions
//! that were count on from 1.
//!
//! - [`blobs`]: the files.
//! - [`verify`]: what weights must pass.

pub mod blobs;
pub mod verify;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kindling_labs::host::Snapshot;
use kindling_protocol::api::ModelVersion;
use kindling_protocol::model::{Dtype, FileRef, Manifest, ModelError, WeightsFile};

use self::blobs::{BlobError, BlobFolder, BlobHash, Incoming};
use crate::runs::now_ms;
use crate::store::{Store, StoreError, models as table};

/// Bytes of blobs that no version uses yet. They are uploads on their way to become one.
const MAX_LOOSE_BYTES: u64 = 1 << 30;
/// After this an upload that became nothing is removed.
const LOOSE_FOR: Duration = Duration::from_secs(24 * 3600);

/// Everything that can be done with published models. Cheap to clone.
#[derive(Clone)]
pub struct Registry(Arc<Inner>);

struct Inner {
    store: Store,
    blobs: BlobFolder,
    shipped: Vec<Shipped>,
}

/// A model inside the binary.
pub struct Shipped {
    pub manifest: Manifest,
    /// The files that the manifest names.
    pub files: Vec<(FileRef, &'static [u8])>,
}

/// Where a blob's bytes are.
pub enum Blob {
    File { path: PathBuf, bytes: u64 },
    Memory(&'static [u8]),
}

#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("there is no such model, or not this version of it")]
    UnknownModel,
    #[error("there is no such blob")]
    UnknownBlob,
    #[error("the blob {0} that the manifest names is not here: put it first")]
    MissingBlob(String),
    #[error("a model's name has 1 to {MAX_NAME} lower-case letters, digits and `-`, and begins with a letter")]
    Name,
    #[error("uploads that became no model take too much room already; publish them, or wait a day")]
    NoRoom,
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Blob(#[from] BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Registry {
    pub fn open(store: Store, folder: PathBuf, shipped: Vec<Shipped>) -> Result<Self, RegistryError> {
        Ok(Registry(Arc::new(Inner { store, blobs: BlobFolder::open(folder)?, shipped })))
    }

    /// Removes uploads that became nothing. For a server that starts: nobody else may upload meanwhile.
    pub async fn tidy(&self) -> Result<(), RegistryError> {
        self.0.blobs.clear_unfinished()?;
        let before_ms = now_ms().saturating_sub(LOOSE_FOR.as_millis() as u64);
        // Rows first: a file without a row is only lost space.
        for hash in self.0.store.call(move |connection| table::forget_loose_blobs(connection, before_ms)).await? {
            if let Ok(hash) = hash.parse() {
                self.0.blobs.remove(&hash).await.unwrap_or_else(|error| tracing::warn!(%error, "a blob stays"));
            }
        }
        Ok(())
    }

    /// The newest version of each model, by name, shipped ones included.
    pub async fn models(&self) -> Result<Vec<ModelVersion>, RegistryError> {
        let mut models = self.0.store.call(table::newest_versions).await?;
        for shipped in &self.0.shipped {
            if models.iter().all(|model| model.name != shipped.manifest.name) {
                models.push(shipped.version());
            }
        }
        models.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(models)
    }

    /// Every version of one model, newest first.
    pub async fn versions(&self, name: &str) -> Result<Vec<ModelVersion>, RegistryError> {
        let wanted = name.to_string();
        let mut versions = self.0.store.call(move |connection| table::versions(connection, &wanted)).await?;
        let shipped = self.0.shipped.iter().filter(|shipped| shipped.manifest.name == name);
        versions.extend(shipped.map(Shipped::version));
        if versions.is_empty() { Err(RegistryError::UnknownModel) } else { Ok(versions) }
    }

    pub async fn version(&self, name: &str, version: u32) -> Result<ModelVersion, RegistryError> {
        let versions = self.versions(name).await?;
        versions.into_iter().find(|found| found.version == version).ok_or(RegistryError::UnknownModel)
    }

    /// Makes the weights of a run the next version of `name`.
    pub async fn publish(&self, snapshot: Snapshot, name: String) -> Result<ModelVersion, RegistryError> {
        let Snapshot { manifest, weights, parity } = snapshot;
        self.publish_bytes(Manifest { name, ..manifest }, weights, parity).await
    }

    /// Makes weights that were uploaded before the next version of the manifest's name.
    pub async fn publish_uploaded(&self, manifest: Manifest) -> Result<ModelVersion, RegistryError> {
        let weights = self.read(&verify::full_precision(&manifest)?.file).await?;
        let parity = self.read(&manifest.parity).await?;
        self.publish_bytes(manifest, weights, parity).await
    }

    async fn publish_bytes(
        &self,
        manifest: Manifest,
        weights: Vec<u8>,
        parity: Vec<u8>,
    ) -> Result<ModelVersion, RegistryError> {
        check_name(&manifest.name)?;
        // It computes, so it goes to a thread that may block.
        let verified = tokio::task::spawn_blocking(move || {
            let half = verify::verify(&manifest, &weights, &parity)?;
            Ok::<_, ModelError>((manifest, weights, half, parity))
        });
        let (mut manifest, weights, half, parity) = verified.await.map_err(io::Error::other)??;
        let f32_file = self.0.blobs.keep(&weights).await?;
        let f16_file = self.0.blobs.keep(&half).await?;
        manifest.parity = self.0.blobs.keep(&parity).await?;
        manifest.weights =
            vec![WeightsFile { dtype: Dtype::F32, file: f32_file }, WeightsFile { dtype: Dtype::F16, file: f16_file }];
        let version = self
            .0
            .store
            .call(move |connection| {
                for file in manifest.weights.iter().map(|weights| &weights.file).chain([&manifest.parity]) {
                    table::insert_blob(connection, file, now_ms())?;
                }
                table::insert_version(connection, &manifest, now_ms())
            })
            .await?;
        tracing::info!(model = version.name, version = version.version, "published");
        Ok(version)
    }

    /// Where a blob is.
    pub async fn blob(&self, hash: &BlobHash) -> Result<Blob, RegistryError> {
        let files = self.0.shipped.iter().flat_map(|shipped| &shipped.files);
        if let Some((_, bytes)) = files.into_iter().find(|(file, _)| file.sha256 == hash.as_str()) {
            return Ok(Blob::Memory(bytes));
        }
        let wanted = hash.as_str().to_string();
        let bytes = self.0.store.call(move |connection| table::blob_bytes(connection, &wanted)).await?;
        let bytes = bytes.ok_or(RegistryError::UnknownBlob)?;
        Ok(Blob::File { path: self.0.blobs.path(hash), bytes })
    }

    /// Begins an upload.
    pub async fn begin_blob(&self) -> Result<Incoming, RegistryError> {
        if self.0.store.call(table::loose_bytes).await? >= MAX_LOOSE_BYTES {
            return Err(RegistryError::NoRoom);
        }
        Ok(self.0.blobs.begin().await?)
    }

    /// Keeps an upload, if it is what it was said to be.
    pub async fn finish_blob(&self, incoming: Incoming, hash: &BlobHash) -> Result<FileRef, RegistryError> {
        let file = incoming.finish(Some(hash)).await?;
        let row = file.clone();
        self.0.store.call(move |connection| table::insert_blob(connection, &row, now_ms())).await?;
        Ok(file)
    }

    /// The bytes of a file that a manifest names.
    pub async fn read(&self, file: &FileRef) -> Result<Vec<u8>, RegistryError> {
        let missing = || RegistryError::MissingBlob(file.sha256.chars().take(64).collect());
        let hash: BlobHash = file.sha256.parse().map_err(|_| missing())?;
        match self.blob(&hash).await {
            Ok(Blob::Memory(bytes)) => Ok(bytes.to_vec()),
            Ok(Blob::File { path, .. }) => Ok(tokio::fs::read(path).await?),
            Err(RegistryError::UnknownBlob) => Err(missing()),
            Err(error) => Err(error),
        }
    }
}

impl Shipped {
    fn version(&self) -> ModelVersion {
        ModelVersion { name: self.manifest.name.clone(), version: 0, created_ms: 0, manifest: self.manifest.clone() }
    }
}

/// Characters of a model's name.
const MAX_NAME: usize = 64;

fn check_name(name: &str) -> Result<(), RegistryError> {
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    let fits = name.len() <= MAX_NAME && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if begins && fits { Ok(()) } else { Err(RegistryError::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_name_can_stand_in_a_path() {
        for name in ["digits-cnn", "a", "m2"] {
            assert!(check_name(name).is_ok(), "{name} was refused");
        }
        for name in ["", "Digits", "-a", "2m", "a/b", "..", "a b", "a\n", "数", &"a".repeat(65)] {
            assert!(check_name(name).is_err(), "{name:?} was taken");
        }
    }

    #[tokio::test]
    async fn an_upload_that_is_not_what_it_was_said_to_be_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("blobs");
        let registry = Registry::open(Store::in_memory().unwrap(), folder.clone(), vec![]).unwrap();
        let right: BlobHash = kindling_labs::nn::weights::sha256_hex(b"weights").parse().unwrap();
        let wrong: BlobHash = "0".repeat(64).parse().unwrap();

        let upload = async |hash: &BlobHash| {
            let mut incoming = registry.begin_blob().await?;
            incoming.write(b"wei").await?;
            incoming.write(b"ghts").await?;
            registry.finish_blob(incoming, hash).await
        };
        let error = upload(&wrong).await.unwrap_err();
        assert!(matches!(error, RegistryError::Blob(BlobError::WrongHash { .. })), "{error}");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);

        drop(registry.begin_blob().await.unwrap());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "an upload that broke off leaves nothing");

        let file = upload(&right).await.unwrap();
        assert_eq!(registry.read(&file).await.unwrap(), b"weights");
        assert!(matches!(registry.blob(&wrong).await, Err(RegistryError::UnknownBlob)));
    }

    #[tokio::test]
    async fn an_upload_that_became_nothing_is_removed_after_a_day_and_a_crashed_one_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("blobs");
        let store = Store::in_memory().unwrap();
        let registry = Registry::open(store.clone(), folder.clone(), vec![]).unwrap();
        let file = registry.0.blobs.keep(b"loose").await.unwrap();
        let row = file.clone();
        store.call(move |connection| table::insert_blob(connection, &row, now_ms())).await.unwrap();
        std::fs::write(folder.join("1-2.unfinished"), b"half").unwrap();
        registry.tidy().await.unwrap();
        assert_eq!(registry.read(&file).await.unwrap(), b"loose");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);

        let row = file.clone();
        store.call(move |connection| table::insert_blob(connection, &row, 0)).await.unwrap();
        registry.tidy().await.unwrap();
        assert!(matches!(registry.read(&file).await, Err(RegistryError::MissingBlob(_))));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    }
}
