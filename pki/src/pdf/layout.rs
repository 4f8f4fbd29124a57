//! Where everything in a file is, found before any of it is inflated or kept. Where a table is wrong, programs look for objects
//! themselves, each in its own way, and then what one signs is not what another shows: such files are refused, not repaired
//! (ISO 32000-2, 7.5).

use super::syntax::{Budget, Dictionary, Reader, Value};
use super::{Damage, LONGEST_STREAM, PdfError};
use lopdf::{Object, Stream};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Updates of one file.
const MOST_SECTIONS: usize = 1_000;
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

/// All tables of a file, the last one first, and what they say together.
pub(super) struct Layout<'b> {
    pub(super) sections: Vec<Section<'b>>,
    pub(super) places: BTreeMap<u32, Place>,
    /// Where each object begins and ends, in that order; only where they were gone through.
    objects: Vec<(usize, usize)>,
}

/// A stream's dictionary was read; its contents come later, because its length may stand further behind.
struct Begun<'b> {
    number: u32,
    start: usize,
    content: usize,
    dictionary: Dictionary<'b>,
}

impl<'b> Layout<'b> {
    /// Reads tables and trailers, and goes once through all objects.
    pub(super) fn of(bytes: &'b [u8], budget: &mut Budget) -> Result<Self, PdfError> {
        let mut layout = Self::tables(bytes, budget)?;
        layout.objects = layout.objects(bytes, budget)?;
        Ok(layout)
    }

    /// Tables and trailers alone.
    pub(super) fn tables(bytes: &'b [u8], budget: &mut Budget) -> Result<Self, PdfError> {
        let mut next = Some(last_table(bytes)?);
        let mut sections: Vec<Section<'b>> = Vec::new();
        while let Some(start) = next {
            if sections.len() == MOST_SECTIONS {
                return Err(PdfError::TooLarge);
            }
            if sections.iter().any(|section| section.range.start == start) {
                return Err(Damage::TableCircle { at: start }.into());
            }
            let section = Section::at(bytes, start, budget)?;
            next = section.previous()?;
            sections.push(section);
        }
        let mut places = BTreeMap::new();
        for section in &sections {
            for (&number, &place) in &section.entries {
                places.entry(number).or_insert(place);
            }
        }
        let highest = places.keys().next_back().copied().unwrap_or(0);
        if sections[0].trailer.integer(b"Size").unwrap_or(0) <= i64::from(highest) {
            return Err(Damage::Size.into());
        }
        let announced = sections.iter().filter_map(|section| section.trailer.integer(b"Size")).max();
        if announced > Some(i64::from(HIGHEST_NUMBER) + 1) {
            return Err(Damage::HighNumbers.into());
        }
        Ok(Self { sections, places, objects: Vec::new() })
    }

    /// At each place stands the object that the table says, and it ends before the next one begins. Where each begins and ends.
    fn objects(&self, bytes: &'b [u8], budget: &mut Budget) -> Result<Vec<(usize, usize)>, PdfError> {
        let mut begun = Vec::new();
        let mut integers = BTreeMap::new();
        let mut ends = Vec::new();
        for (&number, place) in &self.places {
            let Place::At { offset, generation } = *place else { continue };
            let mut reader = Reader::new(bytes, offset);
            reader.blank();
            let start = reader.at;
            if reader.header() != Some((number, generation)) {
                return Err(Damage::Elsewhere { number, at: offset }.into());
            }
            let value = reader.value(budget)?;
            reader.space();
            if reader.keyword(b"endobj").is_some() {
                if let Value::Integer(integer) = value {
                    integers.insert(number, integer);
                }
                ends.push((start, reader.at));
            } else if let (Value::Dictionary(dictionary), Some(content)) = (value, stream(&mut reader)) {
                begun.push(Begun { number, start, content, dictionary });
            } else {
                return Err(Damage::Unended { number }.into());
            }
        }
        let mut members = BTreeMap::new();
        for stream in begun.iter().filter(|stream| stream.dictionary.name(b"Type") == Some(b"ObjStm")) {
            let content = stream.content(bytes, &integers)?;
            let content = decoded(&stream.dictionary, &bytes[content], budget)?;
            members.insert(stream.number, unpacked(stream, &content, &mut integers, budget)?);
        }
        for stream in &begun {
            ends.push((stream.start, stream.end(bytes, &integers)?));
        }
        ends.sort_unstable();
        if let Some(pair) = ends.windows(2).find(|pair| pair[0].1 > pair[1].0) {
            return Err(Damage::Within { at: pair[1].0 }.into());
        }
        for (&number, place) in &self.places {
            if let Place::In { container, index } = *place
                && members.get(&container).and_then(|members| members.get(index)) != Some(&number)
            {
                return Err(Damage::NotInStream { number }.into());
            }
        }
        Ok(ends)
    }

