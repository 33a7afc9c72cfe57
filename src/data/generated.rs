//! Data sets that are made from a seed, by the names that page, package and program share.

use super::{Dataset, clips, handwriting, pen_digits};
use crate::error::{Error, Result};

/// The names that [`generate`] knows.
pub const NAMES: [&str; 3] = ["handwriting", "clips", "strokes"];

/// The most examples: above this nothing is learned that more would teach.
const MOST: usize = 100_000;

/// `n` examples of the data set `name`: pictures of digits by a made-up
/// `handwriting`, `clips` of a moving one, or digits as the `strokes` of a pen.
///
/// # Errors
/// [`Error::Config`] for another name, for none and for more than 100,000 examples.
pub fn generate(name: &str, n: usize, seed: u64) -> Result<Dataset> {
    if !(1..=MOST).contains(&n) {
        return Err(Error::config("count", "between 1 and 100000", n));
    }
    match name {
        "handwriting" => handwriting::generate(n, seed),
        "clips" => clips::generate(n, seed),
        "strokes" => pen_digits::generate(n, seed),
        other => Err(Error::config("generated", NAMES.join(" or "), other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_data_set_and_no_other_is() {
        for name in NAMES {
            assert_eq!(generate(name, 20, 3).unwrap().len(), 20, "{name}");
        }
        assert_eq!(generate("digits", 20, 3).unwrap_err().code(), "config");
        assert_eq!(generate("clips", 0, 3).unwrap_err().code(), "config");
    }
}
