//! Files for reading page by page (ISO 32000-2, annex F): programs begin such a file at its first object, whatever the
//! end of the file says, as soon as the file has the length that this object names.

use super::budget::Budget;
use super::layout::Layout;
use super::structure::find;
use super::syntax::Reader;
use super::tables::Place;
use super::value::Value;
use super::{Damage, PdfError};

/// Whether whoever begins at the beginning comes to the same tables as whoever begins at the end. What stands first has
/// to be readable, also where a later revision replaced it.
///
/// # Errors
/// [`Damage::TwoReadings`].
pub(super) fn check(bytes: &[u8], layout: &Layout<'_>, budget: &mut Budget) -> Result<(), PdfError> {
    let two = || PdfError::from(Damage::TwoReadings);
    let mut reader = Reader::new(bytes, 0);
    reader.space();
    let begins = reader.at;
    if reader.header().is_none() {
        // A table, or bytes that are no object, in front of the first one.
        let places = layout.sections.iter().flat_map(|section| section.entries.values());
        let offset = |place: &Place| if let Place::At { offset, .. } = place { Some(*offset) } else { None };
        let tables = layout.sections.iter().map(|section| section.range.start);
        let first = places.filter_map(offset).filter(|offset| *offset >= begins).chain(tables).min();
        let before = &bytes[begins..first.unwrap_or(bytes.len()).max(begins)];
        reader = Reader::new(bytes, begins + before.len());
        reader.space();
        let table = tables_at(layout, reader.at);
        if find(before, b"obj").is_some() || (!table && reader.header().is_none()) {
            return Err(two());
        }
        if table {
            return Ok(());
        }
    }
    reader.space();
    let Value::Dictionary(first) = reader.value(budget).map_err(|_| two())? else { return Ok(()) };
    if first.get(b"Linearized").is_none() {
        return Ok(());
    }
    reader.space();
    reader.keyword(b"endobj").ok_or_else(two)?;
    reader.space();
    let length = first.integer(b"L").and_then(|length| usize::try_from(length).ok()).ok_or_else(two)?;
    // A shorter one was updated: nobody begins there any more. A longer one waits for what is still to be added.
    let same = length == bytes.len() && reader.at == layout.sections[0].range.start;
    if length < bytes.len() || same { Ok(()) } else { Err(two()) }
}

fn tables_at(layout: &Layout<'_>, at: usize) -> bool {
    layout.sections.iter().any(|section| section.range.start == at && section.stream.is_none())
}
