//! Photos of handwriting on paper, made from a seed: pen digits in rows of numbers on blank, ruled or squared paper or a
//! board, under uneven light, seen from a slant, blurred, noisy, as JPEG. Beside each photo, where its digits are.

use ::image::codecs::jpeg::JpegEncoder;
use ocelli::image::Pixels;
use ocelli::image::strokes::{Point, Stroke};
use ocelli::rng::Rng;

/// A digit as it was written.
pub type Written = (usize, Vec<Stroke>);

/// A digit in a photo: its label, and its box in pixels (left, top, right, bottom).
pub struct Placed {
    pub label: usize,
    pub bounds: [f32; 4],
}

pub struct PaperPhoto {
    pub jpeg: Vec<u8>,
    /// What it shows, in words.
    pub about: String,
    /// The rows from the top, each from the left.
    pub rows: Vec<Vec<Placed>>,
}

/// How the paper lies in the photo: from millimeters on the paper to pixels.
struct Camera {
    scale: f32,
    sin: f32,
    cos: f32,
    /// How much the scale falls off to the right and to the bottom, for each millimeter.
    fall: [f32; 2],
    middle: [f32; 2],
}

impl Camera {
    fn to_photo(&self, [u, v]: [f32; 2]) -> [f32; 2] {
        let near = self.scale / (1.0 + self.fall[0] * u + self.fall[1] * v);
        [
            self.middle[0] + near * (self.cos * u - self.sin * v),
            self.middle[1] + near * (self.sin * u + self.cos * v),
        ]
    }

    fn to_paper(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [x, y] = [(x - self.middle[0]) / self.scale, (y - self.middle[1]) / self.scale];
        let (a, b) = (self.cos * x + self.sin * y, self.cos * y - self.sin * x);
        let near = 1.0 / (1.0 - self.fall[0] * a - self.fall[1] * b);
        [a * near, b * near]
    }
}

/// What is printed on the paper.
struct Ruling {
    /// Millimeters between lines, across and down; none where there are none.
    rows: Option<f32>,
    columns: Option<f32>,
    offset: [f32; 2],
    half_width: f32,
    /// Share of the light that a line takes, for each color.
    takes: [f32; 3],
    /// A margin's place and what it takes.
    margin: Option<(f32, [f32; 3])>,
}

impl Ruling {
    /// What is left of each color at a place of the paper; `soft` millimeters of a line's edge are half covered.
    fn at(&self, [u, v]: [f32; 2], soft: f32) -> [f32; 3] {
        let covered = |away: f32| ((self.half_width - away) / soft + 0.5).clamp(0.0, 1.0);
        let nearest = |at: f32, every: Option<f32>| {
            every.map_or(0.0, |every| covered(((at / every) - (at / every).round()).abs() * every))
        };
        let line = nearest(v - self.offset[1], self.rows).max(nearest(u - self.offset[0], self.columns));
        let mut left = self.takes.map(|takes| 1.0 - takes * line);
        if let Some((place, takes)) = self.margin {
            let covers = covered((u - place).abs());
            left.iter_mut().zip(takes).for_each(|(left, takes)| *left *= 1.0 - takes * covers);
        }
        left
    }
}

