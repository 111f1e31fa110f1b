//! A network small enough to be looked at number by number, for the tests of its files.

use burn::tensor::Device;
use kindling_protocol::model::{Architecture, Dtype, InputSpec, MANIFEST_FORMAT, Manifest, WeightsFile};
use kindling_protocol::run::RunConfig;

use super::model::Classifier;
use super::weights::file_ref;

/// Four pixels, three hidden units, two classes.
pub(crate) fn tiny() -> Classifier {
    Classifier::new(&architecture(), 1, &Device::flex()).expect("a network of these sizes")
}

fn architecture() -> Architecture {
    Architecture::Mlp { inputs: 4, hidden: vec![3], classes: 2, dropout: 0.0 }
}

/// What a manifest says of [`tiny`] with these files.
pub(crate) fn manifest(dtype: Dtype, weights: &[u8], parity: &[u8]) -> Manifest {
    Manifest {
        format: MANIFEST_FORMAT,
        name: "tiny".into(),
        architecture: architecture(),
        input: InputSpec::Ink { height: 2, width: 2, ink_box: 2, mean: 0.25, std: 0.5 },
        labels: vec!["no".into(), "yes".into()],
        temperature: 1.0,
        unsure_below: 0.5,
        metrics: vec![],
        parameters: 23,
        run: RunConfig { lab: "none".into(), knobs: Default::default(), seed: 1 },
        data: Default::default(),
        program: "test".into(),
        weights: vec![WeightsFile { dtype, file: file_ref(weights) }],
        parity: file_ref(parity),
    }
}
