//! Pictures of any size and kind to examples of one shape, and which classes they are of by where they lie.

use super::Dataset;
use super::files::Part;
use crate::error::{Error, Limits, Result};
use crate::image::Pixels;
use crate::model::{Picture, Preprocessing};

/// Endings of files that are taken for pictures; their bytes decide which kind they are.
const ENDINGS: [&str; 7] = ["png", "jpg", "jpeg", "jpe", "webp", "gif", "bmp"];
/// The longest side of pictures that a network made for the data takes in their own size.
const SMALL: usize = 64;
/// The side that larger ones get.
const USUAL: usize = 32;

/// What pictures have to become: the input of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Height, width and channels of the network's input.
    pub shape: [usize; 3],
    /// How the network's pictures are prepared.
    pub preprocessing: Preprocessing,
}

impl Frame {
    /// The frame for a network that is made for the data: small pictures (up to 64 × 64) keep their size, larger ones
    /// become 32 × 32; alpha is left out.
    pub fn for_pictures_like(first: &Pixels) -> Frame {
        let is_small = first.width <= SMALL && first.height <= SMALL;
        let [h, w] = if is_small { [first.height, first.width] } else { [USUAL; 2] };
        let channels = if first.channels == 1 { 1 } else { 3 };
        Frame { shape: [h, w, channels], preprocessing: Preprocessing::default() }
    }

    /// Bytes of an example.
    pub fn example_len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Writes a picture as an example. One that has the network's very shape is taken as it is, like a data set's that
    /// was prepared before; any other is prepared as pictures to be classified are.
    ///
    /// Shapes: `example: [h, w, c]` of the frame.
    ///
    /// # Errors
    /// [`Error::Image`] when nothing is drawn on it; else as [`Preprocessing::prepare`].
    pub fn write(&self, picture: &Pixels, example: &mut [u8]) -> Result<()> {
        let [h, w, c] = self.shape;
        if [picture.height, picture.width] == [h, w] {
            example.copy_from_slice(&picture.to_channels(c)?.data);
            return Ok(());
        }
        match self.preprocessing.prepare(Picture::Pixels(picture), self.shape)? {
            Some(prepared) => example.copy_from_slice(&prepared.data),
            None => {
                return Err(Error::image("something drawn", "a blank picture"));
            }
        }
        Ok(())
    }

    /// A data set's room for `n` examples, all 0.
    ///
    /// # Errors
    /// [`Error::Limit`] when they are more than `limits` allows.
    pub fn room(&self, n: usize, limits: &Limits) -> Result<Vec<u8>> {
        let bytes = (n as u64).saturating_mul(self.example_len() as u64);
        Limits::check("bytes of the data set", bytes, limits.dataset_bytes)?;
        Ok(vec![0; bytes as usize])
    }

    /// The data set of examples with labels, of which some may have none: what could not be read is left out.
    ///
    /// # Errors
    /// [`Error::Data`] when none is left; else as [`Dataset::new`].
    pub fn dataset(
        &self,
        mut pixels: Vec<u8>,
        labels: &[Option<u32>],
        class_names: Vec<String>,
    ) -> Result<Dataset> {
        let len = self.example_len();
        let mut kept = Vec::with_capacity(labels.len());
        for (idx, label) in labels.iter().enumerate() {
            if let &Some(label) = label {
                pixels.copy_within(idx * len..(idx + 1) * len, kept.len() * len);
                kept.push(label);
            }
        }
        if kept.is_empty() {
            return Err(Error::data("at least one readable picture", format!("none among {}", labels.len())));
        }
        pixels.truncate(kept.len() * len);
        Dataset::new(self.shape, pixels, kept, class_names)
    }
}

/// Which pictures of a folder or an archive are of which class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sorted {
    /// The classes, those of the part to learn from.
    pub class_names: Vec<String>,
    /// Places among the paths, and the class of each.
    pub pictures: Vec<(usize, u32)>,
}

