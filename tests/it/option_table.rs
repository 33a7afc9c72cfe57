//! The options are the same in the core, in the package's table and in the program's flags.

use std::fs;
use std::path::Path;
use std::process::Command;

use ocelli::train::TrainOptions;
use ocelli::train::option_table::{NUMBERS, script};

fn own(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of the project")
}

/// The names of all fields, as JSON has them.
fn names() -> Vec<String> {
    let options = serde_json::to_value(TrainOptions::default()).unwrap();
    options.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_packages_table_is_the_cores() {
    let written = own("www/lib/training-options.js");
    assert!(written == script(), "run `ocelli options > www/lib/training-options.js`");
    for name in names() {
        assert!(written.contains(&format!(r#""name":"{name}""#)), "{name}");
    }
}

#[test]
fn every_default_is_in_its_range_and_every_bound_is_kept() {
    let usual = TrainOptions::default();
    for row in NUMBERS {
        row.check(&usual).unwrap();
        let with = |value: f32| {
            let mut record = serde_json::to_value(&usual).unwrap();
            record[row.name] =
                if row.whole { serde_json::json!(value as u64) } else { serde_json::json!(value) };
            serde_json::from_value::<TrainOptions>(record).map(|options| row.check(&options).is_ok())
        };
        let [low, high] = row.range;
        assert_eq!(with(low).unwrap(), row.closed[0], "{}", row.name);
        if high.is_finite() {
            assert_eq!(with(high).unwrap(), row.closed[1], "{}", row.name);
            assert!(!with(high * 2.0 + 1.0).unwrap(), "{}", row.name);
        }
    }
}

#[test]
fn every_option_has_a_flag_of_the_program() {
    if cfg!(target_family = "wasm") {
        println!("left out: no process can be started here");
        return;
    }
    let program = env!("CARGO_BIN_EXE_ocelli");
    let help = Command::new(program).args(["train", "--help"]).output().expect("the program runs");
    let help = String::from_utf8(help.stdout).unwrap();
    for name in names() {
        let flag: String = name
            .chars()
            .flat_map(|c| if c.is_uppercase() { vec!['-', c.to_ascii_lowercase()] } else { vec![c] })
            .collect();
        // What is on unless said has a flag that turns it off.
        let flag = if name == "keepBest" { "keep-last".into() } else { flag };
        assert!(help.contains(&format!("--{flag}")), "--{flag}");
    }
    let printed = Command::new(program).arg("options").output().expect("the program runs");
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), script());
}
