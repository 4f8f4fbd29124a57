//! Where everything in a file is, found before any of it is inflated or kept. Where a table is wrong, programs look for
//! objects themselves, each in its own way, and then what one signs is not what another shows: such files are refused,
//! not repaired (ISO 32000-2, 7.5).

use super::budget::Budget;
use super::stream::{Begun, decoded, stream};
use super::syntax::Reader;
use super::tables::{HIGHEST_NUMBER, Place, Section, last_table};
use super::value::Value;
use super::{Damage, PdfError};
use std::collections::{BTreeMap, BTreeSet};

/// Updates of one file.
const MOST_SECTIONS: usize = 1_000;

/// All tables of a file, the last one first, and what they say together.
pub(super) struct Layout<'b> {
    pub(super) sections: Vec<Section<'b>>,
    pub(super) places: BTreeMap<u32, Place>,
    /// Where each object begins and ends, in that order; only where they were gone through.
    objects: Vec<(usize, usize)>,
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

    /// At each place stands the object that the table says, and it ends before the next one begins. Where each begins
    /// and ends.
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

    /// Where something stands that reads like an object, is in none of those gone through, and no table of any revision
    /// leads to it: programs that mend a file take the last object of a number, wherever it is.
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
