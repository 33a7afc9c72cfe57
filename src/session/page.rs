//! A photo of handwriting, read digit by digit.

use super::{Prediction, Session, Source};
use crate::error::{Error, Result};
use crate::image::page::{self, Bounds};
use crate::image::{Pixels, digit};
use crate::model::Preparation;

/// Among other digits of a row, one that is none must look more foreign than alone, where 0 is the bound. The same stands in
/// `www/lib/page-reading.js`.
///
/// Source: in half of the test's photos 3.2 % of the digits are beyond 0 and 1.0 % beyond this, most of them read right.
const FOREIGN_IN_ROW: f32 = 1.5;

/// A row of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PageRow {
    /// What is read: `?` for what is no digit, a space between numbers.
    pub text: String,
    /// From the left.
    pub digits: Vec<ReadDigit>,
}

/// A digit of a page and what the network thinks of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadDigit {
    /// Which number of its row it is of, from 0.
    pub number: usize,
    /// Where it is in the picture.
    pub bounds: Bounds,
    /// What it is.
    pub prediction: Prediction,
    /// False for what looks like none of the classes.
    pub is_digit: bool,
}

impl Session {
    /// The digits in a photo of a page, row by row from the top, each with its `top_k` most confident classes. Rows without
    /// any digit are left out.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a network that does not read single digits.
    pub fn read_page(&mut self, picture: &Pixels, top_k: usize) -> Result<Vec<PageRow>> {
        let spec = self.model.spec();
        let reads_digits = spec.preprocessing.preparation == Preparation::Digit;
        if !reads_digits || spec.input_shape != [digit::SIDE, digit::SIDE, 1] {
            return Err(Error::unsupported(
                "A page, to this network,",
                "use one that reads single digits of 28 × 28 pixels, such as the one of the Draw pad",
            ));
        }
        let mut rows: Vec<Vec<ReadDigit>> = Vec::new();
        for found in page::digits(picture) {
            let prediction = self.predict(Source::Prepared(&found.picture.data), top_k)?;
            if found.row == rows.len() {
                rows.push(Vec::new());
            }
            let (number, bounds) = (found.number, found.bounds);
            rows[found.row].push(ReadDigit { number, bounds, prediction, is_digit: true });
        }
        rows.iter_mut().for_each(|row| refuse(row));
        rows.retain(|row| row.iter().any(|digit| digit.is_digit));
        Ok(rows.into_iter().map(|digits| PageRow { text: text_of(&digits), digits }).collect())
    }
}

/// Tells what is no digit by how foreign it looks, and by the company it is in.
fn refuse(row: &mut [ReadDigit]) {
    let novelty = |digit: &ReadDigit| digit.prediction.novelty.unwrap_or(f32::NEG_INFINITY);
    let n_known = row.iter().filter(|digit| novelty(digit) <= 0.0).count();
    // In a row of two digits or more that make up most of it.
    let bound = if n_known > 1 && 2 * n_known > row.len() { FOREIGN_IN_ROW } else { 0.0 };
    row.iter_mut().for_each(|digit| digit.is_digit = novelty(digit) <= bound);
}

fn text_of(row: &[ReadDigit]) -> String {
    let mut text = String::new();
    for (i, digit) in row.iter().enumerate() {
        if i > 0 && digit.number != row[i - 1].number {
            text.push(' ');
        }
        match digit.prediction.classes.first() {
            Some(class) if digit.is_digit => text.push_str(&class.label),
            _ => text.push('?'),
        }
    }
    text
}
