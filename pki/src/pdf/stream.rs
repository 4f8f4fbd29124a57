//! Streams: where one ends, and what a packed table or object stream inflates to.

use super::budget::Budget;
use super::syntax::Reader;
use super::value::{Dictionary, Value};
use super::{Damage, LONGEST_STREAM, PdfError};
use lopdf::{Object, Stream};
use std::collections::BTreeMap;
use std::ops::Range;

/// A stream's dictionary was read; its contents come later, because its length may stand further behind.
pub(super) struct Begun<'b> {
    pub(super) number: u32,
    pub(super) start: usize,
    pub(super) content: usize,
    pub(super) dictionary: Dictionary<'b>,
}

/// `stream` and its line end; where the contents begin.
pub(super) fn stream(reader: &mut Reader<'_>) -> Option<usize> {
    reader.exactly(b"stream")?;
    reader.exactly(b"\r\n").or_else(|| reader.exactly(b"\n"))?;
    Some(reader.at)
}

impl Begun<'_> {
    pub(super) fn content(&self, bytes: &[u8], integers: &BTreeMap<u32, i64>) -> Result<Range<usize>, PdfError> {
        let length = match self.dictionary.get(b"Length") {
            Some(Value::Integer(length)) => Some(*length),
            Some(Value::Reference(number, _)) => integers.get(number).copied(),
            _ => None,
        };
        let end = length
            .and_then(|length| usize::try_from(length).ok())
            .and_then(|length| self.content.checked_add(length))
            .filter(|end| *end <= bytes.len());
        let end = end.ok_or(Damage::NoLength { number: self.number })?;
        Ok(self.content..end)
    }

    /// Where the object ends.
    pub(super) fn end(&self, bytes: &[u8], integers: &BTreeMap<u32, i64>) -> Result<usize, PdfError> {
        let mut reader = Reader::new(bytes, self.content(bytes, integers)?.end);
        let mut close = || {
            reader.blank();
            reader.keyword(b"endstream")?;
            reader.space();
            reader.keyword(b"endobj")?;
            Some(reader.at)
        };
        close().ok_or(Damage::OtherLength { number: self.number }.into())
    }
}

/// The contents of a table or an object stream. Nobody packs these in any other way than this one.
pub(super) fn decoded(dictionary: &Dictionary<'_>, content: &[u8], budget: &mut Budget) -> Result<Vec<u8>, PdfError> {
    let unknown = || PdfError::from(Damage::Packing);
    // Both directly, or both in a list of one: of the rest programs make different things.
    let none = Value::Null;
    let (filter, parameters) = match (dictionary.get(b"Filter"), dictionary.get(b"DecodeParms")) {
        (None, None) => (None, &none),
        (Some(filter @ Value::Name(_)), None) => (Some(filter), &none),
        (Some(filter @ Value::Name(_)), Some(parameters @ Value::Dictionary(_))) => (Some(filter), parameters),
        (Some(Value::Array(filters)), None) if filters.len() == 1 => (filters.first(), &none),
        (Some(Value::Array(filters)), Some(Value::Array(parameters)))
            if filters.len() == 1 && parameters.len() == 1 =>
        {
            (filters.first(), &parameters[0])
        }
        _ => return Err(unknown()),
    };
    let mut entries = lopdf::Dictionary::new();
    match filter {
        None => {}
        Some(Value::Name(name)) if **name == *b"FlateDecode" => entries.set("Filter", Object::Name(name.to_vec())),
        Some(_) => return Err(unknown()),
    }
    match parameters {
        Value::Null => {}
        Value::Dictionary(parameters) => {
            let mut known = lopdf::Dictionary::new();
            for (key, value) in parameters.iter() {
                match (key, value) {
                    (b"Predictor", Value::Integer(1 | 10..=15))
                    | (b"Columns", Value::Integer(1..=LONGEST_ROW))
                    | (b"Colors", Value::Integer(1))
                    | (b"BitsPerComponent", Value::Integer(8)) => {}
                    _ => return Err(unknown()),
                }
                let Value::Integer(value) = value else { return Err(unknown()) };
                known.set(key, *value);
            }
            entries.set("DecodeParms", known);
        }
        _ => return Err(unknown()),
    }
    let stream = Stream::new(entries, content.to_vec());
    let content = stream.get_plain_content_with_limit(LONGEST_STREAM).map_err(|error| match error {
        lopdf::Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => PdfError::TooLarge,
        _ => Damage::Unread.into(),
    })?;
    budget.inflated(content.len())?;
    Ok(content)
}

/// A row of a table has about ten bytes.
const LONGEST_ROW: i64 = 65_536;
