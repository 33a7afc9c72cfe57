//! Data sets on their way in: what files are, pictures brought to one shape, files and pixels to examples.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::records::record;
use super::{js_error, json, set};
use crate::data::Dataset;
use crate::data::arrange::{self, Arrangement};
use crate::data::files::{self, File, Part, Reading};
use crate::data::pictures::{self, Frame};
use crate::error::{self, Error, Limits};
use crate::image::Pixels;
use crate::model::Preprocessing;

#[wasm_bindgen]
impl Engine {
    /// What files with these paths are: `{ kind: "pictures", classNames, places, labels }`,
    /// `{ kind: "sprites", labels, places }` or `{ kind: "files", places }`; places are those among the paths.
    pub fn arrange(paths: Vec<String>, part: &str) -> Result<JsValue, JsValue> {
        let arrangement =
            part_named(part).and_then(|part| arrange::arrange(&paths, part)).map_err(js_error)?;
        let object = Object::new();
        let (kind, places) = match arrangement {
            Arrangement::Pictures(sorted) => {
                let labels: Vec<u32> = sorted.pictures.iter().map(|&(_, label)| label).collect();
                set(&object, "classNames", &record(&sorted.class_names)?);
                set(&object, "labels", &js_sys::Uint32Array::from(&labels[..]));
                ("pictures", sorted.pictures.iter().map(|&(place, _)| place).collect())
            }
            Arrangement::Sprites { labels, sprites } => {
                set(&object, "labels", &(labels as f64).into());
                ("sprites", sprites)
            }
            Arrangement::Files(places) => ("files", places),
        };
        let places: Vec<u32> = places.into_iter().map(|place: usize| place as u32).collect();
        set(&object, "kind", &kind.into());
        set(&object, "places", &js_sys::Uint32Array::from(&places[..]));
        Ok(object.into())
    }

    /// Height, width and channels of the examples that pictures like this become where no network says it.
    #[wasm_bindgen(js_name = frameOf)]
    pub fn frame_of(
        data: Vec<u8>,
        width: usize,
        height: usize,
        channels: usize,
    ) -> Result<Vec<u32>, JsValue> {
        let first = Pixels::new(width, height, channels, data).map_err(js_error)?;
        Ok(Frame::for_pictures_like(&first).shape.map(|side| side as u32).to_vec())
    }

    /// The example that a picture becomes: of `shape`, prepared as `preprocessing` says, where there is one.
    #[wasm_bindgen(js_name = prepareExample)]
    pub fn prepare_example(
        data: Vec<u8>,
        width: usize,
        height: usize,
        channels: usize,
        shape: Vec<u32>,
        preprocessing: &JsValue,
    ) -> Result<Vec<u8>, JsValue> {
        let prepared = || {
            let preprocessing = match preprocessing.is_undefined() {
                true => Preprocessing::default(),
                false => Preprocessing::try_from(
                    json::value_of(preprocessing)
                        .map_err(|got| Error::config("preprocessing", "a plain object", got))?,
                )?,
            };
            let frame = Frame { shape: sides(&shape)?, preprocessing };
            let mut example = frame.room(1, &Limits::default())?;
            frame.write(&Pixels::new(width, height, channels, data)?, &mut example)?;
            Ok(example)
        };
        prepared().map_err(js_error)
    }

    /// The data set of files `{ name, data }`, unpacked; of sprites, which have `width`, `height` and `channels` too, with
    /// a file of labels. It comes as `{ pixels, labels, shape, classNames }`.
    #[wasm_bindgen(js_name = readFiles)]
    pub fn read_files(
        files: &Array,
        part: &str,
        coarse: bool,
        transposed: Option<bool>,
    ) -> Result<JsValue, JsValue> {
        let read = || {
            let reading = Reading { part: part_named(part)?, coarse, transposed };
            let (mut others, mut sprites) = (Vec::new(), Vec::new());
            for file in files.iter() {
                let of = |name: &str| Reflect::get(&file, &name.into()).unwrap_or_default();
                let data = Uint8Array::from(of("data")).to_vec();
                let side = |name: &str| of(name).as_f64().map(|side| side as usize);
                match (side("width"), side("height"), side("channels")) {
                    (Some(width), Some(height), Some(channels)) => {
                        sprites.push(Pixels::new(width, height, channels, data)?);
                    }
                    _ => others.push((of("name").as_string().unwrap_or_default(), data)),
                }
            }
            if sprites.is_empty() {
                let files: Vec<File<'_>> =
                    others.iter().map(|(name, bytes)| File { name: arrange::name_of(name), bytes }).collect();
                return files::dataset(&files, reading, &Limits::default());
            }
            if reading.part == Part::Test {
                return Err(Error::data("a part to test on", "sprites of one part"));
            }
            let labels = others.first().map_or(&[][..], |(_, bytes)| &bytes[..]);
            pictures::of_sprites(&sprites, labels, Vec::new())
        };
        let Dataset { shape, pixels, labels, class_names } = read().map_err(js_error)?;
        let object = Object::new();
        set(&object, "pixels", &Uint8Array::from(&pixels[..]));
        set(&object, "labels", &js_sys::Uint32Array::from(&labels[..]));
        set(&object, "shape", &record(&shape)?);
        set(&object, "classNames", &record(&class_names)?);
        Ok(object.into())
    }

    /// Takes examples in memory: pictures of height, width and channels in `shape`, one after the other, with a label each.
    ///
    /// Classes that the model knows by name get its places for them.
    #[wasm_bindgen(js_name = setExamples)]
    pub fn set_examples(
        &mut self,
        pixels: Vec<u8>,
        labels: Vec<u32>,
        shape: Vec<u32>,
        class_names: Vec<String>,
    ) -> Result<JsValue, JsValue> {
        let take = || {
            Limits::check("bytes of the data set", pixels.len() as u64, Limits::default().dataset_bytes)?;
            let dataset = Dataset::new(sides(&shape)?, pixels, labels, class_names)?;
            let dataset = dataset.in_order_of(&self.session.model().spec().labels);
            self.session.set_dataset(dataset)
        };
        record(&take().map_err(js_error)?)
    }
}

fn part_named(part: &str) -> error::Result<Part> {
    match part {
        "train" => Ok(Part::Train),
        "test" => Ok(Part::Test),
        other => Err(Error::config("part", "train or test", other)),
    }
}

fn sides(shape: &[u32]) -> error::Result<[usize; 3]> {
    let wrong = || Error::config("shape", "height, width and channels", shape);
    let shape: [u32; 3] = shape.try_into().map_err(|_| wrong())?;
    Ok(shape.map(|side| side as usize))
}