/// The photo of a seed, of digits out of `pool`.
pub fn photo(pool: &[Written], seed: u64) -> PaperPhoto {
    let rng = &mut Rng::new(seed, 0x7061_7065); // "pape"
    let width = rng.range(1100.0, 2200.0);
    let (width, height) = if rng.below(2) == 0 { (width, 0.75 * width) } else { (0.75 * width, width) };
    let (width, height) = (width as usize, height as usize);
    let seen = rng.range(75.0, 190.0); // millimeters of paper along the longer side
    let longer = width.max(height) as f32;
    let turn = rng.range(-0.1, 0.1);
    let camera = Camera {
        scale: longer / seen,
        sin: turn,
        cos: (1.0 - turn * turn).sqrt(),
        fall: [rng.range(-0.15, 0.15) / seen, rng.range(-0.2, 0.2) / seen],
        middle: [width as f32 / 2.0, height as f32 / 2.0],
    };
    let is_board = rng.below(8) == 0;
    let (ruling, ruled) = ruling(rng, is_board);
    let (ink, pen) = if is_board { ([225.0, 225.0, 215.0], "chalk") } else { pen(rng) };
    let pen_width = if is_board { rng.range(0.9, 1.6) } else { rng.range(0.35, 0.85) };
    let size = if is_board { rng.range(9.0, 15.0) } else { rng.range(4.5, 10.0) };

    // Ink: what share of each pixel it covers.
    let mut covered = vec![0.0f32; width * height];
    let visible = [width as f32 / camera.scale, height as f32 / camera.scale];
    let lines = rows(pool, size, pen_width, visible, rng);
    let mut placed_rows = Vec::new();
    for line in &lines {
        let mut placed = Vec::new();
        for (label, strokes) in line {
            let mut bounds = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
            let pressure = rng.range(0.85, 1.15);
            for stroke in strokes {
                let points: Vec<[f32; 2]> = stroke.iter().map(|p| camera.to_photo([p.x, p.y])).collect();
                for [x, y] in &points {
                    bounds = [bounds[0].min(*x), bounds[1].min(*y), bounds[2].max(*x), bounds[3].max(*y)];
                }
                draw(&mut covered, width, height, &points, pressure * pen_width / 2.0 * camera.scale, rng);
            }
            let reach = pressure * pen_width / 2.0 * camera.scale;
            bounds = [bounds[0] - reach, bounds[1] - reach, bounds[2] + reach, bounds[3] + reach];
            placed.push(Placed { label: *label, bounds });
        }
        placed_rows.push(placed);
    }
    for _ in 0..rng.below(8) {
        let at = [rng.range(0.0, width as f32), rng.range(0.0, height as f32)];
        draw(&mut covered, width, height, &[at], rng.range(0.3, 0.3 + 0.2 * camera.scale).min(3.0), rng);
    }

    let light = Light::of(width, height, rng);
    let edge = (rng.below(4) == 0 && !is_board).then(|| Edge::of(visible, &lines, rng));
    let paper = if is_board {
        let dark = rng.range(35.0, 75.0);
        if rng.below(2) == 0 { [dark, dark + 3.0, dark] } else { [dark * 0.8, dark * 1.3, dark] }
    } else {
        let warm = rng.range(0.0, 14.0);
        [250.0, 250.0 - warm / 2.0, 248.0 - warm]
    };
    let clouds = Clouds::of(rng);
    let cloudy = if is_board { 0.18 } else { 0.025 };
    let grain = rng.range(1.0, 5.0);
    let strength = if pen == "pencil" { rng.range(0.55, 0.8) } else { rng.range(0.85, 1.0) };
    let mut levels = vec![0.0f32; width * height * 3];
    for y in 0..height {
        for x in 0..width {
            let at = y * width + x;
            let on_paper = camera.to_paper([x as f32, y as f32]);
            let left = ruling.at(on_paper, 1.0 / camera.scale);
            let bright = light.at(x, y) * (1.0 + cloudy * clouds.at(x as f32 / longer, y as f32 / longer));
            let beside = edge.as_ref().map_or(0.0, |edge| edge.beside(on_paper, 1.0 / camera.scale));
            for color in 0..3 {
                let ground = if is_board {
                    paper[color] + 60.0 * (1.0 - left[color])
                } else {
                    paper[color] * left[color]
                };
                let mut value = ground
                    + strength
                        * covered[at]
                        * (ink[color].min(if is_board { 255.0 } else { ground }) - ground);
                if let Some(edge) = &edge {
                    value += beside * (edge.color[color] - value);
                }
                levels[at * 3 + color] = value * bright * light.tint[color];
            }
        }
    }
    let n_blurs = rng.below(4);
    for _ in 0..n_blurs {
        blur(&mut levels, width, height);
    }
    let data = levels
        .iter()
        .map(|&level| (level + grain * bell(rng.next_u32()) + 0.5).clamp(0.0, 255.0) as u8)
        .collect();
    let picture = Pixels::new(width, height, 3, data).expect("lengths agree");
    let mut jpeg = Vec::new();
    let quality = 60 + rng.below(33) as u8;
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode(&picture.data, width as u32, height as u32, ::image::ExtendedColorType::Rgb8)
        .expect("encoded");
    let about = format!("{width}x{height}, {ruled}, {pen}, {size:.1} mm at {:.1} px/mm", camera.scale);
    PaperPhoto { jpeg, about, rows: placed_rows }
}

