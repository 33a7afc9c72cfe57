//! The one error type: what was expected, what came instead, and a code that never changes.

use std::fmt;

use crate::told::Told;

/// What every fallible function of the crate returns.
///
/// The error is boxed: results are handed up through many functions, each of which would copy its three texts.
pub type Result<T> = std::result::Result<T, Box<Error>>;

/// Why a call was refused. Each message is one sentence a user can act on.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// Shapes that do not fit each other.
    Shape {
        /// The layer, operator or input concerned.
        at: String,
        /// The shape or property that is needed.
        expected: String,
        /// The shape that came.
        got: String,
    },
    /// An option outside its range, or two that contradict each other.
    Config {
        /// The option's public name.
        option: String,
        /// Its permitted values.
        expected: String,
        /// The value that came.
        got: String,
    },
    /// Bytes that are not what their format demands.
    Format {
        /// The file format, such as `safetensors` or `IDX`.
        format: &'static str,
        /// What the format demands.
        expected: String,
        /// What the bytes hold.
        got: String,
    },
    /// A sound input that this build does not handle.
    Unsupported {
        /// What is not handled, naming node, operator or attribute.
        what: String,
        /// What to use instead.
        instead: String,
    },
    /// An input larger than the [`Limits`] in force.
    Limit {
        /// The quantity and its unit, such as `pixels of the picture`.
        what: String,
        /// The most that is accepted.
        limit: u64,
        /// What the input asks for.
        got: u64,
    },
    /// A picture that cannot be decoded.
    Image {
        /// What is needed.
        expected: String,
        /// What came.
        got: String,
    },
    /// A label the model or data set does not have.
    Label {
        /// The known labels or the number of classes.
        expected: String,
        /// The label that came.
        got: String,
    },
    /// A data set too small or too uneven for what was asked.
    Data {
        /// What is needed.
        expected: String,
        /// What is there.
        got: String,
    },
    /// Training arrived at a loss or a weight that is not a number. The last good weights are kept.
    NonFinite {
        /// Optimiser steps taken before.
        step: u64,
        /// The loss that came out; finite if it was a weight that was not.
        loss: f32,
    },
    /// A call made before what it needs, such as training without data.
    State {
        /// What has to be done first.
        expected: String,
        /// The call that was made.
        got: String,
    },
}

impl Error {
    /// The stable name of the kind of error, as JavaScript sees it.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Shape { .. } => "shape",
            Error::Config { .. } => "config",
            Error::Format { .. } => "format",
            Error::Unsupported { .. } => "unsupported",
            Error::Limit { .. } => "limit",
            Error::Image { .. } => "image",
            Error::Label { .. } => "label",
            Error::Data { .. } => "data",
            Error::NonFinite { .. } => "non-finite",
            Error::State { .. } => "state",
        }
    }

    // Constructors stay calls: there are hundreds of them, none on the way of what succeeds, and each inlined would copy texts and box
    // the error on the spot.

    /// An [`Error::Shape`].
    #[inline(never)]
    pub fn shape(at: &str, expected: impl Into<String>, got: impl Told) -> Box<Error> {
        shape(at, expected.into(), got.told())
    }

    /// An [`Error::Config`].
    #[inline(never)]
    pub fn config(option: &str, expected: impl Into<String>, got: impl Told) -> Box<Error> {
        config(option, expected.into(), got.told())
    }

    /// An [`Error::Format`].
    #[inline(never)]
    pub fn format(format: &'static str, expected: impl Into<String>, got: impl Into<String>) -> Box<Error> {
        Box::new(Error::Format { format, expected: expected.into(), got: got.into() })
    }

    /// An [`Error::Unsupported`].
    #[inline(never)]
    pub fn unsupported(what: &str, instead: &str) -> Box<Error> {
        Box::new(Error::Unsupported { what: what.into(), instead: instead.into() })
    }

    /// An [`Error::Image`].
    #[inline(never)]
    pub fn image(expected: impl Into<String>, got: impl Told) -> Box<Error> {
        Box::new(Error::Image { expected: expected.into(), got: got.told() })
    }

    /// An [`Error::Label`].
    #[inline(never)]
    pub fn label(expected: impl Into<String>, got: impl Told) -> Box<Error> {
        Box::new(Error::Label { expected: expected.into(), got: got.told() })
    }

    /// An [`Error::Data`].
    #[inline(never)]
    pub fn data(expected: &str, got: impl Told) -> Box<Error> {
        Box::new(Error::Data { expected: expected.into(), got: got.told() })
    }

    /// An [`Error::State`].
    #[inline(never)]
    pub fn state(expected: &str, got: &str) -> Box<Error> {
        Box::new(Error::State { expected: expected.into(), got: got.into() })
    }
}

