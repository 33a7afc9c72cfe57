//! Drawings of several digits, and of none: what the shipped network and the rule of grouping reach. The figures in
//! BENCHMARKS.md and `www/models/digits.md` are what these tests print.

use std::path::Path;

use ocelli::data::{idx, letters, npy, pen_digits};
use ocelli::error::Limits;
use ocelli::image::grouping;
use ocelli::image::strokes::{self, Point, Stroke};
use ocelli::model::Model;
use ocelli::rng::Rng;
use ocelli::session::{Session, Source};
use ocelli::train::novelty::{auroc, features_and_logits, scores};

use super::image::{data, pen_digits as written_digits, pen_writers};

const N_ROWS: usize = 1000;

/// Of the 600 pen digits those that nobody can read: 7 that is a 2, bars and strokes that were cut off from their digits, an
/// 8 that is a 6, an L.
pub const UNREADABLE: [usize; 6] = [148, 153, 216, 224, 405, 577];

fn model() -> Option<Model> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/digits.safetensors");
    std::fs::read(path)
        .ok()
        .map(|bytes| Model::load(&bytes, &Limits::default()).expect("the shipped model loads"))
}

type Digit = (usize, Vec<Stroke>);

/// A row: the digits, all strokes, and which digit each is of.
fn row(pool: &[Digit], gap: [f32; 2], rng: &mut Rng) -> (Vec<usize>, Vec<Stroke>, Vec<usize>) {
    let slant = rng.range(-0.3, 0.3);
    let (mut labels, mut all, mut owner, mut end) = (Vec::new(), Vec::<Stroke>::new(), Vec::new(), 0.0f32);
    for place in 0..2 + rng.below(5) as usize {
        let (label, strokes) = &pool[rng.below(pool.len() as u32) as usize];
        let points = || strokes.iter().flatten();
        let least = |of: fn(&Point) -> f32| points().map(of).fold(f32::INFINITY, f32::min);
        let most = |of: fn(&Point) -> f32| points().map(of).fold(f32::NEG_INFINITY, f32::max);
        let [left, top] = [least(|p| p.x), least(|p| p.y)];
        let (width, height) = (most(|p| p.x) - left, most(|p| p.y) - top);
        let size = rng.range(0.75, 1.25) / height.max(0.7 * width);
        let (x, y) = (end + rng.range(gap[0], gap[1]), rng.range(-0.12, 0.12) + (1.0 - size * height) / 2.0);
        end = x + size * width;
        for stroke in strokes {
            let place_point = |p: &Point| {
                let (x, y) = (x + size * (p.x - left), y + size * (p.y - top));
                Point { x: x - slant * y, y }
            };
            all.push(stroke.iter().map(place_point).collect());
            owner.push(place);
        }
        labels.push(*label);
    }
    // The order in which strokes were drawn must not matter.
    let mut order: Vec<u32> = (0..all.len() as u32).collect();
    rng.shuffle(&mut order);
    let strokes = order.iter().map(|&i| all[i as usize].clone()).collect();
    (labels, strokes, order.iter().map(|&i| owner[i as usize]).collect())
}

/// The shares of rows grouped right, and read right.
fn read_rows(name: &str, pool: &[Digit], gap: [f32; 2]) -> [f64; 2] {
    let mut session = Session::new(model().expect("the shipped model")).expect("it fits");
    let mut rng = Rng::new(2026, 1);
    let (mut n_grouped, mut n_read, mut n_digits) = (0, 0, 0);
    for _ in 0..N_ROWS {
        let (labels, strokes, owner) = row(pool, gap, &mut rng);
        let groups = session.group(&strokes);
        n_grouped += usize::from(
            groups.len() == labels.len()
                && groups
                    .iter()
                    .enumerate()
                    .all(|(place, group)| group.strokes.iter().all(|&stroke| owner[stroke] == place)),
        );
        let read = groups.iter().map(|group| {
            let own: Vec<Stroke> = group.strokes.iter().map(|&stroke| strokes[stroke].clone()).collect();
            session.predict(Source::Strokes(&own), 1).expect("strokes are read").classes[0].index
        });
        n_read += usize::from(read.eq(labels.iter().copied()));
        n_digits += labels.len();
    }
    let share = |n: usize| n as f64 / N_ROWS as f64;
    println!(
        "{name}: {N_ROWS} rows of {n_digits} digits, grouped right {:.3}, read right {:.3}",
        share(n_grouped),
        share(n_read)
    );
    [share(n_grouped), share(n_read)]
}

fn made_digits() -> Vec<Digit> {
    let mut rng = Rng::new(7, 2);
    (0..600).map(|i| (i % 10, pen_digits::strokes_of(i % 10, &mut rng))).collect()
}

fn real_digits(folder: &Path) -> Vec<Digit> {
    let digits = written_digits(folder);
    digits.into_iter().map(|(label, strokes)| (label.parse().expect("a digit"), strokes)).collect()
}

/// Which of the pen digits are of the writers that the weights of grouping were fitted by: every other one by name.
fn chosen_by(folder: &Path) -> Vec<bool> {
    let writers = pen_writers(folder);
    let names: std::collections::BTreeSet<&String> = writers.iter().collect();
    let places: std::collections::BTreeMap<&String, usize> =
        names.into_iter().enumerate().map(|(place, name)| (name, place)).collect();
    writers.iter().map(|writer| places[writer].is_multiple_of(2)).collect()
}