fn ruling(rng: &mut Rng, is_board: bool) -> (Ruling, &'static str) {
    let kind = rng.below(8);
    let strength = rng.range(0.12, 0.45);
    let hues = [[1.0, 0.6, 0.25], [0.8, 0.8, 0.75], [0.7, 0.9, 0.5], [0.5, 0.8, 0.9]];
    let takes = hues[rng.below(4) as usize].map(|hue| hue * strength);
    let every = rng.range(6.5, 10.0);
    let (rows, columns, name) = match kind {
        0 => (None, None, "blank"),
        1..=3 => (Some(every), None, "ruled"),
        _ => (Some(5.0), Some(5.0), "squared"),
    };
    let (rows, columns, name) = match is_board {
        true if kind < 6 => (None, None, "board"),
        true => (Some(40.0), Some(40.0), "squared board"),
        false => (rows, columns, name),
    };
    let margin = (name == "ruled" && rng.below(2) == 0).then(|| (rng.range(-60.0, -20.0), [0.12, 0.5, 0.45]));
    let offset = [rng.range(0.0, 10.0), rng.range(0.0, 10.0)];
    (Ruling { rows, columns, offset, half_width: rng.range(0.08, 0.18), takes, margin }, name)
}

fn pen(rng: &mut Rng) -> ([f32; 3], &'static str) {
    match rng.below(8) {
        0..=3 => ([rng.range(20.0, 60.0), rng.range(35.0, 80.0), rng.range(120.0, 175.0)], "blue pen"),
        4 | 5 => ([rng.range(25.0, 60.0); 3], "black pen"),
        6 => ([rng.range(70.0, 100.0); 3], "pencil"),
        _ => ([rng.range(165.0, 200.0), rng.range(30.0, 60.0), rng.range(40.0, 70.0)], "red pen"),
    }
}

/// Rows of numbers, in millimeters from the middle of the paper.
fn rows(pool: &[Written], size: f32, pen_width: f32, visible: [f32; 2], rng: &mut Rng) -> Vec<Vec<Written>> {
    let slant = rng.range(-0.15, 0.35);
    let pitch = size * rng.range(1.5, 2.4);
    let room = [0.8 * visible[0], 0.78 * visible[1]];
    let most = ((room[1] / pitch) as u32).clamp(1, 6);
    let n_rows = 1 + rng.below(most);
    let from_top =
        -0.5 * pitch * n_rows as f32 + rng.range(0.0, 0.2 * (room[1] - pitch * n_rows as f32).max(0.0));
    let mut rows = Vec::new();
    for place in 0..n_rows {
        let base = from_top + pitch * (place as f32 + 0.8);
        let climb = rng.range(-0.02, 0.02);
        let start = -0.5 * room[0] + rng.range(0.0, 0.25) * room[0];
        let mut end = start;
        let mut row: Vec<Written> = Vec::new();
        let mut left_in_number = 1 + rng.below(6);
        let mut first = true;
        loop {
            let (label, strokes) = &pool[rng.below(pool.len() as u32) as usize];
            let points = || strokes.iter().flatten();
            let least = |of: fn(&Point) -> f32| points().map(of).fold(f32::INFINITY, f32::min);
            let most = |of: fn(&Point) -> f32| points().map(of).fold(f32::NEG_INFINITY, f32::max);
            let [left, bottom] = [least(|p| p.x), most(|p| p.y)];
            let [wide, high] = [most(|p| p.x) - left, bottom - least(|p| p.y)];
            let scale = size * rng.range(0.85, 1.15) / high.max(0.7 * wide);
            let gap = if first { 0.0 } else { pen_width + size * rng.range(0.06, 0.4) };
            let x = end + gap;
            if x + scale * wide > 0.5 * room[0] {
                break;
            }
            let drop = size * rng.range(-0.06, 0.06);
            let place_point = |p: &Point| {
                let (x, y) = (x + scale * (p.x - left), scale * (p.y - bottom) + drop);
                let x = x - slant * y;
                Point { x, y: y + base + climb * (x - start) }
            };
            row.push((*label, strokes.iter().map(|s| s.iter().map(place_point).collect()).collect()));
            end = x + scale * wide;
            first = false;
            left_in_number -= 1;
            if left_in_number == 0 {
                if rng.below(2) == 0 {
                    break;
                }
                left_in_number = 1 + rng.below(6);
                end += size * rng.range(1.0, 2.0);
            }
        }
        if !row.is_empty() {
            rows.push(row);
        }
    }
    rows
}