/// [`Error::shape`], which has an instance for each pair of types, once all are texts.
#[inline(never)]
fn shape(at: &str, expected: String, got: String) -> Box<Error> {
    Box::new(Error::Shape { at: at.into(), expected, got })
}

/// [`Error::config`] likewise.
#[inline(never)]
fn config(option: &str, expected: String, got: String) -> Box<Error> {
    Box::new(Error::Config { option: option.into(), expected, got })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Shape { at, expected, got } => write!(f, "{at} needs {expected}, but got {got}."),
            Error::Config { option, expected, got } => {
                write!(f, "The option {option} must be {expected}, but it is {got}.")
            }
            Error::Format { format, expected, got } => {
                write!(f, "This is not a usable {format} file: expected {expected}, found {got}.")
            }
            Error::Unsupported { what, instead } => write!(f, "{what} is not supported; {instead}."),
            Error::Limit { what, limit, got } => {
                write!(f, "Too large: the {what} may be at most {limit}, but would be {got}.")
            }
            Error::Image { expected, got } => {
                write!(f, "The picture cannot be read: expected {expected}, found {got}.")
            }
            Error::Label { expected, got } => write!(f, "Unknown label {got}: expected {expected}."),
            Error::Data { expected, got } => {
                write!(f, "The data does not suffice: expected {expected}, found {got}.")
            }
            Error::NonFinite { step, loss } => {
                write!(f, "Training stopped at step {step} because ")?;
                match loss.is_finite() {
                    true => write!(f, "a weight left the range of numbers")?,
                    false => write!(f, "the loss became {}", loss.told())?,
                }
                write!(f, "; the last good weights are kept. Try a lower learning rate.")
            }
            Error::State { expected, got } => write!(f, "{got} needs {expected} first."),
        }
    }
}

impl fmt::Debug for Error {
    /// The code and the sentence: a derived one would carry the names of all members into every module.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.code())
    }
}

impl std::error::Error for Error {}

impl From<Box<Error>> for Error {
    fn from(boxed: Box<Error>) -> Error {
        *boxed
    }
}

/// The most an input may ask for, checked before anything is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Pixels of a picture, width times height.
    pub pixels: u64,
    /// Bytes that decoding a picture may occupy.
    pub decode_bytes: u64,
    /// Parameters of a model.
    pub parameters: u64,
    /// Elements of a plan's arena.
    pub arena_len: u64,
    /// Bytes of a data set's pixels.
    pub dataset_bytes: u64,
}

impl Default for Limits {
    /// Generous for a browser tab, and far from the 4 GiB where wasm's `usize` wraps.
    fn default() -> Limits {
        Limits {
            file_bytes: 256 << 20,
            pixels: 64 << 20,
            decode_bytes: 512 << 20,
            parameters: 50_000_000,
            arena_len: 400_000_000,
            dataset_bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// Refuses `got` above `limit`.
    ///
    /// # Errors
    /// [`Error::Limit`] naming `what`.
    pub fn check(what: &str, got: u64, limit: u64) -> Result<()> {
        if got > limit { Err(Box::new(Error::Limit { what: what.into(), limit, got })) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sentences_that_name_both_sides() {
        let error = Error::config("batchSize", "between 1 and 4096", 0_usize);
        assert_eq!(error.to_string(), "The option batchSize must be between 1 and 4096, but it is 0.");
        assert_eq!(error.code(), "config");
    }
}
