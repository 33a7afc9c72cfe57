//! Turning a picture upright by its EXIF orientation.

use super::Pixels;

/// `picture` as it is meant to be seen, by its EXIF orientation: 1 as stored, 2 mirrored, 3 upside down,
/// 4 flipped top to bottom, 5 transposed, 6 to be turned right, 7 transposed along the other diagonal,
/// 8 to be turned left. Any other number changes nothing.
///
/// Source: Exif 2.32, tag 0x0112.
pub fn apply(picture: Pixels, exif: u8) -> Pixels {
    if !(2..=8).contains(&exif) {
        return picture;
    }
    let Pixels { width, height, channels, data } = picture;
    let (new_width, new_height) = if exif >= 5 { (height, width) } else { (width, height) };
    let mut turned = Vec::with_capacity(data.len());
    for y in 0..new_height {
        for x in 0..new_width {
            let (from_x, from_y) = match exif {
                2 => (width - 1 - x, y),
                3 => (width - 1 - x, height - 1 - y),
                4 => (x, height - 1 - y),
                5 => (y, x),
                6 => (y, height - 1 - x),
                7 => (width - 1 - y, height - 1 - x),
                _ => (width - 1 - y, x),
            };
            let start = (from_y * width + from_x) * channels;
            turned.extend_from_slice(&data[start..start + channels]);
        }
    }
    Pixels { width: new_width, height: new_height, channels, data: turned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_orientation_moves_the_corners_as_exif_says() {
        // Stored rows: a b c / d e f.
        let cases: [(u8, usize, &[u8]); 9] = [
            (1, 3, b"abcdef"),
            (2, 3, b"cbafed"),
            (3, 3, b"fedcba"),
            (4, 3, b"defabc"),
            (5, 2, b"adbecf"),
            (6, 2, b"daebfc"),
            (7, 2, b"fcebda"),
            (8, 2, b"cfbead"),
            (0, 3, b"abcdef"),
        ];
        for (exif, width, expected) in cases {
            let stored = Pixels::new(3, 2, 1, b"abcdef".to_vec()).expect("sound");
            let upright = apply(stored, exif);
            assert_eq!((upright.width, upright.data.as_slice()), (width, expected), "orientation {exif}");
        }
    }
}