    /// Where something stands that reads like an object, is in none of those gone through, and no table of any revision leads to it:
    /// programs that mend a file take the last object of a number, wherever it is.
    pub(super) fn unlisted(&self, bytes: &[u8]) -> Option<usize> {
        let places = self.sections.iter().flat_map(|section| section.entries.values());
        let offset = |place: &Place| if let Place::At { offset, .. } = place { Some(*offset) } else { None };
        let mut listed: BTreeSet<usize> = places.filter_map(offset).collect();
        listed
            .extend(self.sections.iter().filter(|section| section.stream.is_some()).map(|section| section.range.start));
        // Tables may point at the white space in front of an object.
        let listed: BTreeSet<usize> =
            listed.into_iter().map(|offset| offset + whites(&bytes[offset.min(bytes.len())..])).collect();
        let inside = |at: usize| {
            let before = self.objects.partition_point(|(start, _)| *start <= at);
            before > 0 && at < self.objects[before - 1].1
        };
        let words = bytes.windows(3).enumerate().filter(|(_, word)| *word == b"obj").map(|(at, _)| at);
        words.filter_map(|at| headed(&bytes[..at])).find(|start| !listed.contains(start) && !inside(*start))
    }
}

fn whites(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| WHITE.contains(byte)).count()
}

const WHITE: &[u8] = b"\0\t\n\x0C\r ";

/// Where the two numbers begin that `before` ends with.
fn headed(before: &[u8]) -> Option<usize> {
    let without =
        |bytes: &[u8], of: &dyn Fn(&u8) -> bool| bytes.iter().rposition(|byte| !of(byte)).map_or(0, |at| at + 1);
    let blanks = |bytes: &[u8]| without(bytes, &|byte| WHITE.contains(byte));
    let digits = |bytes: &[u8]| without(bytes, &u8::is_ascii_digit);
    let generation = blanks(before);
    let between = digits(&before[..generation]);
    let number = blanks(&before[..between]);
    let start = digits(&before[..number]);
    (start < number && number < between && between < generation).then_some(start)
}

