//! Compressed pictures to pixels: PNG, JPEG, WebP, GIF and BMP by the `image` crate (of animations the
//! first frame), upright by their EXIF orientation. Sizes are checked from the header, before memory is
//! taken; whatever the bytes, the answer is a picture or an error.

use std::io::Cursor;

use ::image::codecs::{
    bmp::BmpDecoder, gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder,
};
use ::image::{ColorType, ImageDecoder, ImageError, ImageResult};

use super::{Pixels, orientation};
use crate::error::{Error, Limits, Result};

/// The formats that this build decodes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    Png,
    Jpeg,
    WebP,
    Gif,
    Bmp,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Format::Png => "PNG",
            Format::Jpeg => "JPEG",
            Format::WebP => "WebP",
            Format::Gif => "GIF",
            Format::Bmp => "BMP",
        }
    }
}

/// The picture in `bytes`, in 1, 3 or 4 channels as the file has them: gray with alpha comes as 4,
/// palettes as 3 or 4, 16 bits are rounded to 8.
///
/// # Errors
/// [`Error::Limit`] when the file, its pixels or the memory to decode them exceed `limits`;
/// [`Error::Unsupported`] for a format that is known but not decoded; [`Error::Image`] for anything else.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Pixels> {
    Limits::check("bytes of the picture file", bytes.len() as u64, limits.file_bytes)?;
    let format = recognize(bytes)?;
    check_header(format, bytes, limits)?;
    let refused = |error: ImageError| refusal(format, &error, limits);
    let mut decoder = open(format, bytes, limits).map_err(refused)?;

    let (width, height) = decoder.dimensions();
    let n_pixels = u64::from(width) * u64::from(height);
    if n_pixels == 0 {
        return Err(Error::image("at least one pixel", format!("a {} of {width}×{height}", format.name())));
    }
    Limits::check("pixels of the picture", n_pixels, limits.pixels)?;
    // What the decoder writes, and once more that for its own rows and for turning upright.
    let decoded_bytes = n_pixels.saturating_mul(u64::from(decoder.color_type().bytes_per_pixel()));
    Limits::check(
        "bytes of memory to decode the picture",
        decoded_bytes.saturating_mul(2),
        limits.decode_bytes.min(isize::MAX as u64),
    )?;
    decoder.set_limits(library_limits(limits)).map_err(refused)?;

    // A broken note about orientation is no reason to refuse a sound picture.
    let exif = decoder.orientation().map_or(1, |found| found.to_exif());
    let color = decoder.color_type();
    let mut samples = vec![0; decoded_bytes as usize];
    decoder.read_image(&mut samples).map_err(refused)?;
    let (channels, data) = to_8_bits(color, samples, format)?;
    Ok(orientation::apply(Pixels::new(width as usize, height as usize, channels, data)?, exif))
}

fn library_limits(limits: &Limits) -> ::image::Limits {
    let mut library = ::image::Limits::no_limits();
    library.max_alloc = Some(limits.decode_bytes);
    library
}

fn open<'a>(format: Format, bytes: &'a [u8], limits: &Limits) -> ImageResult<Box<dyn ImageDecoder + 'a>> {
    let reader = Cursor::new(bytes);
    Ok(match format {
        Format::Png => Box::new(PngDecoder::with_limits(reader, library_limits(limits))?),
        Format::Jpeg => Box::new(JpegDecoder::new(reader)?),
        Format::WebP => Box::new(WebPDecoder::new(reader)?),
        Format::Gif => Box::new(GifDecoder::new(reader)?),
        Format::Bmp => Box::new(BmpDecoder::new(reader)?),
    })
}

/// Channels and bytes of what the decoder wrote.
fn to_8_bits(color: ColorType, samples: Vec<u8>, format: Format) -> Result<(usize, Vec<u8>)> {
    Ok(match color {
        ColorType::L8 => (1, samples),
        ColorType::Rgb8 => (3, samples),
        ColorType::Rgba8 => (4, samples),
        ColorType::La8 => (4, gray_alpha_to_rgba(&samples)),
        ColorType::L16 => (1, halve_depth(&samples)),
        ColorType::Rgb16 => (3, halve_depth(&samples)),
        ColorType::Rgba16 => (4, halve_depth(&samples)),
        ColorType::La16 => (4, gray_alpha_to_rgba(&halve_depth(&samples))),
        other => {
            return Err(Error::unsupported(
                &format!("A {} with {other:?} samples", format.name()),
                "save it with 8 bits a color",
            ));
        }
    })
}

