//! What the files of a folder or an archive make together, told by where they lie and what they are called.

use super::files::{self, Part};
use super::pictures::{self, Sorted};
use crate::error::Result;

/// The file of labels beside sprites.
const SPRITE_LABELS: &str = "labels.bin";

/// What files are, by their places among the paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Pictures, a folder for each class.
    Pictures(Sorted),
    /// Pictures whose rows are pictures, and the file of their labels.
    Sprites {
        /// The file of labels.
        labels: usize,
        /// The sprites, in the order of the paths.
        sprites: Vec<usize>,
    },
    /// Files that [`files::dataset`] reads together; none if no file is of a known kind.
    Files(Vec<usize>),
}

/// What files with these paths are. A lone folder with a picture in it is no data set of pictures if something else is.
///
/// # Errors
/// As [`pictures::sort`], when there are pictures and none of this part.
pub fn arrange(paths: &[impl AsRef<str>], part: Part) -> Result<Arrangement> {
    let paths: Vec<&str> = paths.iter().map(AsRef::as_ref).collect();
    if let Some(sprites) = sprites(&paths) {
        return Ok(sprites);
    }
    let other = if part == Part::Train { Part::Test } else { Part::Train };
    let is_wanted =
        |name: &str| files::is_known(name) && !name.starts_with('.') && files::part_of(name) != Some(other);
    let places = paths.iter().enumerate().filter(|(_, path)| is_wanted(name_of(path)));
    let places: Vec<usize> = places.map(|(idx, _)| idx).collect();
    match pictures::sort(&paths, Part::Train) {
        Ok(sorted) if sorted.class_names.len() > 1 || places.is_empty() => {
            Ok(Arrangement::Pictures(pictures::sort(&paths, part)?))
        }
        _ => Ok(Arrangement::Files(places)),
    }
}

/// A file of labels and the pictures that lie beside it.
fn sprites(paths: &[&str]) -> Option<Arrangement> {
    let labels = paths.iter().position(|path| name_of(path) == SPRITE_LABELS)?;
    let folder = paths[labels].strip_suffix(SPRITE_LABELS)?;
    let is_beside = |path: &str| {
        let name = name_of(path);
        path.strip_suffix(name) == Some(folder)
            && name.to_ascii_lowercase().ends_with(".png")
            && !name.starts_with('.')
    };
    let sprites: Vec<usize> = (0..paths.len()).filter(|&idx| is_beside(paths[idx])).collect();
    (!sprites.is_empty()).then_some(Arrangement::Sprites { labels, sprites })
}

/// The last part of a path.
pub fn name_of(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_sprites_and_tables_are_told_apart() {
        let sorted = arrange(&["a/cat/1.png", "a/dog/2.png", "a/labels.bin"], Part::Train).unwrap();
        assert!(matches!(sorted, Arrangement::Pictures(sorted) if sorted.class_names == ["cat", "dog"]));
        let sprites =
            arrange(&["s/labels.bin", "s/b.png", "s/a.PNG", "s/._a.png", "c.png"], Part::Train).unwrap();
        assert_eq!(sprites, Arrangement::Sprites { labels: 0, sprites: vec![1, 2] });
        let tables = ["x/mnist_train.csv", "x/mnist_test.csv", "x/readme.md", "x/preview.png"];
        assert_eq!(arrange(&tables, Part::Train).unwrap(), Arrangement::Files(vec![0]));
        let alone = arrange(&["cat/1.png"], Part::Train).unwrap();
        assert!(matches!(alone, Arrangement::Pictures(sorted) if sorted.class_names == ["cat"]));
    }

    #[test]
    fn each_part_has_its_files_and_a_stranger_has_none() {
        let paths = ["cifar\\data_batch_1.bin", "cifar\\test_batch.bin", "cifar\\batches.meta.txt"];
        assert_eq!(arrange(&paths, Part::Test).unwrap(), Arrangement::Files(vec![1, 2]));
        assert_eq!(arrange(&["notes.md"], Part::Train).unwrap(), Arrangement::Files(vec![]));
        assert_eq!(arrange(&["cat/1.png"], Part::Test).unwrap_err().code(), "data");
    }
}
