//! Test-time augmentation: the same picture seen in several ways, whose answers are averaged.

use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::value::Value;

/// The most pixels that a view is shifted.
const MOST_SHIFT: usize = 8;

/// In which ways a picture is seen. Each mirrored view doubles the work, shifted ones make it five times as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Views {
    /// Mirrored left and right, too.
    pub mirror: bool,
    /// Shifted by so many pixels up, down, left and right, too; 0 for not.
    pub shift: usize,
}

impl Default for Views {
    /// Only as it is.
    fn default() -> Views {
        Views { mirror: false, shift: 0 }
    }
}

impl TryFrom<Value> for Views {
    type Error = Box<Error>;

    /// From a record `{ mirror, shift }`.
    fn try_from(value: Value) -> Result<Views> {
        let mut settings = Settings::new("views", value)?;
        let (mirror, shift) = (settings.get_or("mirror", false)?, settings.get_or("shift", 0)?);
        settings.finish()?;
        if shift > MOST_SHIFT {
            return Err(Error::config("shift", "at most 8", shift));
        }
        Ok(Views { mirror, shift })
    }
}

impl Views {
    /// How many views there are, at least one.
    pub fn n(&self) -> usize {
        let n_shifts = if self.shift == 0 { 1 } else { 5 };
        if self.mirror { 2 * n_shifts } else { n_shifts }
    }

    /// Writes view `idx` of a picture; what a shift uncovers repeats the edge.
    ///
    /// Shapes: `picture, out: [h, w, c]` of `shape`.
    pub fn write(&self, idx: usize, [h, w, c]: [usize; 3], picture: &[u8], out: &mut [u8]) {
        let is_mirrored = self.mirror && idx % 2 == 1;
        let s = self.shift as isize;
        let (dy, dx) = [(0, 0), (-s, 0), (s, 0), (0, -s), (0, s)][if self.mirror { idx / 2 } else { idx }];
        let inside =
            |place: usize, by: isize, n: usize| (place as isize + by).clamp(0, n as isize - 1) as usize;
        for y in 0..h {
            let row = &picture[inside(y, dy, h) * w * c..][..w * c];
            for (x, cell) in out[y * w * c..][..w * c].chunks_exact_mut(c).enumerate() {
                let from = inside(x, dx, w);
                let from = if is_mirrored { w - 1 - from } else { from };
                cell.copy_from_slice(&row[from * c..][..c]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_mirror_and_shift_over_the_repeated_edge() {
        let picture = [1, 2, 3, 4, 5, 6];
        let all = |views: Views| {
            let view = |idx| {
                let mut out = [0; 6];
                views.write(idx, [2, 3, 1], &picture, &mut out);
                out
            };
            (0..views.n()).map(view).collect::<Vec<_>>()
        };
        assert_eq!(all(Views::default()), [picture]);
        assert_eq!(all(Views { mirror: true, shift: 0 }), [picture, [3, 2, 1, 6, 5, 4]]);
        let shifted =
            [picture, [1, 2, 3, 1, 2, 3], [4, 5, 6, 4, 5, 6], [1, 1, 2, 4, 4, 5], [2, 3, 3, 5, 6, 6]];
        assert_eq!(all(Views { mirror: false, shift: 1 }), shifted);
        let both = all(Views { mirror: true, shift: 1 });
        assert_eq!((both.len(), both[0], both[7]), (10, picture, [3, 3, 2, 6, 6, 5]));
    }

    #[test]
    fn what_is_no_view_is_refused() {
        let views = |json: &str| Views::try_from(serde_json::from_str::<Value>(json).unwrap());
        assert_eq!(views(r#"{"shift":2}"#).unwrap(), Views { mirror: false, shift: 2 });
        for json in ["3", r#"{"shift":9}"#, r#"{"shift":-1}"#, r#"{"turn":true}"#] {
            assert!(views(json).is_err(), "{json}");
        }
    }
}