impl Layout<'_> {
    /// The text of an object that is no stream, wherever it stands.
    pub(super) fn text(&self, bytes: &[u8], number: u32, budget: &mut Budget) -> Option<Vec<u8>> {
        match *self.places.get(&number)? {
            Place::Free => None,
            Place::At { offset, .. } => {
                let mut reader = Reader::new(bytes, offset);
                reader.blank();
                reader.header()?;
                let start = reader.at;
                reader.value(budget).ok()?;
                Some(bytes[start..reader.at].to_vec())
            }
            Place::In { container, index } => {
                let Place::At { offset, .. } = *self.places.get(&container)? else { return None };
                let mut reader = Reader::new(bytes, offset);
                reader.blank();
                reader.header()?;
                let dictionary = reader.dictionary(budget).ok()?;
                reader.space();
                let content = stream(&mut reader)?;
                // Its length was looked up and compared when the revision was read.
                let length = match dictionary.get(b"Length")? {
                    Value::Integer(length) => usize::try_from(*length).ok()?,
                    Value::Reference(number, _) => {
                        let text = self.text(bytes, *number, budget).filter(|_| *number != container)?;
                        Reader::new(&text, 0).number_alone()?
                    }
                    _ => return None,
                };
                let content = decoded(&dictionary, bytes.get(content..content.checked_add(length)?)?, budget).ok()?;
                let first = usize::try_from(dictionary.integer(b"First")?).ok()?;
                let mut header = Reader::new(content.get(..first)?, 0);
                let mut offset = 0;
                for _ in 0..=index {
                    header.space();
                    header.number::<u32>()?;
                    header.space();
                    offset = header.number::<usize>()?;
                }
                let start = first.checked_add(offset)?;
                let mut reader = Reader::new(&content, start);
                reader.value(budget).ok()?;
                Some(content[start..reader.at].to_vec())
            }
        }
    }
}

/// The number behind the last `startxref`, with `%%EOF` behind it.
fn last_table(bytes: &[u8]) -> Result<usize, PdfError> {
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

/// `stream` and its line end; where the contents begin.
fn stream(reader: &mut Reader<'_>) -> Option<usize> {
    reader.exactly(b"stream")?;
    reader.exactly(b"\r\n").or_else(|| reader.exactly(b"\n"))?;
    Some(reader.at)
}

impl Begun<'_> {
    fn content(&self, bytes: &[u8], integers: &BTreeMap<u32, i64>) -> Result<Range<usize>, PdfError> {
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
    fn end(&self, bytes: &[u8], integers: &BTreeMap<u32, i64>) -> Result<usize, PdfError> {
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

impl<'b> Section<'b> {
    fn at(bytes: &'b [u8], start: usize, budget: &mut Budget) -> Result<Self, PdfError> {
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

    fn previous(&self) -> Result<Option<usize>, PdfError> {
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

/// The contents of a table or an object stream. Nobody packs these in any other way than this one.
fn decoded(dictionary: &Dictionary<'_>, content: &[u8], budget: &mut Budget) -> Result<Vec<u8>, PdfError> {
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

/// The numbers of an object stream's members, in their order; each ends before the next one begins.
fn unpacked(
    stream: &Begun<'_>,
    content: &[u8],
    integers: &mut BTreeMap<u32, i64>,
    budget: &mut Budget,
) -> Result<Vec<u32>, PdfError> {
    let wrong = || PdfError::from(Damage::ObjectStream { number: stream.number });
    let length = |key: &[u8]| stream.dictionary.integer(key).and_then(|number| usize::try_from(number).ok());
    let (count, first) = length(b"N").zip(length(b"First")).ok_or_else(wrong)?;
    budget.values(count)?;
    let header = content.get(..first).ok_or_else(wrong)?;
    let mut reader = Reader::new(header, 0);
    let mut members: Vec<(u32, usize)> = Vec::new();
    reader.space();
    while reader.at < header.len() {
        let number = reader.number().ok_or_else(wrong)?;
        reader.space();
        let offset: usize = reader.number().ok_or_else(wrong)?;
        reader.space();
        members.push((number, first.checked_add(offset).ok_or_else(wrong)?));
        if members.len() > count {
            return Err(wrong());
        }
    }
    let numbers: Vec<_> = members.iter().map(|(number, _)| *number).collect();
    if numbers.len() != count || numbers.iter().collect::<BTreeSet<_>>().len() != count {
        return Err(wrong());
    }
    let mut end = first;
    for (number, start) in members {
        if start < end {
            return Err(wrong());
        }
        let mut reader = Reader::new(content, start);
        if let Value::Integer(integer) = reader.value(budget)? {
            integers.insert(number, integer);
        }
        end = reader.at;
    }
    Ok(numbers)
}
