//! Files of folders and archives to data sets; pictures are decoded by all processors.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use ocelli::data::arrange::{Arrangement, arrange, name_of};
use ocelli::data::files::{self, Part, Reading};
use ocelli::data::pictures::{self, Frame};
use ocelli::data::{Dataset, csv};
use ocelli::error::Limits;
use ocelli::image::decode::decode;

use super::data::{self, Use};

/// Names of unreadable pictures that are told.
const N_TOLD: usize = 5;
/// Folders within folders that are looked through.
const DEEPEST: usize = 6;

/// A file, wherever it is.
struct Item {
    /// Its path within the folder or archive.
    path: String,
    place: Place,
}

enum Place {
    Disk(PathBuf),
    Memory(Vec<u8>),
}

impl Item {
    fn bytes(&self) -> Result<Vec<u8>, Box<dyn Error>> {
        match &self.place {
            Place::Disk(path) => data::read(path),
            Place::Memory(bytes) => Ok(bytes.clone()),
        }
    }

    fn name(&self) -> &str {
        name_of(&self.path)
    }
}

/// The data set of a folder, an archive (`.zip`, `.npz`), a table or an array.
pub fn dataset(path: &Path, reading: Reading, of: &Use) -> Result<Dataset, Box<dyn Error>> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let items = match ending.as_str() {
        _ if path.is_dir() => {
            let mut items = Vec::new();
            walk(path, "", &mut items)?;
            items
        }
        "zip" | "npz" => {
            let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
            unpack(BufReader::new(file), Limits::default().dataset_bytes)
                .map_err(|error| format!("{}: {error}", path.display()))?
        }
        _ => {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            vec![Item { path: name, place: Place::Disk(path.into()) }]
        }
    };
    of_items(&items, reading, of).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn of_items(items: &[Item], reading: Reading, of: &Use) -> Result<Dataset, Box<dyn Error>> {
    let paths: Vec<&str> = items.iter().map(|item| item.path.as_str()).collect();
    let wanted: Vec<&Item> = match arrange(&paths, reading.part)? {
        Arrangement::Pictures(sorted) => return of_pictures(items, sorted, of),
        Arrangement::Sprites { labels, sprites } => {
            return of_sprites(items, &sprites, &items[labels].bytes()?, reading.part);
        }
        Arrangement::Files(places) => places.into_iter().map(|idx| &items[idx]).collect(),
    };
    // A table that lies alone is never held whole.
    if let [Item { path, place: Place::Disk(place) }] = wanted[..]
        && path.ends_with(".csv")
        && (reading.part == Part::Train || files::part_of(path).is_some())
    {
        return table(place);
    }
    let bytes: Vec<Vec<u8>> = wanted.iter().map(|item| item.bytes()).collect::<Result<_, _>>()?;
    let files: Vec<files::File<'_>> =
        wanted.iter().zip(&bytes).map(|(item, bytes)| files::File { name: item.name(), bytes }).collect();
    Ok(files::dataset(&files, reading, &Limits::default())?)
}

fn table(path: &Path) -> Result<Dataset, Box<dyn Error>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut reader = csv::Reader::new(&Limits::default());
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(reader.finish()?),
            n => reader.push(&piece[..n])?,
        }
    }
}

/// All files below a folder, those of a folder in the order of their names.
fn walk(folder: &Path, within: &str, items: &mut Vec<Item>) -> Result<(), Box<dyn Error>> {
    let told = |error| format!("{}: {error}", folder.display());
    let mut entries =
        std::fs::read_dir(folder).map_err(told)?.collect::<Result<Vec<_>, _>>().map_err(told)?;
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let path = format!("{within}{}", entry.file_name().to_string_lossy());
        let is_folder = entry.file_type().map_err(told)?.is_dir();
        if is_folder && within.matches('/').count() < DEEPEST {
            walk(&entry.path(), &format!("{path}/"), items)?;
        } else if !is_folder {
            items.push(Item { path, place: Place::Disk(entry.path()) });
        }
    }
    Ok(())
}

/// The files of an archive, in the order of their names, together of at most `limit` bytes.
fn unpack(archive: impl Read + Seek, limit: u64) -> Result<Vec<Item>, Box<dyn Error>> {
    let mut archive = zip::ZipArchive::new(archive)?;
    let mut n_bytes = 0;
    let mut items = Vec::new();
    for idx in 0..archive.len() {
        let entry = archive.by_index(idx)?;
        if !entry.is_file() {
            continue;
        }
        let path = entry.name()?.into_owned();
        let mut bytes = Vec::new();
        // The size an archive states is not believed.
        entry.take(limit - n_bytes + 1).read_to_end(&mut bytes)?;
        n_bytes += bytes.len() as u64;
        Limits::check("unpacked bytes of the archive", n_bytes, limit)?;
        items.push(Item { path, place: Place::Memory(bytes) });
    }
    items.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(items)
}

