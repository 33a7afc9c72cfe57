//! One training run, the same to the last bit wherever it is computed: natively, as wasm in Node (this very
//! test, and `tests/node/bits.test.js` through the engine's door), and in the browsers (`tests/web`).
//!
//! Network, options, data and hash lie in `tests/bits`. After a change that is meant to change the
//! arithmetic: `OCELLI_BLESS=1 cargo test --test it bits`, and say in the commit why.

use std::fs;
use std::path::PathBuf;

use ocelli::data::idx;
use ocelli::error::Limits;
use ocelli::model::StorageType;
use ocelli::session::Session;
use ocelli::train::TrainOptions;
use serde_json::Value;

use crate::shapes::shapes;

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/bits").join(name)
}

fn blessing() -> bool {
    std::env::var_os("OCELLI_BLESS").is_some()
}

/// FNV-1a of 64 bits, over the bytes of all tensors in a safetensors file.
fn hash_of_tensors(saved: &[u8]) -> String {
    let header_len = u64::from_le_bytes(saved[..8].try_into().unwrap()) as usize;
    let mix = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", saved[8 + header_len..].iter().fold(0xcbf2_9ce4_8422_2325, mix))
}

/// The data as two IDX files.
fn idx_files() -> [(&'static str, Vec<u8>); 2] {
    let dataset = shapes(200, 15, 12);
    let mut images = vec![0, 0, 8, 3];
    for dim in [dataset.len(), 15, 15] {
        images.extend((dim as u32).to_be_bytes());
    }
    images.extend(&dataset.pixels);
    let mut labels = vec![0, 0, 8, 1];
    labels.extend((dataset.len() as u32).to_be_bytes());
    labels.extend(dataset.labels.iter().map(|&label| label as u8));
    [("images.idx3-ubyte", images), ("labels.idx1-ubyte", labels)]
}

#[test]
fn a_hundred_steps_have_the_committed_bits() {
    let [images, labels] = idx_files().map(|(name, made)| {
        if blessing() {
            fs::write(file(name), &made).unwrap();
        }
        let committed = fs::read(file(name)).unwrap();
        assert!(committed == made, "{name} is not what its generator makes");
        committed
    });
    let text = fs::read_to_string(file("run.json")).unwrap();
    let run: Value = serde_json::from_str(&text).unwrap();
    let options: TrainOptions = serde_json::from_value(run["options"].clone()).unwrap();
    let mut session = Session::create(&run["spec"].to_string(), run["seed"].as_u64().unwrap()).unwrap();
    session.set_dataset(idx::dataset(&images, &labels, &Limits::default()).unwrap()).unwrap();
    assert_eq!(session.start_training(options).unwrap().n_steps, 100);
    let last = loop {
        let progress = session.train_slice(&mut || false).unwrap();
        if progress.state == "finished" {
            break progress;
        }
    };
    let accuracy = last.history[0].validation_accuracy.unwrap();
    assert!(accuracy > 0.5, "it should have learned something: {last:?}");
    let hash = hash_of_tensors(&session.save(StorageType::F32));
    let expected = run["hash"].as_str().unwrap();
    if blessing() {
        fs::write(file("run.json"), text.replace(expected, &hash)).unwrap();
    } else {
        assert_eq!(hash, expected, "see the head of this file");
    }
}
