//! The tables of a file, which say where everything is (ISO 32000-2, 7.5.4 and 7.5.8), read exactly.

use super::budget::Budget;
use super::stream::{Begun, decoded, stream};
use super::syntax::Reader;
use super::value::{Dictionary, Value};
use super::{Damage, PdfError};
use std::collections::BTreeMap;
use std::ops::Range;

/// How far from the end of the file programs look for `startxref`.
const LAST_LINES: usize = 1_024;
/// Blanks behind `%%EOF`: more of them push `startxref` out of what programs look at.
const MOST_BLANKS: usize = 64;
/// The highest object number that all programs take (ISO 32000-1, Annex C).
pub(super) const HIGHEST_NUMBER: u32 = 8_388_607;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Free,
    At { offset: usize, generation: u16 },
    In { container: u32, index: usize },
}

/// One table and its trailer.
pub(super) struct Section<'b> {
    /// From `xref` or the table's object to the end of its trailer.
    pub(super) range: Range<usize>,
    pub(super) entries: BTreeMap<u32, Place>,
    pub(super) trailer: Dictionary<'b>,
    /// The table is an object, with this number.
    pub(super) stream: Option<u32>,
    /// A comment, a name with escapes, a number that could be shorter or a list without entries stands in it.
    pub(super) unusual: bool,
}

/// The number behind the last `startxref`, with `%%EOF` behind it.
pub(super) fn last_table(bytes: &[u8]) -> Result<usize, PdfError> {
    let missing = || PdfError::from(Damage::NoEnd);
    let blank = |byte: &u8| matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0C' | b'\r' | b' ');
    let end = bytes.iter().rposition(|byte| !blank(byte)).ok_or_else(missing)? + 1;
    if bytes.len() - end > MOST_BLANKS {
        return Err(Damage::BlanksAtEnd.into());
    }
    let from = bytes.len().saturating_sub(LAST_LINES);
    let at = bytes[from.min(end)..end].windows(9).rposition(|window| window == b"startxref").ok_or_else(missing)?;
    let mut reader = Reader::new(bytes, from + at + 9);
    reader.blank();
    let start = reader.number().ok_or_else(missing)?;
    reader.blank();
    reader.exactly(b"%%EOF").ok_or_else(missing)?;
    Ok(start)
}

impl<'b> Section<'b> {
    pub(super) fn at(bytes: &'b [u8], start: usize, budget: &mut Budget) -> Result<Self, PdfError> {
        let inexact = || PdfError::from(Damage::Table { at: start });
        let mut reader = Reader::new(bytes, start);
        reader.blank();
        let section = if reader.keyword(b"xref").is_some() {
            let entries = classic(bytes, &mut reader, budget)?.ok_or_else(inexact)?;
            let trailer = reader.dictionary(budget)?;
            Self { range: start..reader.at, entries, trailer, stream: None, unusual: reader.unusual }
        } else {
            let (number, _) = reader.header().ok_or_else(inexact)?;
            let trailer = reader.dictionary(budget)?;
            reader.space();
            let content = stream(&mut reader).ok_or_else(inexact)?;
            if trailer.name(b"Type") != Some(b"XRef") {
                return Err(inexact());
            }
            let table = Begun { number, start, content, dictionary: trailer };
            let none = BTreeMap::new();
            let (content, end) = (table.content(bytes, &none)?, table.end(bytes, &none)?);
            let content = decoded(&table.dictionary, &bytes[content], budget)?;
            let entries = packed(&table.dictionary, &content, budget)?.ok_or_else(inexact)?;
            let unusual = reader.unusual;
            Self { range: start..end, entries, trailer: table.dictionary, stream: Some(number), unusual }
        };
        if section.trailer.get(b"XRefStm").is_some() {
            return Err(PdfError::Hybrid);
        }
        if section.trailer.get(b"Encrypt").is_some() {
            return Err(PdfError::Encrypted);
        }
        Ok(section)
    }

    pub(super) fn previous(&self) -> Result<Option<usize>, PdfError> {
        match self.trailer.get(b"Prev") {
            None => Ok(None),
            Some(Value::Integer(previous)) if *previous > 0 => Ok(usize::try_from(*previous).ok()),
            Some(_) => Err(Damage::PreviousTable.into()),
        }
    }
}

