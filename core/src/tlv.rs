//! BER-TLV read in place (ISO/IEC 7816-4, 5.2.2): bounded, without allocation, lenient about lengths that are longer than needed.
//!
//! Real cards write `FF 40 82 00 9F` where `81 9F` would do, so lengths are read generally; the indefinite form, lengths
//! of more than four bytes and values past the end are errors with their position.

/// A value longer than this is not believed.
pub const MAX_VALUE: usize = 65_536;
/// Objects nested deeper than this are not followed.
pub const MAX_DEPTH: u8 = 16;

/// What is wrong with an object, and where (bytes from the start of what was parsed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {at}")]
pub struct TlvError {
    /// What is wrong.
    pub problem: Problem,
    /// Offset of the object at fault.
    pub at: usize,
}

/// See [`TlvError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The bytes end inside a tag, a length or a value.
    #[error("the object ends too early")]
    Truncated,
    /// A tag of more than three bytes.
    #[error("the tag is too long")]
    Tag,
    /// `80`: lengths without a number are not used by cards.
    #[error("the length is indefinite")]
    Indefinite,
    /// More than four length bytes, or a value over [`MAX_VALUE`].
    #[error("the length is too large")]
    TooLarge,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("objects are nested too deeply")]
    TooDeep,
    /// An object that must be there is not.
    #[error("an object is missing")]
    Missing,
}

/// Tag and lengths of an object whose value may not have arrived yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The tag's bytes as a number: `FF20` is `0xFF20`.
    pub tag: u32,
    /// How many bytes tag and length take.
    pub header_len: usize,
    /// How many bytes the value takes.
    pub value_len: usize,
}

impl Header {
    /// Tag, length and value together.
    #[must_use]
    pub const fn total_len(&self) -> usize {
        self.header_len + self.value_len
    }

    /// Reads tag and length at the start of `bytes`; the value need not be there.
    ///
    /// # Errors
    /// A [`Problem`]; [`Problem::Truncated`] when tag or length are not all there.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let (tag, tag_len) = parse_tag(bytes)?;
        let (value_len, length_len) = parse_length(&bytes[tag_len..])?;
        Ok(Self { tag, header_len: tag_len + length_len, value_len })
    }
}

fn parse_tag(bytes: &[u8]) -> Result<(u32, usize), Problem> {
    let first = *bytes.first().ok_or(Problem::Truncated)?;
    let mut tag = u32::from(first);
    if first & 0x1F != 0x1F {
        return Ok((tag, 1));
    }
    for len in 2..=3 {
        let byte = *bytes.get(len - 1).ok_or(Problem::Truncated)?;
        tag = tag << 8 | u32::from(byte);
        if byte & 0x80 == 0 {
            return Ok((tag, len));
        }
    }
    Err(Problem::Tag)
}

fn parse_length(bytes: &[u8]) -> Result<(usize, usize), Problem> {
    let first = *bytes.first().ok_or(Problem::Truncated)?;
    match first {
        0..=0x7F => return Ok((usize::from(first), 1)),
        0x80 => return Err(Problem::Indefinite),
        0x85.. => return Err(Problem::TooLarge),
        _ => {}
    }
    let len = 1 + usize::from(first & 0x7F);
    let value =
        bytes.get(1..len).ok_or(Problem::Truncated)?.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    if value > MAX_VALUE as u64 {
        return Err(Problem::TooLarge);
    }
    Ok((value as usize, len))
}

/// One object, borrowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag's bytes as a number.
    pub tag: u32,
    /// The value.
    pub value: &'a [u8],
    /// The whole object: tag, length and value. Signatures cover this.
    pub whole: &'a [u8],
    depth: u8,
}

impl<'a> Tlv<'a> {
    /// The object at the start of `bytes`; whatever follows it (card files end in filler) is left alone.
    ///
    /// # Errors
    /// A [`TlvError`].
    pub fn first(bytes: &'a [u8]) -> Result<Self, TlvError> {
        Cursor::new(bytes).next_object()?.ok_or(TlvError { problem: Problem::Truncated, at: 0 })
    }

    /// The objects inside this one.
    #[must_use]
    pub const fn children(&self) -> Cursor<'a> {
        Cursor { bytes: self.value, at: 0, depth: self.depth + 1 }
    }

    /// The first object inside with this tag.
    ///
    /// # Errors
    /// [`Problem::Missing`] when there is none, or what is wrong before it.
    pub fn child(&self, tag: u32) -> Result<Self, TlvError> {
        let mut children = self.children();
        while let Some(child) = children.next_object()? {
            if child.tag == tag {
                return Ok(child);
            }
        }
        Err(TlvError { problem: Problem::Missing, at: children.at })
    }
}

impl core::fmt::Debug for Tlv<'_> {
    /// The tag and the length; never the value.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Tlv({:X}, {} bytes)", self.tag, self.value.len())
    }
}

/// Walks the objects that stand one after another in `bytes`.
#[derive(Clone)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: u8,
}

