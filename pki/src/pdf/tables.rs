//! Cross-reference tables that every program reads alike. Where one is wrong, programs look for objects themselves, each in its own
//! way, and then what one signs is not what another shows: such files are refused, not repaired (ISO 32000-1, 7.5.4, 7.5.7, 7.5.8).

use super::PdfError;
use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, Object, Stream};
use std::collections::{BTreeMap, BTreeSet};

/// Each section of the chain that begins with the last one: `tables` says where they start.
pub(super) fn exact(bytes: &[u8], tables: &[usize], document: &Document) -> Result<(), PdfError> {
    for &table in tables {
        let section = bytes.get(table..).unwrap_or_default();
        if !section.first().is_some_and(u8::is_ascii_digit) {
            classic(section).ok_or_else(|| PdfError::malformed(format!("the table at byte {table} is not exact")))?;
        }
    }
    let highest = document.reference_table.entries.keys().max().copied().unwrap_or(0);
    let size = document.trailer.get(b"Size").and_then(Object::as_i64).unwrap_or(0);
    if size <= i64::from(highest) {
        return Err(PdfError::malformed(String::from("there are more objects than the file announces")));
    }
    let mut containers = BTreeMap::new();
    for (&(number, _), object) in &document.objects {
        let Object::Stream(stream) = object else { continue };
        if stream.dict.has_type(b"XRef") && !sections_are_apart(&stream.dict) {
            return Err(PdfError::malformed(format!("table {number} lists an object twice")));
        }
        if stream.dict.has_type(b"ObjStm") {
            let members = members(stream).ok_or_else(|| {
                PdfError::malformed(format!("object stream {number} lists an object twice, or badly"))
            })?;
            containers.insert(number, members);
        }
    }
    for (&number, entry) in &document.reference_table.entries {
        if let XrefEntry::Compressed { container, index } = *entry
            && containers.get(&container).and_then(|members| members.get(usize::from(index))) != Some(&number)
        {
            return Err(PdfError::malformed(format!("object {number} is not in the place that the table says")));
        }
    }
    Ok(())
}

/// `xref`, subsections that announce as many entries as they have, 20 bytes each, and no number twice; then `trailer`.
fn classic(section: &[u8]) -> Option<()> {
    let mut rest = section.strip_prefix(b"xref")?.trim_ascii_start();
    let mut seen = BTreeSet::new();
    while !rest.starts_with(b"trailer") {
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'))?;
        let mut words = std::str::from_utf8(&rest[..end]).ok()?.split_ascii_whitespace();
        let (first, count): (u32, usize) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        if words.next().is_some() {
            return None;
        }
        rest = rest[end..].trim_ascii_start();
        for number in 0..count {
            let (entry, after) = rest.split_at_checked(20)?;
            let digits = |range: std::ops::Range<usize>| entry[range].iter().all(u8::is_ascii_digit);
            let end = matches!(&entry[18..], b" \r" | b" \n" | b"\r\n");
            let shape = digits(0..10) && entry[10] == b' ' && digits(11..16) && entry[16] == b' ';
            if !shape || !matches!(entry[17], b'n' | b'f') || !end {
                return None;
            }
            if !seen.insert(first.checked_add(u32::try_from(number).ok()?)?) {
                return None;
            }
            rest = after;
        }
    }
    Some(())
}

/// The ranges of /Index have no number in common.
fn sections_are_apart(table: &Dictionary) -> bool {
    let Ok(index) = table.get(b"Index") else { return true };
    let Ok(index) = index.as_array() else { return false };
    let Some(numbers) = index.iter().map(|number| number.as_i64().ok()).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let (pairs, rest) = numbers.as_chunks::<2>();
    let mut ranges: Vec<_> = pairs.iter().map(|[first, count]| (*first, first.saturating_add(*count))).collect();
    ranges.sort_unstable();
    rest.is_empty() && ranges.windows(2).all(|pair| pair[0].1 <= pair[1].0)
}

/// The numbers of an object stream's members, in their order; `None` when one is there twice.
fn members(stream: &Stream) -> Option<Vec<u32>> {
    let count = usize::try_from(stream.dict.get(b"N").and_then(Object::as_i64).ok()?).ok()?;
    let first = usize::try_from(stream.dict.get(b"First").and_then(Object::as_i64).ok()?).ok()?;
    let content = stream.decompressed_content().ok().unwrap_or_else(|| stream.content.clone());
    let header = std::str::from_utf8(content.get(..first)?).ok()?;
    let words: Option<Vec<u32>> = header.split_ascii_whitespace().map(|word| word.parse().ok()).collect();
    let words = words?;
    let (pairs, rest) = words.as_chunks::<2>();
    let numbers: Vec<_> = pairs.iter().map(|[number, _]| *number).collect();
    let alone = numbers.iter().collect::<BTreeSet<_>>().len() == numbers.len();
    (rest.is_empty() && numbers.len() == count && alone).then_some(numbers)
}