/// Sorts paths like `train/cat/1.jpg` of pictures: the folder a picture lies in is its class. Where there are folders
/// `train` (or `training`) and `test` (or `testing`) only what lies in these counts; otherwise all are to be learnt from.
///
/// # Errors
/// [`Error::Data`] when there is no picture in a class or none of this part; [`Error::Label`] when a class has pictures
/// to test on alone.
pub fn sort(paths: &[impl AsRef<str>], part: Part) -> Result<Sorted> {
    let located: Vec<Option<(&str, Option<Part>)>> = paths.iter().map(|path| locate(path.as_ref())).collect();
    let has_parts = located.iter().flatten().any(|(_, part)| *part == Some(Part::Train));
    let of = |wanted: Part| {
        let located = located.iter().enumerate();
        located.filter_map(move |(idx, place)| match place {
            Some((class, part)) if *part == has_parts.then_some(wanted) => Some((idx, *class)),
            _ => None,
        })
    };
    let mut class_names: Vec<String> = of(Part::Train).map(|(_, class)| class.to_string()).collect();
    order_classes(&mut class_names);
    let none = |expected: &str| Error::data(expected, "none");
    if class_names.is_empty() {
        return Err(none("a folder of pictures for each class"));
    }
    if part == Part::Test && (!has_parts || of(part).next().is_none()) {
        return Err(none("a folder test beside train"));
    }
    let mut pictures = Vec::new();
    for (idx, class) in of(part) {
        let label = class_names
            .iter()
            .position(|name| name == class)
            .ok_or_else(|| Error::label(class_names.join(", "), class))?;
        pictures.push((idx, label as u32));
    }
    Ok(Sorted { class_names, pictures })
}

/// The class and the part of a path; none for what is hidden, no picture or in no folder.
fn locate(path: &str) -> Option<(&str, Option<Part>)> {
    let mut folders: Vec<&str> = path.split(['/', '\\']).filter(|name| !name.is_empty()).collect();
    let file = folders.pop()?;
    let is_hidden = |name: &&str| name.starts_with('.') || *name == "__MACOSX";
    let ending = file.rsplit_once('.')?.1.to_ascii_lowercase();
    let class = folders.pop()?;
    if is_hidden(&file)
        || is_hidden(&class)
        || folders.iter().any(is_hidden)
        || !ENDINGS.contains(&&ending[..])
    {
        return None;
    }
    let part = folders.iter().rev().find_map(|folder| match folder.to_ascii_lowercase().as_str() {
        "train" | "training" => Some(Part::Train),
        "test" | "testing" => Some(Part::Test),
        _ => None,
    });
    Some((class, part))
}

/// The pictures that are the rows of larger ones, with a label byte each: row i of a sprite holds the cells of a square
/// picture, row after row.
///
/// # Errors
/// [`Error::Shape`] when rows are no squares, differ, or are not as many as the labels; else as [`Dataset::new`].
pub fn of_sprites(sprites: &[Pixels], labels: &[u8], mut names: Vec<String>) -> Result<Dataset> {
    let refuse = |expected: &str, got: String| Error::shape("A sprite", expected, got);
    let Some(first) = sprites.first() else {
        return Err(Error::data("a sprite of pictures", "none"));
    };
    let (side, channels) = (first.width.isqrt(), if first.channels == 1 { 1 } else { 3 });
    if side * side != first.width {
        return Err(refuse("rows that are the cells of a square", format!("{} cells", first.width)));
    }
    let mut pixels = Vec::new();
    for sprite in sprites {
        if sprite.width != first.width {
            return Err(refuse(&format!("rows of {} cells", first.width), format!("{} cells", sprite.width)));
        }
        pixels.extend(sprite.to_channels(channels)?.data);
    }
    let n_classes = labels.iter().max().map_or(0, |&highest| usize::from(highest) + 1);
    if names.len() < n_classes {
        names = (0..n_classes).map(|class| class.to_string()).collect();
    }
    Dataset::new([side, side, channels], pixels, labels.iter().map(|&label| label.into()).collect(), names)
}