/// Draws a stroke whose width and strength waver.
fn draw(covered: &mut [f32], width: usize, height: usize, points: &[[f32; 2]], radius: f32, rng: &mut Rng) {
    let mut own = radius;
    let mut strength = rng.range(0.9, 1.0);
    for (i, &b) in points.iter().enumerate() {
        let a = points[i.saturating_sub(1)];
        own = (own + 0.08 * radius * rng.normal()).clamp(0.75 * radius, 1.25 * radius);
        strength = (strength + 0.05 * rng.normal()).clamp(0.7, 1.0);
        let reach = own + 1.0;
        let range = |low: f32, high: f32, len: usize| {
            ((low - reach).max(0.0) as usize).min(len)..((high + reach + 1.0).max(0.0) as usize).min(len)
        };
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let len2 = dx * dx + dy * dy;
        for y in range(a[1].min(b[1]), a[1].max(b[1]), height) {
            for x in range(a[0].min(b[0]), a[0].max(b[0]), width) {
                let (px, py) = (x as f32 - a[0], y as f32 - a[1]);
                let share = if len2 > 0.0 { ((px * dx + py * dy) / len2).clamp(0.0, 1.0) } else { 0.0 };
                let (ex, ey) = (px - share * dx, py - share * dy);
                let away = (ex * ex + ey * ey).sqrt();
                // A line thinner than a pixel covers a part of it.
                let full = (2.0 * own).min(1.0);
                let level = strength * full * ((own - away) / full.max(0.5) + 0.5).clamp(0.0, 1.0);
                let at = &mut covered[y * width + x];
                *at = at.max(level);
            }
        }
    }
}

/// Light that falls off to one side and to the corners, and a shadow with a soft edge.
struct Light {
    size: [f32; 2],
    slope: [f32; 2],
    corners: f32,
    shadow: Option<([f32; 3], f32, f32)>,
    tint: [f32; 3],
}

