//! What a signature says it covers (ByteRange), and whether that is all of its revision but its own value (Contents).

use super::{field::SignatureField, structure::find};
use crate::finding::Reason;
use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, Object};
use std::ops::Range;

/// A signature dictionary is a few hundred bytes without its Contents; programs that describe themselves in it write
/// kilobytes.
pub(super) const LONGEST_DICTIONARY: usize = 64 << 10;

/// Both ranges, in bytes of the file, and what lies between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges {
    /// What is signed, in two pieces.
    pub signed: [Range<usize>; 2],
    /// What is left out: the angle brackets of Contents and what they hold.
    pub gap: Range<usize>,
}

impl Ranges {
    /// The four numbers: from the first byte, two pieces that do not meet, within the file.
    pub(super) fn of(dictionary: &Dictionary, document: &Document, length: usize) -> Result<Self, Reason> {
        let numbers =
            super::structure::entry(document, dictionary, b"ByteRange").and_then(|range| range.as_array().ok());
        let numbers: Option<Vec<usize>> =
            numbers.into_iter().flatten().map(|n| n.as_i64().ok().and_then(|n| usize::try_from(n).ok())).collect();
        numbers.and_then(|numbers| Self::from_numbers(&numbers, length)).ok_or(Reason::ByteRange)
    }

    pub(super) fn from_numbers(numbers: &[usize], length: usize) -> Option<Self> {
        let [0, before, after, rest] = *numbers else { return None };
        let end = after.checked_add(rest).filter(|end| *end <= length)?;
        (before < after && after < end).then_some(Self { signed: [0..before, after..end], gap: before..after })
    }

    /// Where the signed revision ends.
    #[must_use]
    pub fn end(&self) -> usize {
        self.signed[1].end
    }

    /// Those of the signed bytes that are there: a file may have been cut off.
    pub(super) fn there(&self, length: usize) -> [Range<usize>; 2] {
        self.signed.clone().map(|range| range.start.min(length)..range.end.min(length))
    }

    /// Whether what is left out is the value of Contents of this very dictionary, and the only one that it has.
    /// Returns that value.
    pub(super) fn contents<'d>(
        &self,
        bytes: &[u8],
        field: &SignatureField<'d>,
        document: &Document,
    ) -> Result<&'d [u8], Reason> {
        let gap = Err(Reason::ByteRangeGap);
        let Some(XrefEntry::Normal { offset, .. }) = document.reference_table.get(field.object.0) else { return gap };
        let (start, Range { start: open, end: close }) = (*offset as usize, self.gap.clone());
        if start >= open || open - start > LONGEST_DICTIONARY || bytes[open] != b'<' || bytes[close - 1] != b'>' {
            return gap;
        }
        let before = &bytes[start..open];
        let rest = &bytes[close..bytes.len().min(close + LONGEST_DICTIONARY)];
        let Some(end) = find(rest, b"endobj") else { return gap };
        let own = find(before, b"endobj").is_none() && before.trim_ascii_end().ends_with(b"/Contents");
        let once = |key: &[u8]| names(before).chain(names(&rest[..end])).filter(|name| name == key).count() == 1;
        if !own || !once(b"Contents") || !once(b"ByteRange") {
            return gap;
        }
        let Ok(Object::String(contents, _)) = field.dictionary.get(b"Contents") else { return gap };
        if unhex(&bytes[open + 1..close - 1]).as_ref() == Some(contents) { Ok(contents) } else { gap }
    }
}

/// Every name in a piece of a file, with its escapes resolved (ISO 32000-2, 7.3.5).
fn names(text: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    text.split(|byte| *byte == b'/').skip(1).map(|rest| {
        let end = rest.iter().position(|byte| byte.is_ascii_whitespace() || b"\0()<>[]{}%".contains(byte));
        let raw = &rest[..end.unwrap_or(rest.len())];
        let mut name = Vec::with_capacity(raw.len());
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            let escaped = if byte == b'#' { raw.get(at + 1..at + 3).and_then(unhex) } else { None };
            at += if escaped.is_some() { 3 } else { 1 };
            name.extend(escaped.unwrap_or_else(|| vec![byte]));
        }
        name
    })
}

pub(super) fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let value = |digit: &u8| (*digit as char).to_digit(16).map(|value| value as u8);
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| Some(value(&pair[0])? << 4 | value(&pair[1])?)).collect()
}