#[test]
fn rows_of_made_digits_are_read_right() {
    if model().is_none() {
        return;
    }
    let [grouped, read] = read_rows("made digits", &made_digits(), [0.05, 0.6]);
    assert!(grouped >= 0.99 && read >= 0.98, "{grouped} {read}");
}

#[test]
fn rows_of_digits_written_with_pens_are_grouped_and_read_right() {
    let (Some(folder), Some(_)) = (data("strokes-dev"), model()) else { return };
    let all = real_digits(&folder);
    let n_single = all.iter().filter(|(_, strokes)| grouping::digits(strokes).len() == 1).count();
    println!("{n_single} of 600 digits alone stay one");
    assert!(n_single >= 596, "{n_single}");
    read_rows("all pen digits", &all, [0.05, 0.6]);
    let of = |is_meant: &dyn Fn(usize) -> bool| -> Vec<Digit> {
        let readable = (0..all.len()).filter(|i| !UNREADABLE.contains(i) && is_meant(*i));
        readable.map(|i| all[i].clone()).collect()
    };
    let is_choosing = chosen_by(&folder);
    read_rows("those of writers it was chosen by", &of(&|i| is_choosing[i]), [0.05, 0.6]);
    let [grouped, read] = read_rows("those of the other writers", &of(&|i| !is_choosing[i]), [0.05, 0.6]);
    assert!(grouped >= 0.98 && read >= 0.92, "{grouped} {read}");
    let readable = of(&|_| true);
    let [grouped, read] = read_rows("readable pen digits", &readable, [0.05, 0.6]);
    assert!(grouped >= 0.98 && read >= 0.95, "{grouped} {read}");
    let [_, of_made] = read_rows("made digits", &made_digits(), [0.05, 0.6]);
    assert!((read + of_made) / 2.0 >= 0.95, "{read} {of_made}");
    let [touching, _] = read_rows("readable pen digits that touch", &readable, [-0.05, 0.05]);
    assert!(touching >= 0.90, "{touching}");
}

/// The pictures of drawings, one after the other.
fn drawn<'a>(drawings: impl Iterator<Item = &'a Vec<Stroke>>) -> Vec<u8> {
    drawings.flat_map(|strokes| strokes::prepare(strokes).expect("ink").data).collect()
}

#[test]
fn letters_and_doodles_are_told_from_digits() {
    let Some(model) = model() else { return };
    let of =
        |pictures: &[u8]| scores(&model.novelty, &features_and_logits(&model, pictures).expect("it fits").0);
    let refused = |scores: &[f32]| scores.iter().filter(|&&s| s > 0.0).count() as f64 / scores.len() as f64;
    // Kinds of letters that the weights were not fitted by.
    let all = letters::generate(5200, 99).unwrap();
    let is_other = |&i: &u32| {
        let label = all.labels[i as usize];
        label % 2 == 1 && !letters::LIKE_DIGITS.contains(&all.class_names[label as usize].as_str())
    };
    let others = all.subset(&(0..5200).filter(is_other).collect::<Vec<u32>>());
    let mut strangers = vec![("letters", of(&others.pixels)), ("all letters", of(&all.pixels))];
    if let Some(folder) = data("quickdraw3") {
        for name in ["bowtie", "lollipop", "rainbow"] {
            let bytes = std::fs::read(folder.join(format!("{name}_1500x784.npy"))).expect("readable");
            let (_, pixels) = npy::parse_pixels(&bytes, &Limits::default()).expect("sound");
            strangers.push((name, of(&pixels)));
        }
    }
    let made = of(&drawn(made_digits().iter().map(|(_, strokes)| strokes)));
    let mut digits = vec![("made digits", made)];
    if let Some(folder) = data("strokes-dev") {
        digits.push(("pen digits", of(&drawn(real_digits(&folder).iter().map(|(_, strokes)| strokes)))));
    }
    for (name, inside) in &digits {
        println!("{name}: refused {:.4}", refused(inside));
        assert!(refused(inside) < 0.06, "{name}");
        for (stranger, outside) in &strangers {
            println!(
                "  against {stranger}: AUROC {:.4}, of which refused {:.4}",
                auroc(inside, outside),
                refused(outside)
            );
        }
        assert!(auroc(inside, &strangers[0].1) >= 0.95, "{name}");
    }
}

#[test]
fn misread_digits_are_corrected_without_forgetting_the_others() {
    let (Some(folder), Some(mnist), Some(model)) = (data("strokes-dev"), data("mnist"), model()) else {
        return;
    };
    let file = |name: &str| super::image::unzip(&mnist.join(name));
    let [images, labels] = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"].map(file);
    let test = idx::dataset(&images, &labels, &Limits::default()).expect("sound");
    let mut session = Session::new(model).expect("it fits");
    session.set_dataset(test).expect("MNIST fits");
    while !session.recall(128).expect("recalled") {}
    let (mut n_learnt, mut n_corrected) = (0, 0);
    for (i, (label, strokes)) in real_digits(&folder).into_iter().enumerate() {
        let prediction = session.predict(Source::Strokes(&strokes), 1).expect("read");
        if prediction.classes[0].index == label || UNREADABLE.contains(&i) {
            continue;
        }
        let done = session.correct(&prediction.input, label as u32).expect("corrected");
        println!("digit {i}, a {label}: {done:?}");
        n_corrected += 1;
        n_learnt += usize::from(done.confidence > 0.5);
        assert!(done.accuracy_after > 0.985, "{i}: {done:?}");
    }
    // One of them looks like another that was learnt as something else.
    assert!(n_corrected > 3 && n_learnt + 1 >= n_corrected, "{n_learnt} of {n_corrected}");
}