impl Light {
    fn of(width: usize, height: usize, rng: &mut Rng) -> Light {
        let slope = [rng.range(-0.22, 0.22), rng.range(-0.22, 0.22)];
        let shadow = (rng.below(2) == 0).then(|| {
            let normal = [rng.range(-1.0, 1.0), rng.range(-1.0, 1.0)];
            let len = (normal[0] * normal[0] + normal[1] * normal[1]).sqrt().max(0.1);
            (
                [normal[0] / len, normal[1] / len, rng.range(-0.6, 0.6)],
                rng.range(0.04, 0.3),
                rng.range(0.1, 0.45),
            )
        });
        let warm = rng.range(-0.06, 0.1);
        let bright = rng.range(0.62, 0.95);
        Light {
            size: [width as f32, height as f32],
            slope,
            corners: rng.range(0.0, 0.1),
            shadow,
            tint: [bright * (1.0 + warm).min(1.0), bright, bright * (1.0 - warm).min(1.0)],
        }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        let (x, y) = (2.0 * x as f32 / self.size[0] - 1.0, 2.0 * y as f32 / self.size[1] - 1.0);
        let even = 1.0 + self.slope[0] * x + self.slope[1] * y - self.corners * (x * x + y * y);
        let shadow = self.shadow.map_or(0.0, |([a, b, c], soft, dark)| {
            let inside = ((a * x + b * y - c) / soft + 0.5).clamp(0.0, 1.0);
            dark * inside * inside * (3.0 - 2.0 * inside)
        });
        even * (1.0 - shadow)
    }
}

/// The paper's edge, and the table beyond it.
struct Edge {
    horizontal: bool,
    place: f32,
    color: [f32; 3],
}

impl Edge {
    /// Beyond the writing.
    fn of(visible: [f32; 2], lines: &[Vec<Written>], rng: &mut Rng) -> Edge {
        let horizontal = rng.below(2) == 0;
        let points = lines.iter().flatten().flat_map(|(_, strokes)| strokes.iter().flatten());
        let last = points.map(|p| if horizontal { p.y } else { p.x }).fold(f32::NEG_INFINITY, f32::max);
        let dark = rng.range(40.0, 150.0);
        let limit = visible[usize::from(horizontal)] / 2.0;
        Edge {
            horizontal,
            place: (last + 4.0).max(rng.range(0.75, 0.95) * limit),
            color: [dark, 0.85 * dark, 0.7 * dark],
        }
    }

    fn beside(&self, [u, v]: [f32; 2], soft: f32) -> f32 {
        let beyond = if self.horizontal { v } else { u } - self.place;
        (beyond / soft + 0.5).clamp(0.0, 1.0)
    }
}

/// Smooth noise between -1 and 1: the paper's own unevenness, or a wiped board's smears.
struct Clouds {
    knots: Vec<f32>,
}

impl Clouds {
    const N: usize = 24;

    fn of(rng: &mut Rng) -> Clouds {
        Clouds { knots: (0..Self::N * Self::N).map(|_| rng.range(-1.0, 1.0)).collect() }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let place = |at: f32| {
            let at = (at * (Self::N - 2) as f32).clamp(0.0, (Self::N - 2) as f32 - 0.001);
            (at as usize, at - at.floor())
        };
        let ((i, a), (j, b)) = (place(x), place(y));
        let knot = |i: usize, j: usize| self.knots[j * Self::N + i];
        let row = |j: usize| knot(i, j) + a * (knot(i + 1, j) - knot(i, j));
        row(j) + b * (row(j + 1) - row(j))
    }
}

/// A number as a normal distribution has them, nearly: four bytes together.
fn bell(bits: u32) -> f32 {
    let sum: u32 = bits.to_le_bytes().into_iter().map(u32::from).sum();
    (sum as f32 - 510.0) / 147.8
}

/// A quarter, a half, a quarter, along both sides.
fn blur(levels: &mut [f32], width: usize, height: usize) {
    for row in levels.chunks_exact_mut(width * 3) {
        let mut last = [row[0], row[1], row[2]];
        for at in 0..(width - 1) * 3 {
            let own = row[at];
            row[at] = 0.25 * last[at % 3] + 0.5 * own + 0.25 * row[at + 3];
            last[at % 3] = own;
        }
    }
    let mut last = levels[..width * 3].to_vec();
    for y in 0..height - 1 {
        for at in 0..width * 3 {
            let own = levels[y * width * 3 + at];
            levels[y * width * 3 + at] =
                0.25 * last[at] + 0.5 * own + 0.25 * levels[(y + 1) * width * 3 + at];
            last[at] = own;
        }
    }
}
