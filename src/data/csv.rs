//! Tables of `label,pixel,pixel,…`, a line for each picture, read piece by piece: the text itself is never held whole.
//!
//! Read here: commas between the fields, values in quotes or not, a line of column names or none. The label is in the
//! column named `label`, `class`, `target` or `y`, otherwise in the first; the others are the pixels of a square picture,
//! row after row, gray or (three to a pixel) in color, as whole numbers from 0 to 255.

use super::Dataset;
use super::pictures::order_classes;
use crate::error::{Error, Limits, Result};

const FORMAT: &str = "CSV";
/// What a line may hold.
const LONGEST_LINE: u64 = 1 << 22;
/// Different labels a table may have.
const MOST_CLASSES: u64 = 10_000;
/// Names of the column of labels.
const LABEL_NAMES: [&str; 5] = ["label", "labels", "class", "target", "y"];

/// What the first line told.
#[derive(Clone, Copy, Debug)]
struct Columns {
    n: usize,
    label_at: usize,
    shape: [usize; 3],
}

/// A table being read.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    n_lines: u64,
    columns: Option<Columns>,
    pixels: Vec<u8>,
    /// For each picture the place of its label in `names`.
    labels: Vec<u32>,
    /// In the order of their letters, each with the place that it was given as it came.
    names: Vec<(String, u32)>,
}

impl Reader {
    /// A reader that has seen nothing yet.
    pub fn new(limits: &Limits) -> Reader {
        Reader {
            limits: *limits,
            line: Vec::new(),
            n_lines: 0,
            columns: None,
            pixels: Vec::new(),
            labels: Vec::new(),
            names: Vec::new(),
        }
    }

    /// Reads on.
    ///
    /// # Errors
    /// [`Error::Format`] naming the line for what is no such table, [`Error::Limit`] for more than the limits allow.
    pub fn push(&mut self, mut piece: &[u8]) -> Result<()> {
        while let Some(end) = piece.iter().position(|&byte| byte == b'\n') {
            let (rest, after) = piece.split_at(end);
            self.grow(rest)?;
            piece = &after[1..];
            let line = std::mem::take(&mut self.line);
            self.take(&line)?;
            self.line = line;
            self.line.clear();
        }
        self.grow(piece)
    }

    /// The data set of all that was read. Labels that are whole numbers are the class indices themselves; others are
    /// names, whose classes are in the order of their letters.
    ///
    /// # Errors
    /// As [`push`](Self::push), and [`Error::Data`] when there was no picture.
    pub fn finish(mut self) -> Result<Dataset> {
        let line = std::mem::take(&mut self.line);
        self.take(&line)?;
        let (Some(columns), false) = (self.columns, self.labels.is_empty()) else {
            return Err(Error::data("at least one line with a picture", "none"));
        };
        // Classes by the places that labels were given as they came.
        let mut class_of = vec![0; self.names.len()];
        let are_numbers = self.names.iter().all(|(name, _)| name.parse::<u32>().is_ok());
        let class_names: Vec<String> = if are_numbers {
            for &(ref name, place) in &self.names {
                class_of[place as usize] = name.parse().unwrap_or(0);
            }
            let n = u64::from(class_of.iter().max().copied().unwrap_or(0)) + 1;
            Limits::check("classes of the table", n, MOST_CLASSES)?;
            (0..n).map(|class| class.to_string()).collect()
        } else {
            let mut ordered: Vec<String> = self.names.iter().map(|(name, _)| name.clone()).collect();
            order_classes(&mut ordered);
            for (class, name) in ordered.iter().enumerate() {
                if let Ok(at) = self.name_at(name) {
                    class_of[self.names[at].1 as usize] = class as u32;
                }
            }
            ordered
        };
        let labels = self.labels.iter().map(|&place| class_of[place as usize]).collect();
        Dataset::new(columns.shape, self.pixels, labels, class_names)
    }

    fn grow(&mut self, piece: &[u8]) -> Result<()> {
        Limits::check("bytes of a line", (self.line.len() + piece.len()) as u64, LONGEST_LINE)?;
        self.line.extend_from_slice(piece);
        Ok(())
    }

    /// Where a name is among those known, or where it would be.
    fn name_at(&self, name: &str) -> std::result::Result<usize, usize> {
        self.names.binary_search_by(|(other, _)| other.as_str().cmp(name))
    }

    fn wrong(&self, expected: &str, got: &str) -> Box<Error> {
        let got: String = got.chars().take(40).collect();
        Error::format(FORMAT, expected, format!("\"{got}\" in line {}", self.n_lines))
    }

