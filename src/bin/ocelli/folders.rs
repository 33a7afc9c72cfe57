//! A folder with a folder of pictures for each class, decoded by all processors.

use std::error::Error;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use ocelli::data::Dataset;
use ocelli::data::pictures::{Frame, order_classes};
use ocelli::error::Limits;
use ocelli::image::decode::decode;

use super::data::{self, Part, Use};

/// Endings of files that are taken for pictures; their bytes decide which kind they are.
const ENDINGS: [&str; 7] = ["png", "jpg", "jpeg", "jpe", "webp", "gif", "bmp"];
/// Names of unreadable pictures that are told.
const N_TOLD: usize = 5;

/// Whether this is a folder of classes, or one of `train` and `test` with classes.
pub fn has_classes(folder: &Path) -> bool {
    classes(&part_of(folder, Part::Train)).is_ok_and(|names| !names.is_empty())
}

/// The pictures of one part; without folders `train` and `test` all are to be learnt from. The classes are those of
/// `train` in both parts.
pub fn dataset(folder: &Path, part: Part, of: &Use) -> Result<Dataset, Box<dyn Error>> {
    let within = part_of(folder, part);
    if part == Part::Test && within == folder {
        let told =
            format!("{}: no folder test beside train; name the part with --part train", folder.display());
        return Err(told.into());
    }
    let names = classes(&part_of(folder, Part::Train))?;
    let mut files = Vec::new();
    for name in classes(&within)? {
        let label = names.iter().position(|known| *known == name).ok_or_else(|| {
            format!("{}: no such class in {}", within.join(&name).display(), folder.join("train").display())
        })?;
        let pictures = pictures(&within.join(&name))?;
        files.extend(pictures.into_iter().map(|path| (path, label as u32)));
    }
    let frame = frame(&files, of)?;
    let mut pixels = frame.room(files.len(), &Limits::default())?;
    let mut labels: Vec<Option<u32>> = files.iter().map(|&(_, label)| Some(label)).collect();
    let failures = fill(&frame, &files, &mut pixels, &mut labels);
    for failure in failures.iter().take(N_TOLD) {
        eprintln!("{failure}");
    }
    if !failures.is_empty() {
        eprintln!("left out: {} of {} pictures", failures.len(), files.len());
    }
    Ok(frame.dataset(pixels, &labels, names)?)
}

/// The folder `train` or `test`, however it is written, or the folder itself if it has no `train`.
fn part_of(folder: &Path, part: Part) -> PathBuf {
    let inside = |names: &[&str]| names.iter().map(|name| folder.join(name)).find(|path| path.is_dir());
    match (part, inside(&["train", "training", "Train", "Training"])) {
        (Part::Train, Some(train)) => train,
        (Part::Test, Some(_)) => {
            inside(&["test", "testing", "Test", "Testing"]).unwrap_or_else(|| folder.into())
        }
        (_, None) => folder.into(),
    }
}

/// What lies in a folder and is not hidden.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let told = |error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(told)? {
        let entry = entry.map_err(told)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// The names of the folders that have pictures.
fn classes(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for path in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        if let (Some(name), false) = (path.file_name(), pictures(&path)?.is_empty()) {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    order_classes(&mut names);
    Ok(names)
}

/// The picture files of a folder, in the order of their names.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let is_picture = |path: &PathBuf| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) && path.is_file()
    };
    Ok(entries(folder)?.into_iter().filter(is_picture).collect())
}

/// The network's, or for a preset that of the first picture that can be read.
fn frame(files: &[(PathBuf, u32)], of: &Use) -> Result<Frame, Box<dyn Error>> {
    if let Use::Fixed(frame) = of {
        return Ok(frame.clone());
    }
    let first = files.iter().find_map(|(path, _)| decode(&data::read(path).ok()?, &Limits::default()).ok());
    first.map(|first| Frame::for_pictures_like(&first)).ok_or_else(|| "no readable picture".into())
}

/// Decodes all into their places; takes the label of each that fails, and tells why.
fn fill(
    frame: &Frame,
    files: &[(PathBuf, u32)],
    pixels: &mut [u8],
    labels: &mut [Option<u32>],
) -> Vec<String> {
    let n_threads = thread::available_parallelism().map_or(1, NonZero::get);
    let each = files.len().div_ceil(n_threads).max(1);
    let len = frame.example_len();
    thread::scope(|scope| {
        let parts = files.chunks(each).zip(pixels.chunks_mut(each * len)).zip(labels.chunks_mut(each));
        let running: Vec<_> = parts
            .map(|((files, pixels), labels)| scope.spawn(|| fill_part(frame, files, pixels, labels)))
            .collect();
        let joined = running.into_iter().flat_map(|part| part.join().expect("decoding does not panic"));
        joined.collect()
    })
}

fn fill_part(
    frame: &Frame,
    files: &[(PathBuf, u32)],
    pixels: &mut [u8],
    labels: &mut [Option<u32>],
) -> Vec<String> {
    let mut failures = Vec::new();
    for (((path, _), example), label) in files.iter().zip(pixels.chunks_mut(frame.example_len())).zip(labels)
    {
        let told = |error: ocelli::Error| format!("{}: {error}", path.display());
        let written = data::read(path).map_err(|error| error.to_string()).and_then(|bytes| {
            let picture = decode(&bytes, &Limits::default()).map_err(told)?;
            frame.write(&picture, example).map_err(told)
        });
        if let Err(failure) = written {
            *label = None;
            failures.push(failure);
        }
    }
    failures
}
