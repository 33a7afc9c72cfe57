//! Data sets as NumPy and common archivers write them (`tests/golden/make_datasets.py`), read by the core and, where
//! there is an archive around them, by the program.

use std::path::PathBuf;
use std::process::{Command, Output};

use ocelli::data::files::{File, Part, Reading, dataset};
use ocelli::data::npy;
use ocelli::error::Limits;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/datasets")
}

fn facts() -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(folder().join("facts.json")).unwrap()).unwrap()
}

fn bytes_of(values: &serde_json::Value) -> Vec<u8> {
    values.as_array().unwrap().iter().map(|value| value.as_u64().unwrap() as u8).collect()
}

#[test]
fn an_array_of_floats_by_planes_is_read_as_numpy_means_it() {
    let file = std::fs::read(folder().join("planar.npy")).unwrap();
    let (shape, pixels) = npy::parse_pixels(&file, &Limits::default()).unwrap();
    assert_eq!((shape, pixels), ([2, 2, 3], bytes_of(&facts()["planar"])));
}

#[test]
fn a_table_is_read_as_it_was_written() {
    let bytes = std::fs::read(folder().join("table.csv")).unwrap();
    let files = [File { name: "table.csv", bytes: &bytes }];
    let data = dataset(&files, Reading::of(Part::Train), &Limits::default()).unwrap();
    assert_eq!((data.shape, data.pixels), ([4, 4, 1], bytes_of(&facts()["table"])));
    assert_eq!(data.labels, [2, 0, 1, 2, 1, 0]);
}

/// Runs the program; none where this build has none, or where no process can be started.
pub fn program(arguments: &[&str]) -> Option<Output> {
    if cfg!(target_family = "wasm") {
        return None;
    }
    let path = option_env!("CARGO_BIN_EXE_ocelli")?;
    Some(Command::new(path).args(arguments).current_dir(folder()).output().unwrap())
}

/// Trains on an archive's one part and evaluates on both.
fn counts(archive: &str) -> Option<[String; 3]> {
    // Even the folder for what is made does not exist there.
    if cfg!(target_family = "wasm") {
        return None;
    }
    let model = std::env::temp_dir().join(format!("ocelli-{}-{archive}.safetensors", std::process::id()));
    let model = model.to_str().unwrap();
    let common = ["--data", archive, "--threads", "1"];
    let options = ["train", "--spec", "linear", "--epochs", "1", "--validation-split", "0", "--out", model];
    let trained = program(&[&options[..], &common].concat())?;
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
    let evaluated = ["train", "test"].map(|part| {
        let output =
            program(&[&["evaluate", "--model", model, "--part", part][..], &common].concat()).unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().find(|line| line.starts_with("examples")).unwrap_or(&text).to_string()
    });
    std::fs::remove_file(model).unwrap();
    let [train, test] = evaluated;
    Some([String::from_utf8_lossy(&trained.stderr).into_owned(), train, test])
}

#[test]
fn the_program_reads_archives_of_arrays_and_of_pictures() {
    let Some([_, train, test]) = counts("keras.npz") else {
        println!("left out: this build has no program");
        return;
    };
    assert!(train.starts_with("examples 6 ") && test.starts_with("examples 3 "), "{train}; {test}");
    let [told, train, test] = counts("classes.zip").unwrap();
    assert!(train.starts_with("examples 3 ") && test.starts_with("examples 2 "), "{train}; {test}");
    assert!(told.contains("broken.png") && told.contains("left out: 1 of 4"), "{told}");
}

#[test]
fn the_program_says_what_it_cannot_read() {
    for (data, part) in [("facts.json", "none among the files"), ("nowhere", "no such file or folder")] {
        let arguments = ["train", "--data", data, "--spec", "linear", "--out", "unused.safetensors"];
        let Some(output) = program(&arguments) else { return };
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(part), "{told}");
    }
}
