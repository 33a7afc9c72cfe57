//! Files to models and data sets.

use std::error::Error;
use std::path::{Path, PathBuf};

use ocelli::data::files::{self, Reading};
use ocelli::data::pictures::Frame;
use ocelli::data::{Dataset, generated};
use ocelli::error::Limits;
use ocelli::image::pen_steps::{N_STEPS, pen_steps};
use ocelli::image::strokes::{self, Point};
use ocelli::model::{Model, Preprocessing, StorageType};

use super::folders;

/// Which of a data set's two parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Part {
    /// The examples to learn from.
    Train,
    /// The examples to judge by, once.
    Test,
}

/// How a model file stores weights.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Storage {
    /// Four bytes each: exactly as trained.
    F32,
    /// Two bytes each.
    F16,
    /// One byte each.
    I8,
}

/// Saves a model.
pub fn save(path: &Path, model: &Model, storage: Storage) -> Result<(), Box<dyn Error>> {
    let storage = match storage {
        Storage::F32 => StorageType::F32,
        Storage::F16 => StorageType::F16,
        Storage::I8 => StorageType::I8,
    };
    write(path, &model.save(storage))
}

/// Writes beside the target first, so that a failed write loses nothing.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    let beside = path.with_extension("part");
    std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A file's bytes, or an error that names it.
pub fn read(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let limit = Limits::default().file_bytes;
    let size = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.len();
    Limits::check(&format!("bytes of {}", path.display()), size, limit)?;
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The model of a file.
pub fn model(path: &Path) -> Result<Model, Box<dyn Error>> {
    Model::load(&read(path)?, &Limits::default())
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The file or folder `name` as it is, else inside the folder that `OCELLI_DATA` names.
fn find(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let direct = PathBuf::from(name);
    if direct.exists() {
        return Ok(direct);
    }
    let Some(root) = std::env::var_os("OCELLI_DATA") else {
        return Err(
            format!("{name}: no such file or folder; set OCELLI_DATA to the folder that has it").into()
        );
    };
    let inside = Path::new(&root).join(name);
    if inside.exists() {
        Ok(inside)
    } else {
        Err(format!("{}: no such file or folder", inside.display()).into())
    }
}

/// What the examples are for.
#[derive(Clone, Debug)]
pub enum Use {
    /// The input of this network.
    Fixed(Frame),
    /// A preset, made for the data; this is the input it usually has.
    Preset([usize; 3]),
}

impl Use {
    /// For a model as it is.
    pub fn of(model: &Model) -> Use {
        let spec = model.spec();
        Use::Fixed(Frame { shape: spec.input_shape, preprocessing: spec.preprocessing.clone() })
    }

    /// For a network without preparation of its own.
    pub fn plain(shape: [usize; 3]) -> Use {
        Use::Fixed(Frame { shape, preprocessing: Preprocessing::default() })
    }

    fn shape(&self) -> [usize; 3] {
        match self {
            Use::Fixed(frame) => frame.shape,
            Use::Preset(shape) => *shape,
        }
    }
}

/// Where examples come from.
#[derive(clap::Args, Clone, Debug)]
pub struct DataArguments {
    /// A data set, or its name in OCELLI_DATA: a folder of IDX files, CIFAR's binary files, tables, arrays of NumPy, pen
    /// strokes, a sprite with labels, or a folder of pictures for each class; an archive (.zip, .npz) of such; a table
    /// (.csv). Generated ones are called `handwriting`, `clips` and `strokes`.
    #[arg(long)]
    pub data: String,
    /// Read CIFAR-100's twenty groups instead of its hundred classes.
    #[arg(long)]
    pub coarse: bool,
    /// Whether pictures of IDX files lie on their side, as EMNIST's, which are known by their name.
    #[arg(long)]
    pub transposed: Option<bool>,
    /// Take only the middle SIDE × SIDE pixels of pictures, as 24 of CIFAR-10's 32.
    #[arg(long, value_name = "SIDE")]
    pub crop: Option<usize>,
}

/// One part of a data set, cropped if that is asked for.
pub fn dataset(from: &DataArguments, part: Part, of: &Use) -> Result<Dataset, Box<dyn Error>> {
    match from.crop {
        Some(side) => Ok(whole(from, part, &Use::Preset(of.shape()))?.cropped(side)?),
        None => whole(from, part, of),
    }
}

/// One part of a data set; pen strokes become sequences of steps if the network's shape is such a sequence's.
fn whole(from: &DataArguments, part: Part, of: &Use) -> Result<Dataset, Box<dyn Error>> {
    let name = from.data.as_str();
    if generated::NAMES.contains(&name) {
        let (n, seed) = if part == Part::Train { (4000, 1) } else { (1000, 2) };
        let n = if name == "handwriting" { 10 * n } else { n };
        return Ok(generated::generate(name, n, seed)?);
    }
    let path = find(&from.data)?;
    let pens = path.join("digits.json.gz");
    if pens.exists() {
        return strokes_dataset(&pens, of.shape());
    }
    let part = if part == Part::Train { files::Part::Train } else { files::Part::Test };
    let reading = Reading { part, coarse: from.coarse, transposed: from.transposed };
    folders::dataset(&path, reading, of)
}

#[derive(serde::Deserialize)]
struct PenDigit {
    label: String,
    strokes: Vec<Vec<[f32; 3]>>,
}

/// Digits given as the paths of a pen: their steps, or pictures prepared as the page's pad prepares them.
fn strokes_dataset(path: &Path, shape: [usize; 3]) -> Result<Dataset, Box<dyn Error>> {
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path)?);
    let digits: Vec<PenDigit> = serde_json::from_reader(std::io::BufReader::new(file))?;
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for digit in &digits {
        let path: Vec<Vec<Point>> = digit
            .strokes
            .iter()
            .map(|stroke| stroke.iter().map(|&[x, y, _]| Point { x, y }).collect())
            .collect();
        let example = match shape {
            [N_STEPS, 3, 1] => pen_steps(&path),
            _ => strokes::prepare(&path).map(|picture| picture.data),
        };
        if let Some(example) = example {
            pixels.extend_from_slice(&example);
            labels.push(digit.label.parse()?);
        }
    }
    let names = (0..10).map(|digit| digit.to_string()).collect();
    let shape = if shape == [N_STEPS, 3, 1] { shape } else { [28, 28, 1] };
    Ok(Dataset::new(shape, pixels, labels, names)?)
}