impl<'a> Cursor<'a> {
    /// At the start of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// The next object, or `None` at the end.
    ///
    /// # Errors
    /// A [`TlvError`]; the cursor does not move then.
    pub fn next_object(&mut self) -> Result<Option<Tlv<'a>>, TlvError> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return Ok(None);
        }
        let fail = |problem| TlvError { problem, at: self.at };
        if self.depth >= MAX_DEPTH {
            return Err(fail(Problem::TooDeep));
        }
        let header = Header::parse(rest).map_err(fail)?;
        let whole = rest.get(..header.total_len()).ok_or(fail(Problem::Truncated))?;
        self.at += header.total_len();
        Ok(Some(Tlv { tag: header.tag, value: &whole[header.header_len..], whole, depth: self.depth }))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::{vec, vec::Vec};

    fn problem(bytes: &[u8]) -> Problem {
        Tlv::first(bytes).expect_err("must be refused").problem
    }

    #[test]
    fn lengths_longer_than_needed_are_read() {
        for bytes in [
            &[0x04, 0x02, 0xAA, 0xBB][..],
            &[0x04, 0x81, 0x02, 0xAA, 0xBB],
            &[0x04, 0x82, 0x00, 0x02, 0xAA, 0xBB],
            &[0x04, 0x84, 0x00, 0x00, 0x00, 0x02, 0xAA, 0xBB],
        ] {
            assert_eq!(Tlv::first(bytes).map(|tlv| tlv.value), Ok(&[0xAA, 0xBB][..]));
        }
    }

    #[test]
    fn lengths_that_cannot_be_are_refused() {
        assert_eq!(problem(&[0x30, 0x80, 0x00, 0x00]), Problem::Indefinite);
        assert_eq!(problem(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), Problem::TooLarge);
        assert_eq!(problem(&[0x30, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), Problem::TooLarge);
        assert_eq!(problem(&[0x30, 0xFF]), Problem::TooLarge);
        assert_eq!(problem(&[0x30, 0x83, 0x01, 0x00, 0x01]), Problem::TooLarge);
        assert_eq!(problem(&[0x30, 0x02, 0x00]), Problem::Truncated);
        assert_eq!(problem(&[0x30, 0x82, 0x01]), Problem::Truncated);
        assert_eq!(problem(&[0x30]), Problem::Truncated);
        assert_eq!(problem(&[]), Problem::Truncated);
        assert_eq!(problem(&[0x1F, 0x81, 0x81, 0x01, 0x00]), Problem::Tag);
    }

    #[test]
    fn objects_nest_sixteen_deep_and_no_deeper() {
        let mut bytes = vec![0x04, 0x00];
        for _ in 0..16 {
            let mut outer = vec![0x30, bytes.len() as u8];
            outer.extend(&bytes);
            bytes = outer;
        }
        let mut object = Tlv::first(&bytes).expect("the outermost");
        let mut depth = 1;
        let refused = loop {
            match object.children().next_object() {
                Ok(Some(inner)) => object = inner,
                Ok(None) => panic!("never refused"),
                Err(error) => break error,
            }
            depth += 1;
        };
        assert_eq!((depth, refused.problem), (16, Problem::TooDeep));
    }

    #[test]
    fn filler_after_an_object_is_left_alone() {
        let object = Tlv::first(&[0xFF, 0x10, 0x01, 0x31, 0xFF, 0xFF]).expect("an object");
        assert_eq!((object.tag, object.value, object.whole.len()), (0xFF10, &b"1"[..], 4));
    }

    /// The oracle was written by others; where it accepts an object, we read the same tag and value.
    #[test]
    fn what_iso7816_tlv_builds_and_reads_we_read_the_same() {
        use iso7816_tlv::ber::{Tag, Tlv as Theirs, Value};
        for (tag, name) in [("04", 0x04), ("df21", 0xDF21), ("5f4e", 0x5F4E)] {
            for len in [0_usize, 1, 0x7F, 0x80, 0xFF, 0x100, 0x1234] {
                let value: Vec<u8> = (0..len).map(|i| i as u8).collect();
                let tag = Tag::try_from(tag).expect("a tag");
                let bytes = Theirs::new(tag, Value::Primitive(value.clone())).expect("an object").to_vec();
                let ours = Tlv::first(&bytes).expect("readable");
                assert_eq!((ours.tag, ours.value, ours.whole), (name, &value[..], &bytes[..]));
            }
        }
        // A small deterministic generator of short garbage: agreement wherever both accept.
        let mut seed = 0x2026_u32;
        let mut both = 0;
        for _ in 0..200_000 {
            let mut bytes = [0_u8; 8];
            for byte in &mut bytes {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (seed >> 24) as u8 & if seed & 0x80 == 0 { 0x0F } else { 0xFF };
            }
            let (theirs, _) = Theirs::parse(&bytes);
            if let (Ok(theirs), Ok(ours)) = (theirs, Tlv::first(&bytes))
                && let Value::Primitive(value) = theirs.value()
            {
                assert_eq!(ours.value, &value[..], "{bytes:02X?}");
                both += 1;
            }
        }
        assert!(both > 1_000, "the generator met only {both} objects that both read");
    }
}
