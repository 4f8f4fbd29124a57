//! Proves of an addition that it is one more signature and nothing else: byte by byte, by our own reader, from the end
//! of one revision to the end of the next. What cannot be proven is not said to be wrong; nobody has looked at it, and
//! the table says so.
//!
//! `changes` compares what both revisions hold, and has found nothing; this sees to it that there is nothing else to
//! find: no byte that a program could take for something, no object that `changes` passes because nobody leads to it,
//! no key that does anything.

use super::budget::Budget;
use super::layout::Layout;
use super::syntax::Reader;
use super::tables::{Place, Section};
use super::value::{Dictionary, Value};
use super::{changes, field, structure};
use lopdf::Document;
use std::collections::BTreeMap;
use std::ops::Range;

/// Whether the bytes of `range` make of the revision `before` the revision `after` by one more signature that shows
/// nothing.
pub(super) fn is_one_signature(bytes: &[u8], range: Range<usize>, before: &Document, after: &Document) -> bool {
    proof(bytes, range, before, after).is_some()
}

fn proof(bytes: &[u8], range: Range<usize>, before: &Document, after: &Document) -> Option<()> {
    let mut budget = Budget::of_one_reading(range.len());
    let old = Layout::tables(&bytes[..range.start], &mut Budget::of_one_reading(range.end)).ok()?;
    let new = Layout::tables(&bytes[..range.end], &mut Budget::of_one_reading(range.end)).ok()?;
    // What no table leads to some programs find all the same, when they mend what they cannot read.
    holds(new.unlisted(&bytes[..range.end]).is_none())?;
    let (table, earlier) = new.sections.split_first()?;
    let starts = |section: &Section<'_>| section.range.start;
    let follows = earlier.iter().map(starts).eq(old.sections.iter().map(starts));
    holds(follows && table.range.start >= range.start)?;

    // A table of the same kind, of the size that it has to have. What is odd here some programs may not take, look for
    // objects themselves, and find in the signed bytes what nobody was shown.
    let numbers = |layout: &Layout<'_>| layout.places.keys().next_back().map(|highest| i64::from(*highest) + 1);
    let announced = old.sections[0].trailer.integer(b"Size");
    holds(table.trailer.integer(b"Size") == announced.max(numbers(&new)))?;
    holds(table.stream.is_some() == old.sections[0].stream.is_some())?;
    let fresh = |number: &u32| !old.places.contains_key(number);

    // Objects back to back, the table, and the end.
    let mut reader = Reader::new(&bytes[..range.end], range.start);
    let mut objects = BTreeMap::new();
    lines(&mut reader, bytes)?;
    while reader.at != table.range.start {
        let offset = reader.at;
        let (number, generation) = reader.header()?;
        holds(bytes[offset..reader.at] == *format!("{number} {generation} obj").as_bytes())?;
        let value = reader.value(&mut budget).ok()?;
        lines(&mut reader, bytes)?;
        reader.keyword(b"endobj")?;
        lines(&mut reader, bytes)?;
        holds(table.entries.get(&number) == Some(&Place::At { offset, generation }))?;
        holds(generation == 0 || !fresh(&number))?;
        holds(objects.insert(number, value).is_none())?;
    }
    holds(!reader.unusual && !table.unusual)?;
    if let Some(number) = table.stream {
        holds(bytes[table.range.start..].starts_with(format!("{number} 0 obj").as_bytes()))?;
    } else {
        let entries = structure::find(&bytes[reader.at..], b"trailer").map(|end| &bytes[reader.at..reader.at + end])?;
        holds(entries.iter().all(|byte| byte.is_ascii_alphanumeric() || LINES.contains(byte)))?;
    }
    reader.at = table.range.end;
    for word in [&b"startxref"[..], table.range.start.to_string().as_bytes(), b"%%EOF"] {
        lines(&mut reader, bytes)?;
        reader.keyword(word)?;
    }
    lines(&mut reader, bytes)?;
    holds(reader.at == range.end)?;

    // No word in a text that somebody who looks for tables could take for one.
    let words = |word: &[u8]| bytes[range.clone()].windows(word.len()).filter(|found| *found == word).count();
    let tables = if table.stream.is_some() { [1, 0] } else { [2, 1] };
    holds([words(b"xref"), words(b"trailer")] == tables)?;

    // The table lists these, itself and nothing else.
    let listed = table.entries.iter().filter(|(_, place)| **place != Place::Free).map(|(number, _)| *number);
    let mut expected: Vec<_> = objects.keys().copied().chain(table.stream).collect();
    expected.sort_unstable();
    holds(listed.eq(expected))?;
    holds(table.entries.iter().all(|(number, place)| *place != Place::Free || *number == 0))?;
    let stream = [&b"Type"[..], b"W", b"Index", b"Length", b"Filter", b"DecodeParms"];
    let known = |key: &[u8]| [&b"Size"[..], b"Root", b"Info", b"ID", b"Prev"].contains(&key);
    let keys = |key: &[u8]| known(key) || table.stream.is_some() && stream.contains(&key);
    holds(table.trailer.iter().all(|(key, _)| keys(key)))?;
    holds(table.trailer.get(b"Root") == old.sections[0].trailer.get(b"Root"))?;
    let information = table.trailer.get(b"Info");
    let none_before = old.sections.iter().all(|section| section.trailer.get(b"Info").is_none());
    let new = matches!(information, Some(Value::Reference(number, 0)) if none_before && fresh(number));
    holds(new || information == old.sections[0].trailer.get(b"Info"))?;
    holds(table.stream.iter().all(fresh))?;

    Signing { before, after, objects: &objects, fresh: &fresh }.proof()?;
    // The library rounds numbers with a fraction. That what it found to be the same is so, to the last digit:
    for (number, value) in objects.iter().filter(|(number, _)| !fresh(number)) {
        let text = old.text(bytes, *number, &mut budget)?;
        let was = Reader::new(&text, 0).value(&mut budget).ok()?;
        holds(same_numbers(&was, value))?;
    }
    Some(())
}

