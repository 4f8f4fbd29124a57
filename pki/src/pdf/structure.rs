//! The objects of a file, read strictly: what programs need not agree on is refused, not repaired.

use super::budget::Budget;
use super::layout::Layout;
use super::tables::Place;
use super::{Damage, LONGEST_FILE, LONGEST_STREAM, PdfError, linearized};
use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

/// Reads all objects, but for the contents of streams, which nothing here looks at.
pub(super) fn read(bytes: &[u8]) -> Result<Document, PdfError> {
    read_within(bytes, &mut Budget::of_one_reading(bytes.len()))
}

/// The same, and where something stands that reads like an object and no table leads to it.
pub(super) fn read_and_search(bytes: &[u8]) -> Result<(Document, Option<usize>), PdfError> {
    let (document, layout) = load(bytes, &mut Budget::of_one_reading(bytes.len()))?;
    Ok((document, layout.unlisted(bytes)))
}

/// The same as [`read`], where a reading is one of several.
pub(super) fn read_within(bytes: &[u8], budget: &mut Budget) -> Result<Document, PdfError> {
    load(bytes, budget).map(|(document, _)| document)
}

/// Nothing is kept before it is known what that costs.
fn load<'b>(bytes: &'b [u8], budget: &mut Budget) -> Result<(Document, Layout<'b>), PdfError> {
    if !bytes.starts_with(b"%PDF-") {
        return Err(PdfError::NotPdf);
    }
    if bytes.len() > LONGEST_FILE {
        return Err(PdfError::TooLong);
    }
    let layout = Layout::of(bytes, budget)?;
    linearized::check(bytes, &layout, budget)?;
    let options = LoadOptions {
        strict: true,
        filter: Some(without_contents),
        max_decompressed_size: Some(LONGEST_STREAM),
        ..LoadOptions::default()
    };
    let mut document = Document::load_mem_with_options(bytes, options).map_err(|error| match error {
        lopdf::Error::Decryption(_) | lopdf::Error::UnsupportedSecurityHandler(_) | lopdf::Error::InvalidPassword => {
            PdfError::Encrypted
        }
        _ => Damage::Unread.into(),
    })?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(PdfError::Encrypted);
    }
    agree(&layout, &document)?;
    generations(&layout, &document)?;
    // An object stream may hold more than the table knows of.
    document.objects.retain(|&(number, generation), _| match layout.places.get(&number) {
        Some(Place::At { generation: listed, .. }) => *listed == generation,
        Some(Place::In { .. }) => generation == 0,
        Some(Place::Free) | None => false,
    });
    Ok((document, layout))
}

/// Two readers, one of them the library, found the same tables.
fn agree(layout: &Layout<'_>, document: &Document) -> Result<(), PdfError> {
    let places =
        layout.places.iter().filter(|(_, place)| **place != Place::Free).map(|(number, place)| (*number, *place));
    let entries = document.reference_table.entries.iter().filter_map(|(&number, entry)| match *entry {
        XrefEntry::Normal { offset, generation } => Some((number, Place::At { offset: offset as usize, generation })),
        XrefEntry::Compressed { container, index } => Some((number, Place::In { container, index: index.into() })),
        XrefEntry::Free | XrefEntry::UnusableFree => None,
    });
    if document.xref_start == layout.sections[0].range.start && places.eq(entries) {
        Ok(())
    } else {
        Err(Damage::TwoReadings.into())
    }
}

/// Nothing refers to an object by another generation than it has: for some programs that is no object, for others this
/// one.
fn generations(layout: &Layout<'_>, document: &Document) -> Result<(), PdfError> {
    let other = |&(number, generation): &ObjectId| match layout.places.get(&number) {
        Some(Place::At { generation: own, .. }) => *own != generation,
        Some(Place::In { .. }) => generation != 0,
        Some(Place::Free) | None => false,
    };
    let mut waiting: Vec<&Object> = document.objects.values().collect();
    while let Some(object) = waiting.pop() {
        match object {
            Object::Reference(id) if other(id) => return Err(Damage::Missing { number: id.0 }.into()),
            Object::Array(items) => waiting.extend(items),
            Object::Dictionary(entries) => waiting.extend(entries.iter().map(|(_, value)| value)),
            Object::Stream(stream) => waiting.extend(stream.dict.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    Ok(())
}

/// Whether an item of a list of fields or annotations is a dictionary, or nothing. Of anything else the list may be
/// something else too, in another place of the file: a colour space, say.
pub(super) fn is_annotation(document: &Document, item: &Object) -> bool {
    match document.dereference(item) {
        Ok((_, Object::Dictionary(_) | Object::Null)) | Err(_) => true,
        Ok(_) => false,
    }
}

/// A stream keeps its dictionary, and one byte: the library would read an empty one again.
fn without_contents(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    if let Object::Stream(stream) = object
        && !stream.dict.has_type(b"ObjStm")
    {
        stream.content = vec![0];
    }
    Some((id, object.clone()))
}

pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// Where the trailer's Root leads.
pub(super) fn catalog(document: &Document) -> Result<&Dictionary, PdfError> {
    document.catalog().map_err(|_| Damage::NoCatalog.into())
}

pub(super) fn catalog_id(document: &Document) -> Result<ObjectId, PdfError> {
    let root = document.trailer.get(b"Root").and_then(Object::as_reference);
    root.map_err(|_| Damage::NoCatalog.into())
}

/// The catalog's form, if it has one.
pub(super) fn acro_form<'d>(
    document: &'d Document,
    catalog: &'d Dictionary,
) -> Result<Option<&'d Dictionary>, PdfError> {
    match entry(document, catalog, b"AcroForm") {
        None => Ok(None),
        Some(form) => form.as_dict().map(Some).map_err(|_| Damage::Form.into()),
    }
}

/// A dictionary's value, wherever it stands; null is none.
pub(super) fn entry<'d>(document: &'d Document, dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
    dictionary.get_deref(key, document).ok().filter(|value| !value.is_null())
}

/// The page that carries the signature's field.
pub(super) fn first_page(document: &Document) -> Result<ObjectId, PdfError> {
    document.page_iter().next().ok_or(PdfError::NoPage)
}
