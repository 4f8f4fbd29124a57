//! The photo: JPEG 2000 to grey pixels, to PNG, and to a terminal.

use crate::failure::Failure;
use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};
use kazasu_catalogue::Trouble;

/// A card's photo is 378 by 472 (Measured); a header that claims much more is not believed.
const MAX_SIDE: u32 = 4_096;

/// Grey pixels, row by row.
pub(crate) struct Grey {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

impl Grey {
    /// Decodes a JP2 file of one component.
    pub(crate) fn decode(jp2: &[u8]) -> Result<Self, Failure> {
        let unreadable = || Failure::from(Trouble::Unreadable { what: "the photo" });
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
        written.map(|()| bytes).map_err(|_| Trouble::Unreadable { what: "the photo" }.into())
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
    fn every_persona_has_a_photo_that_decodes_to_a_png_of_its_size() {
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

    #[test]
    fn what_is_no_photo_is_refused() {
        assert!(Grey::decode(b"").is_err());
        assert!(Grey::decode(b"\0\0\0\x0CjP  \r\n\x87\n").is_err());
        assert!(Grey::decode(b"\x89PNG\r\n\x1A\n").is_err());
    }
}