/// Whether bytes come first in `range` that no table in it knows of. A later table does not make them a part of the
/// file.
pub(super) fn begins_loose(bytes: &[u8], range: &Range<usize>) -> bool {
    let Ok(layout) = Layout::tables(&bytes[..range.end], &mut Budget::of_one_reading(range.end)) else { return true };
    let added = layout.sections.iter().filter(|section| range.contains(&section.range.start));
    let known = added.flat_map(|section| {
        let objects = section.entries.values().filter_map(|place| match place {
            Place::At { offset, .. } if range.contains(offset) => Some(*offset),
            _ => None,
        });
        objects.chain([section.range.start])
    });
    let first = known.min().unwrap_or(range.end);
    !bytes[range.start..first].trim_ascii().is_empty()
}

/// What stands between the parts.
const LINES: [u8; 3] = *b" \r\n";

/// A blank or the end of a line, and no other white space, nor so much of it that programs lose what stands behind.
fn lines(reader: &mut Reader<'_>, bytes: &[u8]) -> Option<()> {
    let start = reader.at;
    reader.blank();
    let between = &bytes[start..reader.at];
    holds(between.len() <= 2 && between.iter().all(|byte| LINES.contains(byte)))
}

/// Of two objects that are the same but for what was added, and but for how strings and names are written.
fn same_numbers(was: &Value<'_>, is: &Value<'_>) -> bool {
    match (was, is) {
        (Value::Dictionary(was), Value::Dictionary(is)) => {
            was.iter().all(|(key, was)| is.get(key).is_none_or(|is| same_numbers(was, is)))
        }
        (Value::Array(was), Value::Array(is)) => was.iter().zip(is).all(|(was, is)| same_numbers(was, is)),
        (Value::Real(was), Value::Real(is)) => was == is,
        (Value::Real(_), _) | (_, Value::Real(_)) => false,
        _ => true,
    }
}

fn holds(what: bool) -> Option<()> {
    what.then_some(())
}

struct Signing<'p, 'b> {
    before: &'p Document,
    after: &'p Document,
    objects: &'p BTreeMap<u32, Value<'b>>,
    fresh: &'p dyn Fn(&u32) -> bool,
}