    /// One line without its end.
    fn take(&mut self, line: &[u8]) -> Result<()> {
        self.n_lines += 1;
        let text = std::str::from_utf8(line).map_err(|_| self.wrong("text", "other bytes"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Ok(());
        }
        let columns = match self.columns {
            Some(columns) => columns,
            None => {
                let (columns, is_names) = self.columns_of(text)?;
                self.columns = Some(columns);
                if is_names {
                    return Ok(());
                }
                columns
            }
        };
        let bytes = self.pixels.len() as u64 + columns.n as u64;
        Limits::check("bytes of the data set", bytes, self.limits.dataset_bytes)?;
        let mut n = 0;
        for field in fields(text) {
            if n == columns.label_at {
                let place = match self.name_at(field) {
                    Ok(at) => self.names[at].1,
                    Err(at) => {
                        let place = self.names.len() as u32;
                        Limits::check("classes of the table", u64::from(place) + 1, MOST_CLASSES)?;
                        self.names.insert(at, (field.into(), place));
                        place
                    }
                };
                self.labels.push(place);
            } else {
                let value = level(field).ok_or_else(|| self.wrong("whole numbers from 0 to 255", field))?;
                self.pixels.push(value);
            }
            n += 1;
            if n > columns.n {
                break;
            }
        }
        if n == columns.n {
            Ok(())
        } else {
            Err(self.wrong(&format!("{} fields in each line", columns.n), text))
        }
    }

    /// The columns by the first line, and whether it holds their names.
    fn columns_of(&self, text: &str) -> Result<(Columns, bool)> {
        let n = fields(text).count();
        let is_names = fields(text).skip(1).any(|field| level(field).is_none());
        let is_label = |field: &str| LABEL_NAMES.contains(&field.to_ascii_lowercase().as_str());
        let label_at = if is_names { fields(text).position(is_label).unwrap_or(0) } else { 0 };
        let n_pixels = n - 1;
        let side_of = |cells: usize| Some(cells.isqrt()).filter(|side| cells > 0 && side * side == cells);
        let shape = match (side_of(n_pixels), side_of(n_pixels / 3)) {
            (Some(side), _) => [side, side, 1],
            (None, Some(side)) if n_pixels.is_multiple_of(3) => [side, side, 3],
            _ => return Err(self.wrong(&format!("a label and the pixels of a square, not {n} fields"), text)),
        };
        Ok((Columns { n, label_at, shape }, is_names))
    }
}

/// The fields of a line, without spaces and quotes around them.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    line.split(',').map(|field| field.trim().trim_matches('"'))
}

/// `17` or `17.0`, from 0 to 255.
fn level(field: &str) -> Option<u8> {
    let whole = match field.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => field,
    };
    if whole.bytes().all(|digit| digit.is_ascii_digit()) { whole.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn read(text: &str) -> Result<Dataset> {
        let mut reader = Reader::new(&Limits::default());
        reader.push(text.as_bytes())?;
        reader.finish()
    }

    #[test]
    fn tables_of_every_kind_are_read() {
        let cases = [
            ("3,0,1,2,255\n0,9,8,7,6\n", [2, 2, 1], vec![3, 0], 4),
            ("label,1x1,1x2,2x1,2x2\r\n3,0,1,2,255\r\n\r\n0,9,8,7,6", [2, 2, 1], vec![3, 0], 4),
            ("a,b,c,d,class\n0,1,2,255,'7'\n9,8.0,7, 6 ,\"b\"\n", [2, 2, 1], vec![0, 1], 2),
            ("\u{feff}dog,1,2,3\ncat,4,5,6\ndog,7,8,9\n", [1, 1, 3], vec![1, 0, 1], 2),
        ];
        for (text, shape, labels, n_classes) in &cases {
            let data = read(text).unwrap();
            assert_eq!((&data.shape, &data.labels, &data.n_classes()), (shape, labels, n_classes), "{text}");
        }
        assert_eq!(read(cases[0].0).unwrap().pixels, [0, 1, 2, 255, 9, 8, 7, 6]);
        assert_eq!(read(cases[2].0).unwrap().pixels, [0, 1, 2, 255, 9, 8, 7, 6]);
        assert_eq!(read(cases[3].0).unwrap().class_names, ["cat", "dog"]);
    }

    #[test]
    fn pieces_of_any_length_give_the_same_table() {
        let mut rng = Rng::new(1, 1);
        for _ in 0..30 {
            let lines = (0..1 + rng.below(6)).map(|_| {
                let pixels: Vec<String> = (0..9).map(|_| rng.below(256).to_string()).collect();
                format!("{},{}", rng.below(5), pixels.join(","))
            });
            let text = lines.collect::<Vec<_>>().join("\n");
            let whole = read(&text).unwrap();
            let mut reader = Reader::new(&Limits::default());
            let mut rest = text.as_bytes();
            while !rest.is_empty() {
                let (piece, after) = rest.split_at((rng.below(7) as usize).min(rest.len()));
                reader.push(piece).unwrap();
                rest = after;
            }
            assert_eq!(reader.finish().unwrap(), whole);
        }
    }

    #[test]
    fn every_fault_names_its_line() {
        let cases = [
            ("", "data", "none"),
            ("label,a,b,c,d\n", "data", "none"),
            ("1,2,3\n", "format", "line 1"),
            ("1\n", "format", "line 1"),
            ("1,0,0,0,0\n1,0,0,0\n", "format", "line 2"),
            ("1,0,0,0,0\n1,0,0,0,0,0\n", "format", "line 2"),
            ("1,0,0,0,0\n1,0,256,0,0\n", "format", "256"),
            ("1,0,0,0,0\n1,0,-1,0,0\n", "format", "-1"),
            ("1,0,0,0,0\n1,0,0.5,0,0\n", "format", "0.5"),
            ("1,0,0,0,0\n4000000000,0,0,0,0\n", "limit", "classes"),
            ("1;0;0;0;0\n", "format", "line 1"),
        ];
        for (text, code, part) in cases {
            let error = read(text).unwrap_err();
            assert_eq!(error.code(), code, "{text}");
            assert!(error.to_string().contains(part), "{error}");
        }
        let mut reader = Reader::new(&Limits { dataset_bytes: 4, ..Limits::default() });
        assert_eq!(reader.push(b"1,0,0,0,0\n1,0,0,0,0\n").unwrap_err().code(), "limit");
        let mut reader = Reader::new(&Limits::default());
        let endless = (0..100).try_for_each(|_| reader.push(&[b'1'; 1 << 16]));
        assert_eq!(endless.unwrap_err().code(), "limit");
        assert_eq!(Reader::new(&Limits::default()).push(&[0xff, 0xfe, b'\n']).unwrap_err().code(), "format");
    }
}
