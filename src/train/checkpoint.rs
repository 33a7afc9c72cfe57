//! A run put aside as bytes, to be gone on with later: it ends with the very bits of a run that was never interrupted.
//!
//! The numbers are of four or eight bytes, little end first, in the order in which a tape is shown them; network and
//! options are a record beside them. In a file: a line that names the format, the length and the JSON of the record, then
//! the numbers.

use serde::Serialize;

use super::trainer::Batches;
use super::{TrainOptions, Trainer};
use crate::data::Dataset;
use crate::error::{Error, Limits, Result};
use crate::json::Json;
#[cfg(feature = "json")]
use crate::json::SerdeJson;
use crate::model::{Model, ModelSpec};

const MAGIC: &[u8; 20] = b"ocelli checkpoint 1\n";

/// Numbers that pass at a time.
const WORDS: usize = 1024;

/// Numbers on their way to bytes or from them: whoever lists its numbers once is both written and read.
pub(super) enum Tape<'a> {
    Write(&'a mut dyn FnMut(&[u8])),
    Read(&'a mut Source<'a>),
}

/// Fills a slice with the next bytes of a file; false where it does not have so many left.
pub type Source<'a> = dyn FnMut(&mut [u8]) -> bool + 'a;

/// The next bytes of a slice.
pub fn source_of(bytes: &[u8]) -> impl FnMut(&mut [u8]) -> bool {
    let mut unread = bytes;
    move |out| {
        let Some((first, rest)) = unread.split_at_checked(out.len()) else { return false };
        out.copy_from_slice(first);
        unread = rest;
        true
    }
}

impl Tape<'_> {
    #[inline(never)]
    fn pass(&mut self, bytes: &mut [u8]) -> Result<()> {
        let is_done = match self {
            Tape::Write(put) => {
                put(bytes);
                true
            }
            Tape::Read(next) => next(bytes),
        };
        if is_done { Ok(()) } else { Err(broken("more numbers", "its end")) }
    }

    fn bytes<const N: usize>(&mut self, mut value: [u8; N]) -> Result<[u8; N]> {
        self.pass(&mut value)?;
        Ok(value)
    }

    pub fn u64(&mut self, value: &mut u64) -> Result<()> {
        *value = u64::from_le_bytes(self.bytes(value.to_le_bytes())?);
        Ok(())
    }

    pub fn f64(&mut self, value: &mut f64) -> Result<()> {
        *value = f64::from_le_bytes(self.bytes(value.to_le_bytes())?);
        Ok(())
    }

    pub fn u32(&mut self, value: &mut u32) -> Result<()> {
        *value = u32::from_le_bytes(self.bytes(value.to_le_bytes())?);
        Ok(())
    }

    pub fn f32(&mut self, value: &mut f32) -> Result<()> {
        *value = f32::from_le_bytes(self.bytes(value.to_le_bytes())?);
        Ok(())
    }

    pub fn bool(&mut self, value: &mut bool) -> Result<()> {
        *value = self.bytes([u8::from(*value)])? != [0];
        Ok(())
    }

    // These are most of the bytes: many at a time.
    pub fn u32s(&mut self, values: &mut [u32]) -> Result<()> {
        let mut bytes = [0; 4 * WORDS];
        for values in values.chunks_mut(WORDS) {
            let bytes = &mut bytes[..4 * values.len()];
            for (value, bytes) in values.iter().zip(bytes.chunks_exact_mut(4)) {
                bytes.copy_from_slice(&value.to_le_bytes());
            }
            self.pass(bytes)?;
            for (value, bytes) in values.iter_mut().zip(bytes.chunks_exact(4)) {
                *value = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            }
        }
        Ok(())
    }

    pub fn f32s(&mut self, values: &mut [f32]) -> Result<()> {
        let mut words = [0; WORDS];
        for values in values.chunks_mut(WORDS) {
            let words = &mut words[..values.len()];
            words.iter_mut().zip(&*values).for_each(|(word, value)| *word = value.to_bits());
            self.u32s(words)?;
            values.iter_mut().zip(&*words).for_each(|(value, word)| *value = f32::from_bits(*word));
        }
        Ok(())
    }
}

fn broken(expected: &str, got: &str) -> Box<Error> {
    Error::format("checkpoint", expected, got)
}