impl Signing<'_, '_> {
    /// One signature, one field, and what leads to it.
    fn proof(&self) -> Option<()> {
        let mut allowed = Vec::new();
        let (&number, field) = self.dictionaries().find(|(_, entries)| entries.name(b"FT").is_some())?;
        let (value, page) = self.field(field)?;
        holds((self.fresh)(&number) && (self.fresh)(&value))?;
        // Fields of one name are one field, wherever each is shown, and a field above others has a name, too.
        let names = field::names(self.after).ok()?;
        let (own, others) = names.split_last()?;
        holds(others.iter().all(|name| name.split('.').next() != Some(own)))?;
        signature(self.dictionary(value)?)?;
        allowed.extend([number, value]);

        let root = structure::catalog_id(self.before).ok()?;
        let (old, new) = (structure::catalog(self.before).ok()?, structure::catalog(self.after).ok()?);
        holds(changes::same_but(old, new, &[b"AcroForm", b"Version", b"Extensions"]))?;
        let noted = |key: &[u8]| self.dictionary(root.0).and_then(|catalog| catalog.get(key));
        // The rules that everybody has read files by since 2008, and what goes beyond them.
        holds(noted(b"Version").is_none_or(|version| matches!(version, Value::Name(name) if **name == *b"1.7")))?;
        noted(b"Extensions").map_or(Some(()), extensions)?;
        allowed.push(root.0);
        allowed.extend(self.information()?);
        // The revision before was signed, so it has a form: a new one could show widgets that some programs show only
        // with a form.
        let form = changes::reference(new, b"AcroForm");
        structure::acro_form(self.before, old).ok()??;
        holds(changes::reference(old, b"AcroForm") == form)?;
        allowed.extend(form);
        let entries = match form {
            Some(form) => self.dictionary(form),
            None => self.dictionary(root.0).and_then(|catalog| catalog.get(b"AcroForm")).and_then(dictionary),
        };
        if let Some(entries) = entries {
            holds(entries.get(b"SigFlags").is_none_or(|flags| matches!(flags, Value::Integer(0..=3))))?;
        }
        let page_object = self.after.get_dictionary((page, self.generation(page)?)).ok()?;
        allowed.push(page);
        let fields = structure::acro_form(self.after, new).ok()??;
        for (owner, key) in [(fields, &b"Fields"[..]), (page_object, b"Annots")] {
            let list = changes::reference(owner, key);
            if let Some(Value::Array(items)) = list.and_then(|list| self.objects.get(&list)) {
                holds(items.iter().all(|item| matches!(item, Value::Reference(..))))?;
            }
            allowed.extend(list);
            let listed = structure::entry(self.after, owner, key)?.as_array().ok()?;
            let here = |item: &&lopdf::Object| item.as_reference().is_ok_and(|(own, _)| own == number);
            holds(listed.iter().filter(here).count() == 1 && listed.last().is_some_and(|last| here(&last)))?;
        }
        holds(self.objects.keys().all(|number| allowed.contains(number)))
    }

    /// Where the program that signed notes that it wrote last, and when; `changes` has seen that nothing else leads
    /// there and nothing else in it differs. Its title some programs show, so it is none of what may.
    fn information(&self) -> Option<Option<u32>> {
        let number = changes::reference(&self.after.trailer, b"Info");
        let Some(number) = number.filter(|number| self.objects.contains_key(number)) else { return Some(None) };
        let entries = self.dictionary(number)?;
        let noted = |key: &[u8]| entries.get(key).is_none_or(|value| matches!(value, Value::String(_)));
        let alone = entries.iter().all(|(key, _)| matches!(key, b"ModDate" | b"Producer"));
        holds((alone || !(self.fresh)(&number)) && noted(b"ModDate") && noted(b"Producer"))?;
        Some(Some(number))
    }

    fn dictionaries(&self) -> impl Iterator<Item = (&u32, &Dictionary<'_>)> {
        self.objects.iter().filter_map(|(number, value)| Some((number, dictionary(value)?)))
    }

