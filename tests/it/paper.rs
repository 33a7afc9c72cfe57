//! Photos of handwriting on paper: how many digits are found and read. The figures in BENCHMARKS.md are what these print;
//! `OCELLI_PAGES=folder` keeps the photos and tells of each mistake.

use std::path::Path;

use ocelli::data::pen_digits;
use ocelli::error::Limits;
use ocelli::image::decode::decode;
use ocelli::model::Model;
use ocelli::rng::Rng;
use ocelli::session::{ReadDigit, Session};

use super::image::{data, pen_digits as written_digits};
use super::paper_photos::{PaperPhoto, Placed, Written, photo};

/// Digits that nobody can read, as in `drawing`.
use super::drawing::UNREADABLE;

fn session() -> Option<Session> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/digits.safetensors");
    let bytes = std::fs::read(path).ok()?;
    let model = Model::load(&bytes, &Limits::default()).expect("the shipped model loads");
    Some(Session::new(model).expect("it fits"))
}

/// What came of photos, in digits but for the last two, in rows.
#[derive(Debug, Default)]
struct Tally {
    n_digits: usize,
    found: usize,
    read: usize,
    /// Read, but refused as no digit.
    refused: usize,
    /// Boxes that are none of the digits, and answered all the same.
    made_up: usize,
    n_rows: usize,
    rows_right: usize,
    rows_found: usize,
}

/// A box, and its row's place.
struct Seen {
    row: usize,
    digit: ReadDigit,
    label: usize,
}

fn overlap(placed: &Placed, digit: &ReadDigit) -> f32 {
    let b = digit.bounds;
    let found = [b.left as f32, b.top as f32, b.right as f32, b.bottom as f32];
    let side = |low: usize| {
        (placed.bounds[low + 2].min(found[low + 2]) - placed.bounds[low].max(found[low])).max(0.0)
    };
    let area = |b: [f32; 4]| (b[2] - b[0]) * (b[3] - b[1]);
    let common = side(0) * side(1);
    common / (area(placed.bounds) + area(found) - common)
}

fn read(session: &mut Session, photo: &PaperPhoto, tally: &mut Tally) -> String {
    let pixels = decode(&photo.jpeg, &Limits::default()).expect("a sound JPEG");
    let rows = session.read_page(&pixels, 1).expect("a network for digits");
    let seen: Vec<Seen> = rows
        .into_iter()
        .enumerate()
        .flat_map(|(row, of)| of.digits.into_iter().map(move |digit| (row, digit)))
        .map(|(row, digit)| Seen { row, label: digit.prediction.classes[0].index, digit })
        .collect();
    let mut used = vec![false; seen.len()];
    let mut report = String::new();
    for row in &photo.rows {
        let mut places = Vec::new();
        let mut labels = String::new();
        for placed in row {
            tally.n_digits += 1;
            let best = (0..seen.len())
                .filter(|&i| !used[i])
                .max_by(|&a, &b| overlap(placed, &seen[a].digit).total_cmp(&overlap(placed, &seen[b].digit)));
            let Some(i) = best.filter(|&i| overlap(placed, &seen[i].digit) >= 0.4) else {
                labels.push('_');
                continue;
            };
            used[i] = true;
            places.push(i);
            tally.found += 1;
            let right = seen[i].label == placed.label;
            tally.read += usize::from(right && seen[i].digit.is_digit);
            tally.refused += usize::from(!seen[i].digit.is_digit);
            labels.push(if !seen[i].digit.is_digit { '?' } else { char::from(b'0' + seen[i].label as u8) });
        }
        // All of a row and nothing else, in order.
        let whole = places.len() == row.len()
            && places.windows(2).all(|pair| pair[1] == pair[0] + 1)
            && places.iter().all(|&i| seen[i].row == seen[places[0]].row)
            && seen.iter().filter(|other| other.row == seen[places[0]].row).count() == row.len();
        let expected: String = row.iter().map(|placed| char::from(b'0' + placed.label as u8)).collect();
        tally.n_rows += 1;
        tally.rows_found += usize::from(whole);
        tally.rows_right += usize::from(whole && labels == expected);
        if !whole || labels != expected {
            report.push_str(&format!(
                "  {expected} read {labels}{}\n",
                if whole { "" } else { " (not as a row)" }
            ));
        }
    }
    let made_up: Vec<&Seen> =
        (0..seen.len()).filter(|&i| !used[i] && seen[i].digit.is_digit).map(|i| &seen[i]).collect();
    tally.made_up += made_up.len();
    for seen in made_up {
        report.push_str(&format!("  made up: {} at {:?}\n", seen.label, seen.digit.bounds));
    }
    report
}

fn read_photos(name: &str, session: &mut Session, pool: &[Written], seeds: std::ops::Range<u64>) -> Tally {
    let mut tally = Tally::default();
    let talks = std::env::var_os("OCELLI_PAGES");
    for seed in seeds {
        let photo = photo(pool, seed);
        let report = read(session, &photo, &mut tally);
        if let Some(folder) = &talks {
            if !report.is_empty() {
                println!("{seed}: {}\n{report}", photo.about);
            }
            let path = Path::new(folder).join(format!("{seed}.jpg"));
            std::fs::write(path, &photo.jpeg).expect("written");
        }
    }
    let share = |n: usize, of: usize| n as f64 / of as f64;
    println!(
        "{name}: {} digits, found {:.4}, read right {:.4}, refused {:.4}, boxes beside {}; {} rows, found whole {:.4}, read right {:.4}",
        tally.n_digits,
        share(tally.found, tally.n_digits),
        share(tally.read, tally.n_digits),
        share(tally.refused, tally.n_digits),
        tally.made_up,
        tally.n_rows,
        share(tally.rows_found, tally.n_rows),
        share(tally.rows_right, tally.n_rows),
    );
    tally
}

fn made_digits() -> Vec<Written> {
    let mut rng = Rng::new(8, 2);
    (0..300).map(|i| (i % 10, pen_digits::strokes_of(i % 10, &mut rng))).collect()
}

/// The readable digits written with pens, every second.
fn pen_digits(folder: &Path, half: usize) -> Vec<Written> {
    let all = written_digits(folder).into_iter().enumerate();
    all.filter(|(i, _)| i % 2 == half && !UNREADABLE.contains(i))
        .map(|(_, (label, strokes))| (label.parse().expect("a digit"), strokes))
        .collect()
}

#[test]
fn made_digits_in_photos_of_paper_are_found_and_read() {
    let Some(mut session) = session() else { return };
    let tally = read_photos("made digits", &mut session, &made_digits(), 5000..5008);
    let share = tally.read as f64 / tally.n_digits as f64;
    assert!(tally.n_digits > 60 && share >= 0.9, "{tally:?}");
}

/// Parameters were chosen on the first photos and digits; the others judge. `OCELLI_PHOTOS=100` is what BENCHMARKS.md tells.
#[test]
fn pen_digits_in_photos_of_paper_are_found_and_read() {
    let (Some(folder), Some(mut session)) = (data("strokes-dev"), session()) else { return };
    let n = std::env::var("OCELLI_PHOTOS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    read_photos("photos to choose by", &mut session, &pen_digits(&folder, 0), 0..n);
    let tally = read_photos("photos to judge by", &mut session, &pen_digits(&folder, 1), 1000..1000 + n);
    let share = |n: usize| n as f64 / tally.n_digits as f64;
    assert!(share(tally.found) >= 0.96 && share(tally.read) >= 0.9, "{tally:?}");
}
