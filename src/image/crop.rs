//! Cutting a rectangle out of a picture.

use super::Pixels;
use crate::error::{Error, Result};

/// The middle square of `picture`, as large as its shorter side; an odd pixel too many is cut at the end.
pub fn center_square(picture: &Pixels) -> Pixels {
    let side = picture.width.min(picture.height);
    cut(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side)
}

/// The `width`×`height` pixels of `picture` whose top left corner is (`x`, `y`).
///
/// # Errors
/// [`Error::Shape`] when the rectangle is empty or reaches outside the picture.
pub fn rectangle(picture: &Pixels, x: usize, y: usize, width: usize, height: usize) -> Result<Pixels> {
    let inside = |start: usize, len: usize, side: usize| len > 0 && start < side && len <= side - start;
    if !inside(x, width, picture.width) || !inside(y, height, picture.height) {
        return Err(Error::shape(
            "A crop",
            format!("a rectangle inside the picture of {}×{}", picture.width, picture.height),
            format!("{width}×{height} at ({x}, {y})"),
        ));
    }
    Ok(cut(picture, x, y, width, height))
}

fn cut(picture: &Pixels, x: usize, y: usize, width: usize, height: usize) -> Pixels {
    let mut data = Vec::with_capacity(width * height * picture.channels);
    for row in y..y + height {
        let start = (row * picture.width + x) * picture.channels;
        data.extend_from_slice(&picture.data[start..start + width * picture.channels]);
    }
    Pixels { width, height, channels: picture.channels, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(width: usize, height: usize) -> Pixels {
        Pixels::new(width, height, 1, (0..(width * height) as u8).collect()).expect("lengths agree")
    }

    #[test]
    fn the_middle_square_is_cut_from_either_side() {
        assert_eq!(center_square(&counted(5, 2)).data, [1, 2, 6, 7]);
        assert_eq!(center_square(&counted(2, 4)).data, [2, 3, 4, 5]);
        assert_eq!(center_square(&counted(3, 3)), counted(3, 3));
    }

    #[test]
    fn rectangles_outside_the_picture_are_refused() {
        let picture = counted(4, 3);
        assert_eq!(rectangle(&picture, 1, 1, 2, 2).expect("inside").data, [5, 6, 9, 10]);
        for (x, y, width, height) in
            [(0, 0, 5, 1), (3, 0, 2, 1), (4, 0, 1, 1), (0, 0, 0, 1), (0, 3, 1, 1), (usize::MAX, 0, 2, 1)]
        {
            assert!(rectangle(&picture, x, y, width, height).is_err());
        }
    }
}
