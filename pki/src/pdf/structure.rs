//! The objects of a file, read strictly: what programs need not agree on is refused, not repaired.

use super::{LONGEST_FILE, PdfError, tables};
use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};

/// What one object stream or cross-reference stream may inflate to.
const LONGEST_STREAM: usize = 64 << 20;

/// Reads all objects, but for the contents of streams, which nothing here looks at.
pub(super) fn read(bytes: &[u8]) -> Result<Document, PdfError> {
    if !bytes.starts_with(b"%PDF-") {
        return Err(PdfError::NotPdf);
    }
    if bytes.len() > LONGEST_FILE {
        return Err(PdfError::TooLong);
    }
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
        other => PdfError::malformed(other.to_string()),
    })?;
    if document.is_encrypted() || document.was_encrypted() {
        return Err(PdfError::Encrypted);
    }
    headers(bytes, &document)?;
    tables::exact(bytes, &sections(bytes, &document)?, &document)?;
    // An object stream may hold more than the table knows of.
    let entries = &document.reference_table.entries;
    document.objects.retain(|&(number, generation), _| match entries.get(&number) {
        Some(XrefEntry::Normal { generation: listed, .. }) => *listed == generation,
        Some(XrefEntry::Compressed { .. }) => generation == 0,
        Some(XrefEntry::Free | XrefEntry::UnusableFree) | None => false,
    });
    Ok(document)
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

/// At each offset in the table stands the object that the table says. The library takes the object's own word.
fn headers(bytes: &[u8], document: &Document) -> Result<(), PdfError> {
    for (&number, entry) in &document.reference_table.entries {
        if let XrefEntry::Normal { offset, generation } = *entry
            && header(bytes, offset as usize) != Some((number, generation))
        {
            return Err(PdfError::malformed(format!("object {number} is not at byte {offset}")));
        }
    }
    Ok(())
}

/// `N G obj`, at an offset.
fn header(bytes: &[u8], offset: usize) -> Option<ObjectId> {
    let start = bytes.get(offset..)?;
    let text = std::str::from_utf8(start[..start.len().min(40)].split(|byte| *byte >= 0x80).next()?).ok()?;
    let mut words = text.split_ascii_whitespace();
    let id = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next()?.starts_with("obj").then_some(id)
}

/// Goes through the chain of cross-reference sections for trailers that name a second one.
pub(super) fn refuse_hybrid(bytes: &[u8], document: &Document) -> Result<(), PdfError> {
    sections(bytes, document).map(|_| ())
}

/// Where each cross-reference section starts, the last one first.
fn sections(bytes: &[u8], document: &Document) -> Result<Vec<usize>, PdfError> {
    let mut at = Some(document.xref_start);
    let mut starts = Vec::new();
    // The library has followed the same chain, so it ends.
    for _ in 0..=document.xref_section_count {
        let Some((start, section)) = at.and_then(|at| Some((at, bytes.get(at..)?))) else { break };
        starts.push(start);
        let stream = section.trim_ascii_start().first().is_some_and(u8::is_ascii_digit);
        let trailer = if stream {
            &section[..find(section, b"stream").unwrap_or(section.len())]
        } else {
            let start = find(section, b"trailer").unwrap_or(section.len());
            &section[start..start + find(&section[start..], b"startxref").unwrap_or(section.len() - start)]
        };
        // A name may be written with escapes; in a trailer nobody does, but for somebody with a reason.
        if !stream && (find(trailer, b"/XRefStm").is_some() || trailer.contains(&b'#')) {
            return Err(PdfError::Hybrid);
        }
        at = find(trailer, b"/Prev").and_then(|prev| {
            let digits = trailer[prev + 5..].trim_ascii_start();
            let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
            std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
        });
    }
    Ok(starts)
}

pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// Where the trailer's Root leads.
pub(super) fn catalog(document: &Document) -> Result<&Dictionary, PdfError> {
    document.catalog().map_err(|error| PdfError::malformed(format!("catalog: {error}")))
}

pub(super) fn catalog_id(document: &Document) -> Result<ObjectId, PdfError> {
    let root = document.trailer.get(b"Root").and_then(Object::as_reference);
    root.map_err(|error| PdfError::malformed(format!("Root: {error}")))
}

/// The catalog's form, if it has one.
pub(super) fn acro_form<'d>(
    document: &'d Document,
    catalog: &'d Dictionary,
) -> Result<Option<&'d Dictionary>, PdfError> {
    match entry(document, catalog, b"AcroForm") {
        None => Ok(None),
        Some(form) => form.as_dict().map(Some).map_err(|error| PdfError::malformed(format!("AcroForm: {error}"))),
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
