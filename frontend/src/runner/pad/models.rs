//! The model that answers: fetched, verified, loaded, and switched to.

use kindling_protocol::api::ModelVersion;
use kindling_protocol::engine::{FromEngine, ToEngine};
use kindling_protocol::model::{Dtype, FileRef, Manifest};
use kindling_protocol::text::text;
use leptos::prelude::*;

use super::{ModelInUse, Pad, Source, engine_said};
use crate::api::{self, Transfer};
use crate::runner::handle::ModelFiles;
use crate::runner::{refused, shipped};
use crate::store::files;
use crate::trouble::Trouble;

/// The model every page is shipped with.
const SHIPPED: &str = "digits-cnn";

impl Pad {
    /// Verifies, loads and switches. The model before stays when this one is refused.
    pub async fn load(&self, files: ModelFiles, source: Source) -> Result<f32, Trouble> {
        let inner = self.inner();
        // Two slots by turns: the model in use stays in its own until this one is loaded.
        let load = inner.loads.get() + 1;
        inner.loads.set(load);
        let slot = if inner.slot.get() == "a" { "b" } else { "a" };
        let parity = self.load_as(slot, &files).await?;
        // Another load may have been asked for meanwhile; the later one wins.
        if inner.loads.get() == load {
            inner.slot.set(slot);
            let ModelFiles { manifest, dtype, .. } = files;
            self.set.model.set(Some(ModelInUse { manifest, dtype, source, parity }));
            self.set.problem.set(None);
            let last = inner.last.borrow().clone();
            if inner.next.borrow().is_none() {
                *inner.next.borrow_mut() = last;
            }
            self.pump();
        }
        Ok(parity)
    }

    /// Verifies and loads, and answers how far the logits are from the trainer's.
    pub(in crate::runner) async fn load_as(&self, slot: &str, files: &ModelFiles) -> Result<f32, Trouble> {
        self.until_ready().await;
        let file = files.manifest.weights.iter().position(|file| file.dtype == files.dtype);
        let file = file.ok_or_else(|| refused::manifest("it does not name these weights"))?;
        let manifest = Box::new(files.manifest.clone());
        let question = |id| ToEngine::LoadModel { id, slot: slot.to_string(), manifest, file };
        let answer = self.ask(question, &[&files.weights, &files.parity]).await?;
        let FromEngine::ModelLoaded { result, .. } = answer.message else { return Err(engine_said("")) };
        result.map_err(|error| refused::model(&error))
    }

    /// Back to the model the page came with.
    pub async fn use_shipped(&self) -> Result<f32, Trouble> {
        self.load(self.shipped().await?, Source::Shipped).await
    }

    pub(in crate::runner) async fn shipped(&self) -> Result<ModelFiles, Trouble> {
        let kept = self.inner().shipped.borrow().clone();
        let files = match kept {
            Some(files) => files,
            None => fetch_shipped().await?,
        };
        *self.inner().shipped.borrow_mut() = Some(files.clone());
        Ok(files)
    }

    /// Fetches a version from the registry (kept by hash), then loads it.
    pub async fn open_version(&self, version: &ModelVersion, progress: impl FnMut(Transfer)) -> Result<f32, Trouble> {
        let source = Source::Registry { name: version.name.clone(), version: version.version };
        self.load(fetch_version(version, progress).await?, source).await
    }
}

/// A version from the registry, kept by hash.
pub(in crate::runner) async fn fetch_version(
    version: &ModelVersion,
    mut progress: impl FnMut(Transfer),
) -> Result<ModelFiles, Trouble> {
    let manifest = version.manifest.clone();
    // The small one travels; f32 only where it is all there is.
    let half = manifest.weights.iter().find(|file| file.dtype == Dtype::F16);
    let Some(chosen) = half.or(manifest.weights.first()).cloned() else {
        return Err(refused::manifest("it names no weights"));
    };
    let weights = files::get_or_fetch(&chosen.file, &mut progress).await.map_err(refused::file)?;
    let parity = files::get_or_fetch(&manifest.parity, |_| ()).await.map_err(refused::file)?;
    Ok(ModelFiles { manifest, dtype: chosen.dtype, weights, parity })
}

async fn fetch_shipped() -> Result<ModelFiles, Trouble> {
    let url = |kind: &str| {
        shipped(&format!("model{kind}:{SHIPPED}"))
            .ok_or(Trouble::from(text("This build came without a model.", "此版本不含模型。")))
    };
    let (manifest_url, weights_url, parity_url) = (url("")?, url("-weights")?, url("-parity")?);
    let manifest: Manifest = api::shipped_json(&manifest_url).await.map_err(|error| error.trouble())?;
    let half = manifest.weights.iter().find(|file| file.dtype == Dtype::F16);
    let half = half.ok_or_else(|| refused::manifest("it names no f16 weights"))?.file.clone();
    let fetch = async |url: &str, file: &FileRef| api::verified(url, file, |_| ()).await.map_err(refused::file);
    let (weights, parity) = futures::join!(fetch(&weights_url, &half), fetch(&parity_url, &manifest.parity));
    Ok(ModelFiles { dtype: Dtype::F16, weights: weights?.to_vec(), parity: parity?.to_vec(), manifest })
}