/// Pictures whose rows are pictures, with a file of labels.
fn of_sprites(
    items: &[Item],
    sprites: &[usize],
    labels: &[u8],
    part: Part,
) -> Result<Dataset, Box<dyn Error>> {
    if part == Part::Test {
        return Err("no part to test on; name the part with --part train".into());
    }
    let sprites = sprites.iter().map(|&idx| Ok(decode(&items[idx].bytes()?, &Limits::default())?));
    let sprites: Vec<_> = sprites.collect::<Result<_, Box<dyn Error>>>()?;
    Ok(pictures::of_sprites(&sprites, labels, Vec::new())?)
}

fn of_pictures(items: &[Item], sorted: pictures::Sorted, of: &Use) -> Result<Dataset, Box<dyn Error>> {
    let files: Vec<(&Item, u32)> = sorted.pictures.iter().map(|&(idx, label)| (&items[idx], label)).collect();
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
    Ok(frame.dataset(pixels, &labels, sorted.class_names)?)
}

/// The network's, or for a preset that of the first picture that can be read.
fn frame(files: &[(&Item, u32)], of: &Use) -> Result<Frame, Box<dyn Error>> {
    if let Use::Fixed(frame) = of {
        return Ok(frame.clone());
    }
    let first = files.iter().find_map(|(item, _)| decode(&item.bytes().ok()?, &Limits::default()).ok());
    first.map(|first| Frame::for_pictures_like(&first)).ok_or_else(|| "no readable picture".into())
}

/// Decodes all into their places; takes the label of each that fails, and tells why.
fn fill(frame: &Frame, files: &[(&Item, u32)], pixels: &mut [u8], labels: &mut [Option<u32>]) -> Vec<String> {
    let n_threads = thread::available_parallelism().map_or(1, NonZero::get);
    let each = files.len().div_ceil(n_threads).max(1);
    let len = frame.example_len();
    thread::scope(|scope| {
        let parts = files.chunks(each).zip(pixels.chunks_mut(each * len)).zip(labels.chunks_mut(each));
        let running: Vec<_> = parts
            .map(|((files, pixels), labels)| scope.spawn(|| fill_part(frame, files, pixels, labels)))
            .collect();
        running.into_iter().flat_map(|part| part.join().expect("decoding does not panic")).collect()
    })
}

fn fill_part(
    frame: &Frame,
    files: &[(&Item, u32)],
    pixels: &mut [u8],
    labels: &mut [Option<u32>],
) -> Vec<String> {
    let mut failures = Vec::new();
    for (((item, _), example), label) in files.iter().zip(pixels.chunks_mut(frame.example_len())).zip(labels)
    {
        let told = |error: Box<ocelli::Error>| format!("{}: {error}", item.path);
        let written = item.bytes().map_err(|error| error.to_string()).and_then(|bytes| {
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

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let deflated = zip::write::SimpleFileOptions::default();
        for (name, bytes) in files {
            writer.start_file(*name, deflated).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn an_archive_is_unpacked_up_to_a_limit() {
        let zeros = vec![0; 1 << 20];
        let bytes = archive(&[("b.bin", &zeros), ("a.bin", &[1, 2])]);
        assert!(bytes.len() < 1 << 12, "a bomb is small");
        let limit = (1 << 20) + 2;
        let items = unpack(Cursor::new(&bytes), limit).unwrap();
        assert_eq!((items[0].name(), items[0].bytes().unwrap()), ("a.bin", vec![1, 2]));
        for limit in [limit - 1, 100, 0] {
            let refused = unpack(Cursor::new(&bytes), limit).err().unwrap().to_string();
            assert!(refused.contains("at most"), "{refused}");
        }
    }

    #[test]
    fn a_broken_archive_is_refused() {
        let bytes = archive(&[("a.bin", &[7; 300])]);
        for end in 0..bytes.len() {
            assert!(unpack(Cursor::new(&bytes[..end]), 1 << 20).is_err(), "{end}");
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x55;
            let _ = unpack(Cursor::new(&bytes), 1 << 20);
        }
    }
}
