//! The photo: JPEG 2000 to grey pixels, to PNG, and to a terminal.

use crate::failure::Failure;
use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};
use kazasu_catalogue::{Part, Trouble};

/// A card's photo is 378 by 472 (Measured); a header that claims much more is not believed.
const MAX_SIDE: u32 = 1_024;

/// Whether a codestream's main header (ISO/IEC 15444-1, A.5 and A.6) describes something like a card's photo, so that
/// decoding it costs little: one component without sub-sampling, few tiles, few layers, no small code blocks or
/// precincts. A few bytes of header can otherwise ask for gigabytes.
fn is_modest(jp2: &[u8]) -> bool {
    const SOC_SIZ: [u8; 4] = [0xFF, 0x4F, 0xFF, 0x51];
    let starts: Vec<_> = (0..jp2.len()).filter(|at| jp2[*at..].starts_with(&SOC_SIZ)).collect();
    let [start] = starts[..] else { return false };
    let long =
        |at: usize| jp2.get(at..at + 4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    // Behind SOC, SIZ, Lsiz and Rsiz: the grid, its origin, the tiles, their origin, then components.
    let grid: Option<Vec<_>> = (0..8).map(|field| long(start + 8 + 4 * field)).collect();
    let Some(&[width, height, 0, 0, tile_width, tile_height, 0, 0]) = grid.as_deref() else { return false };
    let sides = (1..=MAX_SIDE).contains(&width) && (1..=MAX_SIDE).contains(&height);
    let tiles = tile_width >= 128 && tile_height >= 128;
    let one_component = jp2.get(start + 40..start + 45) == Some(&[0x00, 0x01, 0x07, 0x01, 0x01]);
    // The other segments of the main header: COD once, no COC; then the first tile-part.
    let mut at = start + 45;
    let mut coding = false;
    while let Some(&[0xFF, marker, high, low]) = jp2.get(at..at + 4) {
        match marker {
            0x90 => return sides && tiles && one_component && coding,
            // Scod, progression, layers (2), transform, levels, code block exponents less 2.
            0x52 => match jp2.get(at + 4..at + 12) {
                Some(&[style, _, 0, layers, _, levels, x, y, ..]) if !coding => {
                    coding = style & 1 == 0
                        && (1..=8).contains(&layers)
                        && levels <= 10
                        && (2..=4).contains(&x)
                        && (2..=4).contains(&y);
                    if !coding {
                        return false;
                    }
                }
                _ => return false,
            },
            0x53 => return false,
            _ => {}
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
    }
    false
}

/// Grey pixels, row by row.
pub(crate) struct Grey {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

impl Grey {
    /// Decodes a JP2 file of one component.
    pub(crate) fn decode(jp2: &[u8]) -> Result<Self, Failure> {
        let unreadable = || Failure::from(Trouble::Unreadable { what: Part::Photo });
        if !is_modest(jp2) {
            return Err(unreadable());
        }
        let image = Image::new(jp2, &DecodeSettings::default()).map_err(|_| unreadable())?;
        if image.width() > MAX_SIDE || image.height() > MAX_SIDE || image.color_space().num_channels() != 1 {
            return Err(unreadable());
        }
        let (width, height) = (image.width() as usize, image.height() as usize);
        let mut context = DecoderContext::default();
        let pixels = image.decode(&mut context).map_err(|_| unreadable())?.data_u8();
        if pixels.len() == width * height { Ok(Self { width, height, pixels }) } else { Err(unreadable()) }
    }

    /// An 8-bit greyscale PNG.
    pub(crate) fn png(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&self.pixels));
        written.map(|()| bytes).map_err(|_| Trouble::Unreadable { what: Part::Photo }.into())
    }

    /// Lines for a terminal: two pixels a character in shades where the terminal draws, letters otherwise.
    pub(crate) fn lines(&self, columns: usize, shades: bool) -> Vec<String> {
        // A character is about twice as high as wide; a half block is square.
        let rows = columns * self.height / self.width / 2;
        (0..rows)
            .map(|row| {
                let line: String = (0..columns)
                    .map(|column| {
                        if shades {
                            let upper = self.mean(column, columns, 2 * row, 2 * rows);
                            let lower = self.mean(column, columns, 2 * row + 1, 2 * rows);
                            format!("\x1B[38;5;{};48;5;{}m▀", shade(upper), shade(lower))
                        } else {
                            const INK: &[u8] = b"@%#*+=-:. ";
                            let grey = usize::from(self.mean(column, columns, row, rows));
                            char::from(INK[grey * INK.len() / 256]).to_string()
                        }
                    })
                    .collect();
                if shades { line + "\x1B[0m" } else { line }
            })
            .collect()
    }

    /// The mean of one cell of a grid laid over the picture.
    fn mean(&self, column: usize, columns: usize, row: usize, rows: usize) -> u8 {
        let xs = column * self.width / columns..((column + 1) * self.width).div_ceil(columns).min(self.width);
        let ys = row * self.height / rows..((row + 1) * self.height).div_ceil(rows).min(self.height);
        let count = xs.len() * ys.len();
        let sum: usize =
            ys.flat_map(|y| self.pixels[y * self.width..][xs.clone()].iter().map(|pixel| usize::from(*pixel))).sum();
        (sum / count.max(1)) as u8
    }
}

/// The nearest of the terminal's 24 shades of grey.
fn shade(grey: u8) -> u8 {
    232 + (u16::from(grey) * 23 / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r26_every_persona_has_a_photo_that_decodes_to_a_png_of_its_size() {
        for row in kazasu_fixtures::persona::PERSONAS {
            let persona = kazasu_fixtures::Persona::named(row.id).expect("a persona");
            let record = persona.file("surface", 2).expect("the card face");
            let start = record.windows(8).position(|bytes| bytes == b"\0\0\0\x0CjP  ").expect("a JP2 file");
            let photo = Grey::decode(&record[start..]).expect("a photo");
            assert_eq!((photo.width, photo.height), (378, 472), "{}", row.id);
            assert!(photo.png().expect("a PNG").starts_with(b"\x89PNG\r\n\x1A\n"));
            assert_eq!(photo.lines(40, false).len(), 24);
        }
    }

    /// Each is one or two bytes away from a real photo, and would cost seconds, gigabytes or the whole process.
    #[test]
    fn r26_a_header_that_asks_for_too_much_is_refused_before_anything_is_decoded() {
        let persona = kazasu_fixtures::Persona::named("adult").expect("a persona");
        let record = persona.file("surface", 2).expect("the card face");
        let start = record.windows(8).position(|bytes| bytes == b"\0\0\0\x0CjP  ").expect("a JP2 file");
        let photo = &record[start..];
        assert!(is_modest(photo));
        let siz = photo.windows(4).position(|bytes| bytes == [0xFF, 0x4F, 0xFF, 0x51]).expect("a codestream");
        let cod = photo.windows(2).position(|bytes| bytes == [0xFF, 0x52]).expect("a COD segment");
        for (name, at, bytes) in [
            ("wide", siz + 8, &[0x00, 0x00, 0x10, 0x00][..]),
            ("high", siz + 12, &[0x7F, 0xFF, 0xFF, 0xFF]),
            ("an origin", siz + 16, &[0x00, 0x00, 0x00, 0x01]),
            ("tiny tiles", siz + 24, &[0x00, 0x00, 0x00, 0x02]),
            ("no tiles", siz + 28, &[0x00, 0x00, 0x00, 0x00]),
            ("three components", siz + 40, &[0x00, 0x03]),
            ("sub-sampled", siz + 43, &[0xFF, 0xFF]),
            ("precincts", cod + 4, &[0x01]),
            ("65,535 layers", cod + 6, &[0xFF, 0xFF]),
            ("32 layers", cod + 6, &[0x00, 0x20]),
            ("no layers", cod + 6, &[0x00, 0x00]),
            ("4 by 4 code blocks", cod + 10, &[0x00, 0x00]),
            ("a second coding style", cod + 1, &[0x53]),
        ] {
            let mut bomb = photo.to_vec();
            bomb[at..at + bytes.len()].copy_from_slice(bytes);
            assert!(!is_modest(&bomb) && Grey::decode(&bomb).is_err(), "{name}");
        }
        for len in 0..cod + 12 {
            assert!(Grey::decode(&photo[..len]).is_err(), "cut after {len}");
        }
    }

    #[test]
    fn r26_what_is_no_photo_is_refused() {
        assert!(Grey::decode(b"").is_err());
        assert!(Grey::decode(b"\0\0\0\x0CjP  \r\n\x87\n").is_err());
        assert!(Grey::decode(b"\x89PNG\r\n\x1A\n").is_err());
    }
}