fn gray_alpha_to_rgba(samples: &[u8]) -> Vec<u8> {
    samples.as_chunks().0.iter().flat_map(|&[gray, alpha]| [gray, gray, gray, alpha]).collect()
}

/// round(v / 257) of native-endian 16-bit samples.
fn halve_depth(samples: &[u8]) -> Vec<u8> {
    let halve = |&pair: &[u8; 2]| ((u32::from(u16::from_ne_bytes(pair)) + 128) / 257) as u8;
    samples.as_chunks().0.iter().map(halve).collect()
}

/// Refuses what the decoders would answer with a huge allocation.
fn check_header(format: Format, bytes: &[u8], limits: &Limits) -> Result<()> {
    match format {
        Format::Png => {
            let side =
                |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
            if let (Some(b"IHDR"), Some(width), Some(height)) = (bytes.get(12..16), side(16), side(20)) {
                Limits::check("pixels of the picture", u64::from(width) * u64::from(height), limits.pixels)?;
            }
        }
        Format::WebP => {
            // A chunk is read into memory by its stated length, so none may reach beyond the file.
            let mut at = 12u64;
            while let Some(header) = bytes.get(at as usize..at as usize + 8) {
                let len = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
                let end = at + 8 + u64::from(len);
                if end > bytes.len() as u64 {
                    return Err(Error::image(
                        "a whole WebP file",
                        format!("one cut short at byte {} of {end}", bytes.len()),
                    ));
                }
                at = end + end % 2;
            }
        }
        Format::Jpeg | Format::Gif | Format::Bmp => {}
    }
    Ok(())
}

fn refusal(format: Format, error: &ImageError, limits: &Limits) -> Box<Error> {
    let name = format.name();
    match error {
        ImageError::Limits(_) => Error::image(
            format!("a picture that decodes within {} bytes of memory", limits.decode_bytes),
            format!("a {name} that needs more"),
        ),
        ImageError::Unsupported(detail) => Error::unsupported(
            &format!("This kind of {name} ({detail})"),
            "save it as an ordinary JPEG or PNG",
        ),
        ImageError::IoError(_) => Error::image(format!("a whole {name} file"), "one that ends too soon"),
        other => Error::image(format!("a sound {name} file"), damaged(&other.to_string())),
    }
}

/// What a decoder complains of, without what only programmers read.
fn damaged(complaint: &str) -> String {
    // Only the first line: nested causes repeat themselves.
    let line = complaint.lines().next().unwrap_or_default();
    let detail = match line.strip_prefix("Format error decoding ") {
        Some(of_format) => of_format.split_once(": ").map_or("", |(_, detail)| detail),
        None => line,
    };
    match detail.trim_end_matches('.') {
        detail if detail.is_empty() || detail.contains('{') => "a damaged one".into(),
        detail => format!("a damaged one ({detail})"),
    }
}