/// Puts the names of classes into order: by value if all are whole numbers, else by their letters; each once.
pub fn order_classes(names: &mut Vec<String>) {
    let numbers: Option<Vec<u32>> = names.iter().map(|name| name.parse().ok()).collect();
    let mut ordered = Vec::new();
    for (i, name) in names.drain(..).enumerate() {
        let class = (numbers.as_ref().map(|numbers| numbers[i]), name);
        let place = ordered.partition_point(|other| *other < class);
        if ordered.get(place) != Some(&class) {
            ordered.insert(place, class);
        }
    }
    names.extend(ordered.into_iter().map(|(_, name)| name));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(width: usize, height: usize, channels: usize, value: u8) -> Pixels {
        Pixels::new(width, height, channels, vec![value; width * height * channels]).unwrap()
    }

    #[test]
    fn small_pictures_keep_their_size_and_large_ones_shrink() {
        let cases = [
            ((28, 20, 1), [20, 28, 1]),
            ((64, 64, 4), [64, 64, 3]),
            ((65, 10, 3), [32, 32, 3]),
            ((9, 500, 1), [32, 32, 1]),
        ];
        for ((width, height, channels), shape) in cases {
            assert_eq!(Frame::for_pictures_like(&flat(width, height, channels, 1)).shape, shape);
        }
    }

    #[test]
    fn a_picture_of_the_very_shape_stays_and_others_are_prepared() {
        let digits = Frame { shape: [28, 28, 1], preprocessing: Preprocessing::digit() };
        let mut ink = flat(28, 28, 1, 0);
        ink.data[3 * 28 + 2] = 200;
        let mut example = vec![9; 28 * 28];
        digits.write(&ink, &mut example).unwrap();
        assert_eq!(example, ink.data, "an example of MNIST is not centered again");
        assert_eq!(digits.write(&flat(50, 50, 3, 255), &mut example).unwrap_err().code(), "image");

        let colors = Frame { shape: [2, 2, 3], preprocessing: Preprocessing::default() };
        let mut example = vec![9; 12];
        colors.write(&flat(7, 5, 1, 77), &mut example).unwrap();
        assert_eq!(example, [77; 12]);
    }

    #[test]
    fn what_could_not_be_read_is_left_out() {
        let frame = Frame { shape: [1, 2, 1], preprocessing: Preprocessing::default() };
        let names = || vec!["a".to_string(), "b".into()];
        let data = frame.dataset(vec![1, 2, 3, 4, 5, 6], &[Some(1), None, Some(0)], names()).unwrap();
        assert_eq!((data.pixels, data.labels), (vec![1, 2, 5, 6], vec![1, 0]));
        assert_eq!(frame.dataset(vec![0; 4], &[None, None], names()).unwrap_err().code(), "data");
        let limits = Limits { dataset_bytes: 5, ..Limits::default() };
        assert_eq!(frame.room(2, &limits).unwrap(), [0; 4]);
        for n in [3, usize::MAX] {
            assert_eq!(frame.room(n, &limits).unwrap_err().code(), "limit");
        }
    }

    #[test]
    fn paths_tell_class_and_part() {
        let paths = [
            "set/train/cat/1.JPG",
            "set/train/dog/2.png",
            "set/test/dog/3.png",
            "set/other/dog/4.png",
            "set/train/dog/notes.txt",
            "set/train/dog/.5.png",
            "__MACOSX/set/train/dog/6.png",
            "7.png",
        ];
        let train = sort(&paths, Part::Train).unwrap();
        assert_eq!(
            (train.class_names, train.pictures),
            (vec!["cat".into(), "dog".into()], vec![(0, 0), (1, 1)])
        );
        assert_eq!(sort(&paths, Part::Test).unwrap().pictures, [(2, 1)]);
        assert_eq!(sort(&["10/a.png", "9/a.png"], Part::Train).unwrap().pictures, [(0, 1), (1, 0)]);
        assert_eq!(sort(&["10/a.png", "9/a.png"], Part::Test).unwrap_err().code(), "data");
        assert_eq!(sort(&["a.png", "b/c.txt"], Part::Train).unwrap_err().code(), "data");
        let unknown = sort(&["train/a/1.png", "test/b/1.png"], Part::Test).unwrap_err();
        assert_eq!(unknown.code(), "label");
    }

    #[test]
    fn rows_of_sprites_are_pictures() {
        let sprite = Pixels::new(4, 2, 1, (0..8).collect()).unwrap();
        let data = of_sprites(&[sprite.clone(), flat(4, 1, 1, 9)], &[2, 0, 1], Vec::new()).unwrap();
        assert_eq!(
            (data.shape, data.example(1), data.example(2)),
            ([2, 2, 1], &[4, 5, 6, 7][..], &[9; 4][..])
        );
        assert_eq!(data.class_names, ["0", "1", "2"]);
        for (sprites, labels, code) in [
            (vec![], vec![], "data"),
            (vec![flat(5, 1, 1, 0)], vec![0], "shape"),
            (vec![flat(4, 1, 1, 0), flat(9, 1, 1, 0)], vec![0, 0], "shape"),
            (vec![sprite], vec![0], "shape"),
        ] {
            assert_eq!(of_sprites(&sprites, &labels, Vec::new()).unwrap_err().code(), code);
        }
    }

    #[test]
    fn numbers_come_in_their_order_and_words_in_theirs() {
        let ordered = |names: &[&str]| {
            let mut names = names.iter().map(|name| name.to_string()).collect();
            order_classes(&mut names);
            names
        };
        assert_eq!(ordered(&["10", "9", "0", "9"]), ["0", "9", "10"]);
        assert_eq!(ordered(&["10", "9", "x"]), ["10", "9", "x"]);
    }
}
