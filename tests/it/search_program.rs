//! `ocelli search` with its rows in a file, and several views in `ocelli evaluate`.

use crate::datasets::program;

const SPACE: &str = r#"{"learningRate":[0.5,0.1,0.02]}"#;

fn search(rows: &str, out: &str) -> Option<String> {
    let base = r#"{"epochs":1,"validationSplit":0.34}"#;
    let data = ["search", "--data", "keras.npz", "--spec", "linear", "--threads", "1"];
    let rest = ["--space", SPACE, "--base", base, "--rows", rows, "--out", out];
    let output = program(&[&data[..], &rest].concat())?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn a_search_goes_on_after_the_rows_of_its_file() {
    if cfg!(target_family = "wasm") || option_env!("CARGO_BIN_EXE_ocelli").is_none() {
        println!("left out: this build has no program");
        return;
    }
    let beside =
        |name: &str| std::env::temp_dir().join(format!("ocelli-search-{}-{name}", std::process::id()));
    let (rows, out) = (beside("rows.jsonl"), beside("best.safetensors"));
    let (rows_path, out_path) = (rows.to_str().unwrap(), out.to_str().unwrap());
    let first = search(rows_path, out_path).unwrap();
    assert_eq!(first.lines().filter(|line| line.starts_with("round 1 ")).count(), 3, "{first}");
    let whole = std::fs::read_to_string(&rows).unwrap();
    let best = std::fs::read(&out).unwrap();

    // Interrupted while the second row was written.
    let second = whole.match_indices('\n').nth(1).unwrap().0;
    std::fs::write(&rows, &whole[..second - 3]).unwrap();
    let again = search(rows_path, out_path).unwrap();
    assert!(again.starts_with("going on after 1 rows"), "{again}");
    assert_eq!(again.lines().filter(|line| line.starts_with("round 1 ")).count(), 2, "{again}");
    assert_eq!(std::fs::read_to_string(&rows).unwrap(), whole);
    assert!(std::fs::read(&out).unwrap() == best, "the same bits");

    let evaluate = ["evaluate", "--data", "keras.npz", "--model", out_path, "--tta"];
    let output = program(&evaluate).unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.lines().last().unwrap().starts_with("accuracy "), "{told}");
    let wrong = program(&[&evaluate[..], &[r#"{"shift":99}"#]].concat()).unwrap();
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("at most 8"));
    std::fs::remove_file(rows).unwrap();
    std::fs::remove_file(out).unwrap();
}