/// A number that other data hardly have. Source: FNV-1a (Fowler, Noll, Vo), eight bytes at a time.
fn fingerprint(dataset: &Dataset) -> u64 {
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x100_0000_01b3);
    let eight = |bytes: &[u8]| bytes.iter().fold(0u64, |word, &byte| word << 8 | u64::from(byte));
    let hash = dataset.pixels.chunks(8).fold(0xcbf2_9ce4_8422_2325, |hash, bytes| mix(hash, eight(bytes)));
    dataset.labels.iter().fold(hash, |hash, &label| mix(hash, u64::from(label)))
}

/// What was trained, and how.
#[derive(Serialize)]
struct Record<'a> {
    spec: &'a ModelSpec,
    options: &'a TrainOptions,
    /// Where they have not been of one size all along.
    #[serde(skip_serializing_if = "Option::is_none")]
    batches: Option<Batches>,
}

/// The run and the model as they are between two calls of [`Trainer::advance`], as the bytes of a file; changes neither.
#[cfg(feature = "json")]
pub fn save(trainer: &mut Trainer, model: &mut Model, dataset: &Dataset) -> Vec<u8> {
    let mut bytes = Vec::new();
    save_by::<SerdeJson>(trainer, model, dataset, &mut |more| bytes.extend_from_slice(more));
    bytes
}

/// [`save`] with the host's writer of JSON, bit by bit to wherever the bytes shall be.
pub fn save_by<J: Json>(
    trainer: &mut Trainer,
    model: &mut Model,
    dataset: &Dataset,
    put: &mut dyn FnMut(&[u8]),
) {
    let (options, batches) = (trainer.options(), trainer.batches());
    let all_alike = batches == Batches::of(options.batch_size);
    let batches = (!all_alike).then_some(batches);
    let record = J::print(&Record { spec: model.spec(), options, batches });
    put(MAGIC);
    put(&(record.len() as u64).to_le_bytes());
    put(record.as_bytes());
    let mut tape = Tape::Write(put);
    let kept = tape.u64(&mut fingerprint(dataset)).and_then(|()| trainer.keep(model, &mut tape));
    debug_assert!(kept.is_ok(), "writing to memory cannot fail");
}

/// The model and the run that [`save`] put aside, on the same data.
///
/// # Errors
/// [`Error::Format`] for bytes that are no such file; [`Error::Data`] for other data; else as [`Trainer::new`].
#[cfg(feature = "json")]
pub fn load(bytes: &[u8], dataset: &Dataset) -> Result<(Model, Trainer)> {
    load_by::<SerdeJson>(&mut source_of(bytes), dataset)
}

/// [`load`] with the host's reader of JSON, bit by bit from wherever the bytes are.
///
/// # Errors
/// As there.
pub fn load_by<J: Json>(next: &mut Source<'_>, dataset: &Dataset) -> Result<(Model, Trainer)> {
    let mut magic = [0; MAGIC.len()];
    if !next(&mut magic) || magic != *MAGIC {
        return Err(broken("its first line", "other bytes"));
    }
    let mut len = [0; 8];
    if !next(&mut len) {
        return Err(broken("a length", "its end"));
    }
    let len = u64::from_le_bytes(len);
    Limits::check("bytes of the checkpoint's record", len, 1 << 24)?;
    let mut record = vec![0; len as usize];
    if !next(&mut record) {
        return Err(broken("a whole record", "its end"));
    }
    let record = std::str::from_utf8(&record).map_err(|_| broken("a text", "other bytes"))?;
    let record = J::parse(record).map_err(|error| broken("JSON", &error))?;
    let part = |name: &str| record.get(name).cloned().ok_or_else(|| broken(name, "none"));
    let mut model = Model::create(ModelSpec::try_from(part("spec")?)?, 0)?;
    let options = TrainOptions::try_from(part("options")?)?;
    let mut tape = Tape::Read(next);
    let mut of_data = 0;
    tape.u64(&mut of_data)?;
    if of_data != fingerprint(dataset) {
        return Err(Error::data("the data set that the interrupted run had", "another"));
    }
    let mut trainer = Trainer::new(&model, dataset, options)?;
    if let Some(batches) = record.get("batches") {
        trainer.cut_as(Batches::try_from(batches.clone())?, &model)?;
    }
    trainer.keep(&mut model, &mut tape)?;
    match tape.bytes([0]) {
        Err(_) => Ok((model, trainer)),
        Ok(_) => Err(broken("its end", "more bytes")),
    }
}