/// Subsections that announce as many entries as they have, 20 bytes each, and no number twice; then `trailer`.
fn classic<'b>(
    bytes: &'b [u8],
    reader: &mut Reader<'b>,
    budget: &mut Budget,
) -> Result<Option<BTreeMap<u32, Place>>, PdfError> {
    let mut entries = BTreeMap::new();
    loop {
        reader.blank();
        if reader.keyword(b"trailer").is_some() {
            return Ok(Some(entries));
        }
        let Some(first) = reader.number::<u32>() else { return Ok(None) };
        reader.blank();
        let Some(count) = reader.number::<u32>() else { return Ok(None) };
        reader.blank();
        if first.checked_add(count).is_none_or(|behind| behind > HIGHEST_NUMBER + 1) {
            return Ok(None);
        }
        reader.unusual |= count == 0;
        let lines = bytes.get(reader.at..).unwrap_or_default().chunks_exact(20);
        if lines.len() < count as usize {
            return Ok(None);
        }
        budget.values(count as usize)?;
        for (line, index) in lines.zip(0..count) {
            let Some((place, number)) = line_of(line).zip(first.checked_add(index)) else { return Ok(None) };
            if entries.insert(number, place).is_some() {
                return Ok(None);
            }
        }
        reader.at += 20 * count as usize;
    }
}

/// `0000000017 00000 n` and two bytes of line end.
fn line_of(line: &[u8]) -> Option<Place> {
    let digits = |range: Range<usize>| line[range].iter().all(u8::is_ascii_digit);
    if !digits(0..10) || !digits(11..16) {
        return None;
    }
    if line[10] != b' ' || line[16] != b' ' || !matches!(&line[18..], b" \r" | b" \n" | b"\r\n") {
        return None;
    }
    let text = std::str::from_utf8(line).ok()?;
    match line[17] {
        b'n' => Some(Place::At { offset: text[..10].parse().ok()?, generation: text[11..16].parse().ok()? }),
        b'f' => Some(Place::Free),
        _ => None,
    }
}

/// The entries of a table that is a stream (ISO 32000-2, 7.5.8.3).
fn packed(
    table: &Dictionary<'_>,
    content: &[u8],
    budget: &mut Budget,
) -> Result<Option<BTreeMap<u32, Place>>, PdfError> {
    let integers = |key: &[u8]| -> Option<Vec<usize>> {
        let number = |item: &Value<'_>| {
            if let Value::Integer(number) = item { usize::try_from(*number).ok() } else { None }
        };
        table.array(key)?.iter().map(number).collect()
    };
    let Some([kind, place, last]) = integers(b"W").and_then(|widths| <[usize; 3]>::try_from(widths).ok()) else {
        return Ok(None);
    };
    let width = kind.saturating_add(place).saturating_add(last);
    if kind > 4 || place > 8 || last > 4 || place == 0 {
        return Ok(None);
    }
    let index = match table.get(b"Index") {
        None => table.integer(b"Size").and_then(|size| usize::try_from(size).ok()).map(|size| vec![0, size]),
        Some(_) => integers(b"Index"),
    };
    let Some(index) = index else { return Ok(None) };
    let (pairs, rest) = index.as_chunks::<2>();
    let count = pairs.iter().fold(0_usize, |sum, [_, count]| sum.saturating_add(*count));
    let taken = |[first, count]: &[usize; 2]| {
        *count > 0 && first.checked_add(*count).is_some_and(|behind| behind <= HIGHEST_NUMBER as usize + 1)
    };
    if !rest.is_empty() || !pairs.iter().all(taken) || count.checked_mul(width) != Some(content.len()) {
        return Ok(None);
    }
    budget.values(count)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut entries = BTreeMap::new();
    let numbers = pairs.iter().flat_map(|[first, count]| *first..first.saturating_add(*count));
    for (object, row) in numbers.zip(content.chunks_exact(width)) {
        let (own_kind, fields) = row.split_at(kind);
        let (second, third) = fields.split_at(place);
        let own_kind = if kind == 0 { 1 } else { number(own_kind) };
        let entry = match own_kind {
            0 => Some(Place::Free),
            1 => usize::try_from(number(second))
                .ok()
                .zip(u16::try_from(number(third)).ok())
                .map(|(offset, generation)| Place::At { offset, generation }),
            2 => u32::try_from(number(second))
                .ok()
                .zip(usize::try_from(number(third)).ok())
                .map(|(container, index)| Place::In { container, index }),
            _ => None,
        };
        let Some((entry, object)) = entry.zip(u32::try_from(object).ok()) else { return Ok(None) };
        if entries.insert(object, entry).is_some() {
            return Ok(None);
        }
    }
    Ok(Some(entries))
}