/// The format by the file's first bytes; file names and media types are not believed.
fn recognize(bytes: &[u8]) -> Result<Format> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let holds = |at: usize, magic: &[u8]| bytes.get(at..at + magic.len()) == Some(magic);
    if starts(b"\x89PNG\r\n\x1a\n") {
        return Ok(Format::Png);
    }
    if starts(b"\xff\xd8\xff") {
        return Ok(Format::Jpeg);
    }
    if starts(b"RIFF") && holds(8, b"WEBP") {
        return Ok(Format::WebP);
    }
    if starts(b"GIF87a") || starts(b"GIF89a") {
        return Ok(Format::Gif);
    }
    if starts(b"BM") && bytes.get(15..18).is_some_and(|zero| zero == [0, 0, 0]) {
        return Ok(Format::Bmp);
    }

    let brand = bytes.get(8..12).unwrap_or_default();
    let head = &bytes[..bytes.len().min(1024)];
    let (what, instead) = if bytes.is_empty() {
        return Err(Error::image("a picture", "an empty file"));
    } else if holds(4, b"ftyp") && matches!(brand, b"avif" | b"avis") {
        ("An AVIF picture", "save it as JPEG or PNG")
    } else if holds(4, b"ftyp")
        && matches!(brand, b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1")
    {
        ("A HEIC picture, as phones take them,", "save it as JPEG or PNG")
    } else if holds(4, b"ftyp") {
        ("A video", "save one picture of it as JPEG or PNG")
    } else if starts(b"II*\0") || starts(b"MM\0*") {
        ("A TIFF picture", "save it as JPEG or PNG")
    } else if starts(b"\xff\x0a") || starts(b"\0\0\0\x0cJXL ") {
        ("A JPEG XL picture", "save it as JPEG or PNG")
    } else if starts(b"\0\0\x01\0") {
        ("An ICO icon", "save it as PNG")
    } else if starts(b"8BPS") {
        ("A Photoshop file", "save it as JPEG or PNG")
    } else if starts(b"%PDF") {
        ("A PDF document", "save the page as JPEG or PNG")
    } else if starts(b"PK\x03\x04") {
        ("A ZIP archive", "unpack it and choose a picture inside")
    } else if head.windows(4).any(|four| four == b"<svg") {
        ("An SVG drawing", "save it as PNG")
    } else if is_text(head) {
        ("A text file", "choose a PNG, JPEG, WebP, GIF or BMP picture")
    } else {
        return Err(Error::image(
            "a PNG, JPEG, WebP, GIF or BMP picture",
            "bytes of no known picture format",
        ));
    };
    Err(Error::unsupported(what, instead))
}

fn is_text(head: &[u8]) -> bool {
    let head = match std::str::from_utf8(head) {
        Ok(text) => text,
        // Cut in the middle of a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !head.is_empty() && head.chars().all(|c| !c.is_control() || c.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> Box<Error> {
        decode(bytes, &Limits::default()).expect_err("must be refused")
    }

    #[test]
    fn what_is_not_decoded_is_named() {
        let cases: [(&[u8], &str); 9] = [
            (b"", "empty"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
            (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "AVIF"),
            (b"<?xml version='1.0'?><svg xmlns='x'/>", "SVG"),
            (b"II*\0\x08\0\0\0", "TIFF"),
            (b"%PDF-1.7\n", "PDF"),
            (b"BMW, B\xc3\xbccher and other words", "text file"),
            (b"PK\x03\x04\x14\0", "ZIP"),
            (b"\x01\x02\x03\xff", "no known picture format"),
        ];
        for (bytes, name) in cases {
            let message = refused(bytes).to_string();
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn a_damaged_file_is_told_without_a_programmers_words() {
        let cases = [
            ("Format error decoding Png: Corrupt deflate stream.", "a damaged one (Corrupt deflate stream)"),
            ("Format error decoding Png: ChunkType { type: IDAT } comes first.", "a damaged one"),
            ("Format error decoding Jpeg\nFormat error", "a damaged one"),
            ("Invalid size", "a damaged one (Invalid size)"),
            ("", "a damaged one"),
        ];
        for (complaint, told) in cases {
            assert_eq!(damaged(complaint), told);
        }
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";
        let message = refused(png).to_string();
        assert!(message.ends_with("expected a whole PNG file, found one that ends too soon."), "{message}");
    }

    #[test]
    fn a_header_of_two_gigapixels_is_refused_by_its_header_alone() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(50_000u32.to_be_bytes());
        png.extend(40_000u32.to_be_bytes());
        png.extend([8, 2, 0, 0, 0]);
        let limit = Limits::default().pixels;
        let expected =
            Box::new(Error::Limit { what: "pixels of the picture".into(), limit, got: 2_000_000_000 });
        assert_eq!(refused(&png), expected);
    }

    #[test]
    fn a_chunk_longer_than_its_webp_file_is_refused() {
        let bytes = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x08\0\0\0\0\0\0\0\0\0EXIF\xf0\xff\xff\xff\0\0";
        assert_eq!(refused(bytes).code(), "image");
    }

    #[test]
    fn files_beyond_the_limits_are_refused() {
        let limits = Limits { file_bytes: 3, ..Limits::default() };
        assert_eq!(decode(&[0; 4], &limits).expect_err("too long").code(), "limit");
    }
}
