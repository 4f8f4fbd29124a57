//! Files for reading page by page (ISO 32000-2, annex F): programs begin such a file at its first object, whatever the
//! end of the file says, as soon as the file has the length that this object names.

use super::budget::Budget;
use super::layout::Layout;
use super::structure::find;
use super::syntax::Reader;
use super::tables::Place;
use super::{Damage, PdfError};

/// Whether whoever begins at the beginning comes to the same tables as whoever begins at the end.
///
/// # Errors
/// [`Damage::TwoReadings`].
pub(super) fn check(bytes: &[u8], layout: &Layout<'_>, budget: &mut Budget) -> Result<(), PdfError> {
    let two = || PdfError::from(Damage::TwoReadings);
    let places = layout.sections.iter().flat_map(|section| section.entries.values());
    let objects = places.filter_map(|place| if let Place::At { offset, .. } = place { Some(*offset) } else { None });
    let begins = objects.chain(layout.sections.iter().map(|section| section.range.start)).min().unwrap_or(bytes.len());
    let mut reader = Reader::new(bytes, 0);
    reader.space();
    if reader.at < begins && find(&bytes[reader.at..begins], b"obj").is_some() {
        return Err(two());
    }
    let mut reader = Reader::new(bytes, begins);
    reader.space();
    if reader.header().is_none() {
        return Ok(());
    }
    reader.space();
    let Ok(first) = reader.dictionary(budget) else { return Ok(()) };
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