    fn dictionary(&self, number: u32) -> Option<&Dictionary<'_>> {
        self.objects.get(&number).and_then(dictionary)
    }

    fn generation(&self, page: u32) -> Option<u16> {
        self.before.page_iter().find(|(number, _)| *number == page).map(|(_, generation)| generation)
    }

    /// A field that is its own widget, without extent or appearance: the numbers of its signature and of its page.
    fn field(&self, field: &Dictionary<'_>) -> Option<(u32, u32)> {
        let (mut value, mut page) = (None, None);
        for (key, entry) in field.iter() {
            match (key, entry) {
                (b"Type", Value::Name(name)) => holds(**name == *b"Annot")?,
                (b"Subtype", Value::Name(name)) => holds(**name == *b"Widget")?,
                (b"FT", Value::Name(name)) => holds(**name == *b"Sig")?,
                (b"T", Value::String(name)) => plain(name)?,
                // What programs show of it; a timestamp's says what it is.
                (b"TU", Value::String(name)) => holds(**name == *b"(Timestamp)")?,
                (b"F", Value::Integer(0..=0xFFFF)) => {}
                (b"V", Value::Reference(number, 0)) => value = Some(*number),
                (b"P", Value::Reference(number, generation)) => {
                    holds(self.generation(*number) == Some(*generation))?;
                    page = Some(*number);
                }
                (b"Rect", Value::Array(corners)) => holds(corners.len() == 4 && corners.iter().all(zero))?,
                _ => return None,
            }
        }
        let whole = [&b"Type"[..], b"Subtype", b"FT", b"T", b"Rect"].iter().all(|key| field.get(key).is_some());
        holds(whole)?;
        value.zip(page)
    }
}

/// A name that every program reads alike, and that is nobody's kid.
fn plain(name: &[u8]) -> Option<()> {
    let name = name.strip_prefix(b"(")?.strip_suffix(b")")?;
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-');
    // pyHanko writes a hyphen as a number.
    let mut parts = name.split(|byte| *byte == b'\\');
    let first = parts.next().is_some_and(|part| part.iter().all(letter));
    let hyphens = parts.all(|part| part.strip_prefix(b"055").is_some_and(|rest| rest.iter().all(letter)));
    holds(!name.is_empty() && first && hyphens)
}

/// Developer extensions (ISO 32000-1, 7.12): the names of what a file uses, and nothing that does anything.
fn extensions(value: &Value<'_>) -> Option<()> {
    dictionary(value)?.iter().try_for_each(|(_, extension)| {
        dictionary(extension)?.iter().try_for_each(|(key, entry)| match (key, entry) {
            (b"Type", Value::Name(name)) => holds(**name == *b"DeveloperExtensions"),
            (b"BaseVersion", Value::Name(_)) | (b"ExtensionLevel", Value::Integer(_)) => Some(()),
            _ => None,
        })
    })
}

fn dictionary<'v, 'b>(value: &'v Value<'b>) -> Option<&'v Dictionary<'b>> {
    if let Value::Dictionary(entries) = value { Some(entries) } else { None }
}

/// As it is written: nothing but zeros.
fn zero(number: &Value<'_>) -> bool {
    match number {
        Value::Integer(number) => *number == 0,
        Value::Real(text) => text.iter().all(|byte| matches!(byte, b'0' | b'.')),
        _ => false,
    }
}

/// The dictionary of a signature or of a document's timestamp that says what it is, by whom, when and why; what it is
/// worth says its own table.
fn signature(entries: &Dictionary<'_>) -> Option<()> {
    let kind: &[u8] = if entries.name(b"SubFilter") == Some(b"ETSI.RFC3161") { b"DocTimeStamp" } else { b"Sig" };
    for (key, entry) in entries.iter() {
        match (key, entry) {
            (b"Type", Value::Name(name)) => holds(**name == *kind)?,
            (b"Filter" | b"SubFilter", Value::Name(_)) => {}
            (b"Name" | b"M" | b"Reason" | b"Location" | b"ContactInfo" | b"Contents", Value::String(_)) => {}
            (b"ByteRange", Value::Array(numbers)) => {
                holds(numbers.len() == 4 && numbers.iter().all(|number| matches!(number, Value::Integer(0..))))?;
            }
            _ => return None,
        }
    }
    let whole = [&b"Type"[..], b"Filter", b"SubFilter", b"ByteRange", b"Contents"];
    holds(whole.iter().all(|key| entries.get(key).is_some()))
}
