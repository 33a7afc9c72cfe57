//! Pictures: sound, hostile and turned files, digits embedded in paper, digits from pen paths.

use std::io::Read;
use std::path::{Path, PathBuf};

use ocelli::error::{Error, Limits};
use ocelli::image::decode::decode;
use ocelli::image::strokes::{self, Point, Stroke};
use ocelli::image::{Pixels, digit, orientation, resize};
use ocelli::rng::Rng;

/// The folder of test data, or none and a line that says what is left out.
pub fn data(folder: &str) -> Option<PathBuf> {
    let found = std::env::var_os("OCELLI_DATA").map(|root| PathBuf::from(root).join(folder));
    if found.is_none() {
        println!("skipped: OCELLI_DATA is not set ({folder})");
    }
    found
}

pub fn unzip(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).expect("the data is there");
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("sound gzip");
    bytes
}

/// The first `n` training digits of MNIST.
fn mnist(folder: &Path, n: usize) -> Vec<Pixels> {
    let bytes = unzip(&folder.join("train-images-idx3-ubyte.gz"));
    let digits = bytes[16..].chunks_exact(784).take(n);
    digits.map(|digit| Pixels::new(28, 28, 1, digit.to_vec()).expect("784 bytes")).collect()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() { found.extend(files_in(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn mean_difference(a: &Pixels, b: &Pixels) -> f64 {
    assert_eq!((a.width, a.height, a.channels), (b.width, b.height, b.channels));
    let sum: u64 = a.data.iter().zip(&b.data).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
    sum as f64 / a.data.len() as f64
}

#[test]
fn png_suite_decodes_whole_and_its_broken_files_are_refused() {
    let Some(folder) = data("images-pngsuite") else { return };
    let mut n_refused = 0;
    for path in files_in(&folder).iter().filter(|path| path.extension().is_some_and(|ending| ending == "png"))
    {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let outcome = decode(&std::fs::read(path).expect("readable"), &Limits::default());
        if name.starts_with('x') {
            n_refused += 1;
            assert!(outcome.is_err(), "{name} must be refused");
        } else {
            let picture = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(picture.width > 0 && picture.height > 0);
        }
    }
    assert_eq!(n_refused, 14);
}

#[test]
fn hostile_files_end_in_a_picture_or_an_error() {
    let Some(folder) = data("images-bad-small") else { return };
    for path in files_in(&folder) {
        let outcome = decode(&std::fs::read(&path).expect("readable"), &Limits::default());
        let name = path.strip_prefix(&folder).expect("inside").display().to_string();
        match &outcome {
            Ok(picture) => println!("{name}: {}×{}", picture.width, picture.height),
            Err(error) => println!("{name}: {} {error}", error.code()),
        }
        let absurd = ["Bad_height", "Bad_width", "Bad_reallybig"].iter().any(|absurd| name.contains(absurd));
        assert!(!absurd || outcome.is_err(), "{name} must be refused");
    }
}

#[test]
fn all_orientations_show_one_picture() {
    let Some(folder) = data("images-exif-orientation") else { return };
    let upright: Vec<Pixels> = (0..9)
        .map(|exif| {
            let bytes = std::fs::read(folder.join(format!("Landscape_{exif}.jpg"))).expect("readable");
            let whole = decode(&bytes, &Limits::default()).expect("sound");
            assert!(whole.width > whole.height, "Landscape_{exif}");
            resize::area(&whole, 60, 40)
        })
        .collect();
    for (exif, other) in upright.iter().enumerate() {
        let off = mean_difference(&upright[1], other);
        // Each file was compressed and numbered on its own: it carries its own number in the picture.
        assert!(off < 8.0, "orientation {exif} is {off} off");
        let turned = mean_difference(&upright[1], &orientation::apply(other.clone(), 3));
        assert!(turned > 2.0 * off + 10.0, "the picture does not tell up from down: {turned}");
    }
}

/// Small pictures in every format, as the `image` crate writes them.
fn written() -> Vec<(&'static str, Vec<u8>)> {
    use ::image::{DynamicImage, ImageFormat, RgbImage};
    let picture =
        RgbImage::from_fn(37, 23, |x, y| ::image::Rgb([(x * 6) as u8, (y * 10) as u8, (x * y) as u8]));
    let picture = DynamicImage::ImageRgb8(picture);
    [
        ("PNG", ImageFormat::Png),
        ("JPEG", ImageFormat::Jpeg),
        ("GIF", ImageFormat::Gif),
        ("WebP", ImageFormat::WebP),
        ("BMP", ImageFormat::Bmp),
    ]
    .map(|(name, format)| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("written to memory");
        (name, bytes.into_inner())
    })
    .into()
}

#[test]
fn every_format_gives_the_picture_that_was_written() {
    let written = written();
    let expected = decode(&written[0].1, &Limits::default()).expect("sound");
    assert_eq!(expected.data[..3], [0, 0, 0]);
    for (name, bytes) in written {
        let picture =
            decode(&bytes, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}")).to_rgb();
        let bound = match name {
            "JPEG" => 6.0,
            // 256 colors.
            "GIF" => 15.0,
            _ => 0.0,
        };
        let off = mean_difference(&picture, &expected);
        assert!(off <= bound, "{name} is {off} off");
    }
}

#[test]
fn cut_and_flipped_files_never_panic() {
    let mut rng = Rng::new(7, 0);
    let limits = Limits { pixels: 1 << 20, decode_bytes: 1 << 23, ..Limits::default() };
    for (_, bytes) in written() {
        for _ in 0..300 {
            let mut broken = bytes.clone();
            for _ in 0..1 + rng.below(4) {
                let reach = if rng.below(2) == 0 { 64 } else { usize::MAX };
                let at = rng.below(broken.len().min(reach) as u32);
                broken[at as usize] = rng.below(256) as u8;
            }
            if rng.below(3) == 0 {
                broken.truncate(rng.below(broken.len() as u32) as usize);
            }
            // The outcome may be either; only a panic would end the test.
            let _ = decode(&broken, &limits);
        }
    }
}

#[test]
fn pixels_and_memory_are_limited_before_decoding() {
    for (name, bytes) in written() {
        let few_pixels = Limits { pixels: 37 * 23 - 1, ..Limits::default() };
        let refused = decode(&bytes, &few_pixels).expect_err(name);
        assert_eq!(*refused, Error::Limit { what: "pixels of the picture".into(), limit: 850, got: 851 });
        let little_memory = Limits { decode_bytes: 1000, ..Limits::default() };
        assert!(
            matches!(
                *decode(&bytes, &little_memory).expect_err(name),
                Error::Limit { .. } | Error::Image { .. }
            ),
            "{name}"
        );
    }
}

/// `digit` at `zoom` times its size, its ink `ink` on paper `paper`, on a large sheet off the middle.
fn on_paper(digit: &Pixels, zoom: usize, smooth: bool, paper: u8, ink: u8) -> Pixels {
    let (width, height) = (36 * zoom, 40 * zoom);
    let mut sheet = vec![paper; width * height];
    let side = 28 * zoom;
    let large = if smooth {
        resize::area(digit, side, side).data
    } else {
        (0..side * side).map(|i| digit.data[i / side / zoom * 28 + i % side / zoom]).collect()
    };
    for (i, &level) in large.iter().enumerate() {
        let (x, y) = (i % side + 5 * zoom, i / side + 3 * zoom);
        let mixed =
            (i32::from(paper) * (255 - i32::from(level)) + i32::from(ink) * i32::from(level) + 127) / 255;
        sheet[y * width + x] = mixed as u8;
    }
    Pixels::new(width, height, 1, sheet).expect("lengths agree")
}

fn check_recovery(name: &str, digits: &[Pixels], bound: f64, embed: impl Fn(usize, &Pixels) -> Pixels) {
    let mut sum = 0.0;
    for (i, original) in digits.iter().enumerate() {
        let found =
            digit::prepare(&embed(i, original)).unwrap_or_else(|| panic!("{name}: digit {i} is not seen"));
        sum += mean_difference(&found, original);
    }
    let mean = sum / digits.len() as f64;
    println!("{name}: mean difference {mean:.2} of 255");
    assert!(mean < bound, "{name}: {mean} of at most {bound}");
}

#[test]
fn mnist_digits_on_paper_come_back() {
    let Some(folder) = data("mnist") else { return };
    let digits = mnist(&folder, 200);
    check_recovery("as they are", &digits, 0.5, |_, digit| digit.clone());
    // The few digits of a very thin pen are thickened.
    check_recovery("10 times as large, dark on white", &digits, 1.0, |_, digit| {
        on_paper(digit, 10, false, 255, 0)
    });
    check_recovery("light on dark gray", &digits, 1.5, |_, digit| on_paper(digit, 7, false, 30, 240));
    check_recovery("smoothly enlarged", &digits, 10.0, |_, digit| on_paper(digit, 9, true, 255, 20));
    check_recovery("low contrast and noise", &digits, 12.0, |i, digit| {
        let mut rng = Rng::new(i as u64, 1);
        let mut sheet = on_paper(digit, 12, true, 190, 80);
        for level in &mut sheet.data {
            *level = (f32::from(*level) + 3.0 * rng.normal()).clamp(0.0, 255.0) as u8;
        }
        sheet
    });
    check_recovery("uneven light", &digits, 12.0, |_, digit| {
        let mut sheet = on_paper(digit, 12, true, 220, 40);
        let width = sheet.width;
        for (i, level) in sheet.data.iter_mut().enumerate() {
            let light = 1.0 - 0.4 * (i % width) as f32 / width as f32;
            *level = (f32::from(*level) * light) as u8;
        }
        sheet
    });
    check_recovery("through JPEG", &digits, 12.0, |_, digit| {
        let sheet = on_paper(digit, 12, true, 230, 30);
        let mut bytes = Vec::new();
        ::image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 50)
            .encode(&sheet.data, sheet.width as u32, sheet.height as u32, ::image::ExtendedColorType::L8)
            .expect("written to memory");
        decode(&bytes, &Limits::default()).expect("sound")
    });
}

/// The strokes of the development set, each with its label.
pub fn pen_digits(folder: &Path) -> Vec<(String, Vec<Stroke>)> {
    let json: serde_json::Value =
        serde_json::from_slice(&unzip(&folder.join("digits.json.gz"))).expect("sound JSON");
    let number = |value: &serde_json::Value| value.as_f64().expect("a number") as f32;
    let point = |point: &serde_json::Value| Point { x: number(&point[0]), y: number(&point[1]) };
    let list = |value: &serde_json::Value| value.as_array().expect("a list").clone();
    let digits = list(&json);
    digits
        .iter()
        .map(|digit| {
            let strokes =
                list(&digit["strokes"]).iter().map(|s| list(s).iter().map(point).collect()).collect();
            (digit["label"].as_str().expect("a label").to_string(), strokes)
        })
        .collect()
}

/// Who wrote them.
pub fn pen_writers(folder: &Path) -> Vec<String> {
    let json: serde_json::Value =
        serde_json::from_slice(&unzip(&folder.join("digits.json.gz"))).expect("sound JSON");
    let digits = json.as_array().expect("a list");
    digits.iter().map(|digit| digit["writer"].as_str().expect("a name").to_string()).collect()
}

/// Mean level, mean number of inked pixels, share of these that are nearly full.
fn ink_figures(digits: &[Pixels]) -> [f64; 3] {
    let levels = || digits.iter().flat_map(|digit| &digit.data);
    let n_inked = levels().filter(|&&level| level > 0).count() as f64;
    let n_full = levels().filter(|&&level| level >= 240).count() as f64;
    let n_pixels = (digits.len() * 784) as f64;
    [
        levels().map(|&level| f64::from(level)).sum::<f64>() / n_pixels,
        n_inked / digits.len() as f64,
        n_full / n_inked,
    ]
}

#[test]
fn pen_digits_have_the_ink_of_mnist() {
    let (Some(strokes), Some(mnist_folder)) = (data("strokes-dev"), data("mnist")) else { return };
    let drawn: Vec<Pixels> =
        pen_digits(&strokes).iter().map(|(_, strokes)| strokes::prepare(strokes).expect("ink")).collect();
    let (ours, theirs) = (ink_figures(&drawn), ink_figures(&mnist(&mnist_folder, 2000)));
    println!("mean, inked, full: {ours:.3?} drawn, {theirs:.3?} MNIST");
    for (our, their) in ours.iter().zip(theirs) {
        assert!((our / their - 1.0).abs() < 0.1, "{ours:?} {theirs:?}");
    }
}

/// Writes two sheets of 20×10 digits side by side for people to look at:
/// `OCELLI_SHEET=sheet.png cargo test --test it contact_sheet -- --ignored`.
#[test]
#[ignore = "writes a file for people to look at"]
fn contact_sheet() {
    let (Some(strokes), Some(mnist_folder)) = (data("strokes-dev"), data("mnist")) else { return };
    let drawn = pen_digits(&strokes);
    let drawn: Vec<Pixels> = drawn.iter().filter_map(|(_, strokes)| strokes::prepare(strokes)).collect();
    let theirs = mnist(&mnist_folder, 200);
    let sheet = ::image::GrayImage::from_fn(41 * 28, 10 * 28, |x, y| {
        let (column, row) = (x as usize / 28, y as usize / 28);
        let digit = match column {
            20 => return ::image::Luma([128]),
            0..20 => &drawn[(row * 20 + column) * 3],
            _ => &theirs[row * 20 + column - 21],
        };
        ::image::Luma([digit.data[y as usize % 28 * 28 + x as usize % 28]])
    });
    let path = std::env::var("OCELLI_SHEET").expect("OCELLI_SHEET names the file to write");
    sheet.save(path).expect("written");
}
