//! The incremental update that carries a signature: the new objects, and a place for the signature that is filled
//! later.

use super::budget::Budget;
use super::layout::Layout;
use super::ranges::Ranges;
use super::syntax::Reader;
use super::tables::HIGHEST_NUMBER;
use super::value::{self, Value};
use super::{Damage, LONGEST_FILE, PdfError, field, structure};
use der::DateTime;
use lopdf::xref::{Xref, XrefEntry, XrefSection, XrefStreamBuilder, XrefType};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, Writer, text_string};
use sha2::{Digest as _, Sha256};
use std::ops::Range;
use std::time::{Duration, SystemTime};

/// Annotation flags: printed, and locked (ISO 32000-2, table 167). PDF/A asks for the first.
const PRINT_AND_LOCKED: i64 = 4 | 128;
/// The form holds signatures, and only updates keep them intact (ISO 32000-2, table 225).
const SIGNATURES_EXIST_APPEND_ONLY: i64 = 1 | 2;
/// ISO 32000-2, 12.8.1: four numbers of as many digits as a place in a file has here.
const BYTE_RANGE_WIDTH: usize = "[0 2000000000 2000000000 2000000000]".len();

/// Who will accept it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `adbe.pkcs7.detached`: what 登記・供託オンライン申請システム takes, and every PDF program knows.
    Registry,
    /// `ETSI.CAdES.detached`: PAdES B-B (ETSI EN 319 142-1).
    Pades,
}

impl Profile {
    const fn sub_filter(self) -> &'static [u8] {
        match self {
            Self::Registry => b"adbe.pkcs7.detached",
            Self::Pades => b"ETSI.CAdES.detached",
        }
    }
}

/// What goes into the signature dictionary.
pub(super) struct Request<'r> {
    pub(super) profile: Profile,
    pub(super) name: &'r str,
    pub(super) at: SystemTime,
    /// Bytes kept for the signature.
    pub(super) room: usize,
}

/// Puts the update behind a file: a signature dictionary, an invisible field on the first page, and what leads to them.
/// Then reads the whole as anybody would, so that nothing of this has to be found out after the tap. Returns where the
/// signature goes: Contents with its angle brackets. When it fails the file is as it was.
pub(super) fn append(
    bytes: &mut Vec<u8>,
    document: &Document,
    request: &Request<'_>,
) -> Result<Range<usize>, PdfError> {
    let original = bytes.len();
    let (update, hole) = update(bytes, document, request)?;
    bytes.extend_from_slice(&update);
    let read = structure::read(bytes).and_then(|read| last_place(bytes, &read));
    match read {
        Ok(place) if place == hole => Ok(hole),
        Ok(_) => {
            bytes.truncate(original);
            Err(Damage::SignatureElsewhere.into())
        }
        Err(error) => {
            bytes.truncate(original);
            Err(error)
        }
    }
}

/// The place in the signature that covers all else.
pub(super) fn last_place(bytes: &[u8], document: &Document) -> Result<Range<usize>, PdfError> {
    let fields = field::signatures(document)?;
    let last = fields.iter().find_map(|field| {
        let ranges = Ranges::of(field.dictionary, document, bytes.len()).ok()?;
        ranges.contents(bytes, field, document).ok()?;
        (ranges.end() == bytes.len()).then_some(ranges.gap)
    });
    last.ok_or(PdfError::NoSignature)
}

fn update(bytes: &[u8], document: &Document, request: &Request<'_>) -> Result<(Vec<u8>, Range<usize>), PdfError> {
    let mut writing = Writing::behind(bytes, document)?;
    let signature = writing.new_id()?;
    let field = writing.new_id()?;
    let (byte_range, hole) = writing.signature(signature, request)?;
    let page = structure::first_page(document)?;
    writing.field(field, signature, page)?;
    writing.enter_page(page, field)?;
    writing.enter_form(field)?;
    let mut update = writing.finish()?;
    let end = bytes.len() + update.len();
    if end > LONGEST_FILE {
        return Err(PdfError::TooLong);
    }
    let hole = bytes.len() + hole.start..bytes.len() + hole.end;
    let numbers = format!("[0 {} {} {}]", hole.start, hole.end, end - hole.end);
    update[byte_range][..numbers.len()].copy_from_slice(numbers.as_bytes());
    Ok((update, hole))
}

/// Writes a signature into its place.
pub(super) fn fill(bytes: &mut [u8], hole: &Range<usize>, signature: &[u8]) -> Result<(), PdfError> {
    let place = &mut bytes[hole.start + 1..hole.end - 1];
    if 2 * signature.len() > place.len() {
        return Err(PdfError::NoRoom { needed: signature.len(), room: place.len() / 2 });
    }
    place.fill(b'0');
    for (digits, byte) in place.chunks_exact_mut(2).zip(signature) {
        digits.copy_from_slice(&hex(*byte));
    }
    Ok(())
}

const fn hex(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]
}

/// Objects as they are written, and where each stands.
struct Writing<'p> {
    document: &'p Document,
    original: &'p [u8],
    layout: Layout<'p>,
    bytes: Vec<u8>,
    xref: Xref,
}

impl<'p> Writing<'p> {
    fn behind(bytes: &'p [u8], document: &'p Document) -> Result<Self, PdfError> {
        let kind = document.reference_table.cross_reference_type;
        // The library counts entries; a table may announce more numbers than it lists, and may not announce fewer
        // later.
        let announced =
            document.trailer.get(b"Size").and_then(Object::as_i64).ok().and_then(|size| u32::try_from(size).ok());
        let size = document.max_id.saturating_add(1).max(announced.unwrap_or(0));
        let layout = Layout::tables(bytes, &mut Budget::of_one_reading(bytes.len()))?;
        let xref = Xref::new(size, kind);
        let mut writing = Self { document, original: bytes, layout, bytes: Vec::new(), xref };
        if !bytes.ends_with(b"\n") && !bytes.ends_with(b"\r") {
            writing.bytes.push(b'\n');
        }
        Ok(writing)
    }

    fn new_id(&mut self) -> Result<ObjectId, PdfError> {
        let number = self.xref.size;
        if number > HIGHEST_NUMBER {
            return Err(Damage::NumbersRunOut.into());
        }
        self.xref.size = number + 1;
        Ok((number, 0))
    }

    fn here(&self) -> usize {
        self.original.len() + self.bytes.len()
    }

    /// `N G obj`, and the line in the table.
    fn begin(&mut self, (number, generation): ObjectId) -> Result<(), PdfError> {
        let offset = u32::try_from(self.here()).map_err(|_| PdfError::TooLong)?;
        self.xref.insert(number, XrefEntry::Normal { offset, generation });
        self.bytes.extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
        Ok(())
    }

    fn object(&mut self, id: ObjectId, object: &Object) -> Result<(), PdfError> {
        self.begin(id)?;
        written(Writer::write_object(&mut self.bytes, object));
        self.bytes.extend_from_slice(b"\nendobj\n");
        Ok(())
    }

    /// By hand, so that the place for the signature is known and not searched. Returns where ByteRange and Contents
    /// stand.
    fn signature(&mut self, id: ObjectId, request: &Request<'_>) -> Result<(Range<usize>, Range<usize>), PdfError> {
        let mut entries = Dictionary::new();
        entries.set("Type", Object::Name(b"Sig".to_vec()));
        entries.set("Filter", Object::Name(b"Adobe.PPKLite".to_vec()));
        entries.set("SubFilter", Object::Name(request.profile.sub_filter().to_vec()));
        entries.set("Name", text_string(request.name));
        entries.set("M", Object::String(date(request.at)?.into_bytes(), StringFormat::Literal));
        self.begin(id)?;
        written(Writer::write_object(&mut self.bytes, &Object::Dictionary(entries)));
        self.bytes.truncate(self.bytes.len() - b">>".len());
        self.bytes.extend_from_slice(b"/ByteRange ");
        let byte_range = self.bytes.len()..self.bytes.len() + BYTE_RANGE_WIDTH;
        self.bytes.resize(byte_range.end, b' ');
        self.bytes.extend_from_slice(b"/Contents ");
        let hole = self.bytes.len()..self.bytes.len() + 2 * request.room + 2;
        self.bytes.push(b'<');
        self.bytes.resize(hole.end - 1, b'0');
        self.bytes.extend_from_slice(b">>>\nendobj\n");
        Ok((byte_range, hole))
    }

    /// Field and annotation in one. Invisible: a rectangle without extent.
    fn field(&mut self, id: ObjectId, signature: ObjectId, page: ObjectId) -> Result<(), PdfError> {
        let names = field::names(self.document)?;
        let name = (1_u32..).map(|n| format!("Signature{n}")).find(|name| !names.contains(name)).unwrap_or_default();
        let mut entries = Dictionary::new();
        entries.set("Type", Object::Name(b"Annot".to_vec()));
        entries.set("Subtype", Object::Name(b"Widget".to_vec()));
        entries.set("FT", Object::Name(b"Sig".to_vec()));
        entries.set("T", text_string(&name));
        entries.set("V", Object::Reference(signature));
        entries.set("P", Object::Reference(page));
        entries.set("Rect", Object::Array(vec![Object::Integer(0); 4]));
        entries.set("F", Object::Integer(PRINT_AND_LOCKED));
        self.object(id, &Object::Dictionary(entries))
    }

    fn enter_page(&mut self, page: ObjectId, field: ObjectId) -> Result<(), PdfError> {
        let text = self.text(page)?;
        let mut entries = dictionary(&text)?;
        if self.appended(&mut entries, b"Annots", field)? {
            self.again(page, &Value::Dictionary(entries))?;
        }
        Ok(())
    }

    /// The form stands in the catalog, or is an object of its own, or is not there yet.
    fn enter_form(&mut self, field: ObjectId) -> Result<(), PdfError> {
        let root = structure::catalog_id(self.document)?;
        let (text, form_text);
        text = self.text(root)?;
        let mut catalog = dictionary(&text)?;
        let form = catalog.get(b"AcroForm").cloned();
        let mut entries = match &form {
            Some(Value::Reference(number, generation)) => {
                let form = (*number, *generation);
                // Where a reference leads nowhere there is no form yet; what cannot be read is not replaced by an empty
                // one.
                form_text = if self.document.has_object(form) { self.text(form)? } else { b"<<>>".to_vec() };
                dictionary(&form_text)?
            }
            Some(Value::Dictionary(entries)) => entries.clone(),
            _ => value::Dictionary::default(),
        };
        let flags = structure::acro_form(self.document, structure::catalog(self.document)?)?
            .and_then(|form| structure::entry(self.document, form, b"SigFlags"))
            .and_then(|flags| flags.as_i64().ok());
        self.appended(&mut entries, b"Fields", field)?;
        entries.set(b"SigFlags", Value::Integer(flags.unwrap_or(0) | SIGNATURES_EXIST_APPEND_ONLY));
        let entries = Value::Dictionary(entries);
        match form {
            Some(Value::Reference(number, generation)) => return self.again((number, generation), &entries),
            Some(_) => catalog.set(b"AcroForm", entries),
            None => {
                let form = self.new_id()?;
                self.again(form, &entries)?;
                catalog.set(b"AcroForm", Value::Reference(form.0, form.1));
            }
        }
        self.again(root, &Value::Dictionary(catalog))
    }

    /// What stands in the file for an object: the library rounds numbers with a fraction.
    fn text(&self, id: ObjectId) -> Result<Vec<u8>, PdfError> {
        let budget = &mut Budget::of_one_reading(self.original.len());
        let text = self.layout.text(self.original, id.0, budget).filter(|_| self.document.has_object(id));
        text.ok_or(Damage::Missing { number: id.0 }.into())
    }

    fn again(&mut self, id: ObjectId, value: &Value<'_>) -> Result<(), PdfError> {
        self.begin(id)?;
        value.write(&mut self.bytes);
        self.bytes.extend_from_slice(b"\nendobj\n");
        Ok(())
    }

    /// Puts a reference at the end of a list. Whether the dictionary changed: where the list is an object of its own,
    /// that one is written instead.
    fn appended(
        &mut self,
        entries: &mut value::Dictionary<'_>,
        key: &'static [u8],
        item: ObjectId,
    ) -> Result<bool, PdfError> {
        let item = Value::Reference(item.0, item.1);
        let alike = |items: &[Value<'_>]| {
            let all = items.iter().all(|item| match item {
                Value::Dictionary(_) => true,
                Value::Reference(number, generation) => {
                    structure::is_annotation(self.document, &Object::Reference((*number, *generation)))
                }
                _ => false,
            });
            if all { Ok(()) } else { Err(PdfError::from(Damage::List)) }
        };
        match entries.get(key) {
            None => entries.set(key, Value::Array(vec![item])),
            Some(Value::Array(items)) => {
                alike(items)?;
                let items = items.iter().cloned().chain([item]).collect();
                entries.set(key, Value::Array(items));
            }
            Some(&Value::Reference(number, generation)) => {
                let list = (number, generation);
                let there = self.document.get_object(list).is_ok_and(|list| !list.is_null());
                let text = if there { self.text(list)? } else { b"[]".to_vec() };
                let Value::Array(mut items) = read(&text)? else { return Err(Damage::List.into()) };
                alike(&items)?;
                items.push(item);
                self.again(list, &Value::Array(items))?;
                return Ok(false);
            }
            Some(_) => return Err(Damage::List.into()),
        }
        Ok(true)
    }

    /// The table of what was written, of the same kind as the file's last one, and the end.
    fn finish(mut self) -> Result<Vec<u8>, PdfError> {
        let start = self.here();
        let mut trailer = self.trailer();
        match self.xref.cross_reference_type {
            XrefType::CrossReferenceTable => {
                self.bytes.extend_from_slice(b"xref\n");
                for section in sections(&self.xref) {
                    written(section.write_xref_section(&mut self.bytes));
                }
                trailer.set("Size", i64::from(self.xref.size));
                self.bytes.extend_from_slice(b"trailer\n");
                written(Writer::write_object(&mut self.bytes, &Object::Dictionary(trailer)));
                self.bytes.push(b'\n');
            }
            XrefType::CrossReferenceStream => {
                let id = self.new_id()?;
                let offset = u32::try_from(start).map_err(|_| PdfError::TooLong)?;
                self.xref.insert(id.0, XrefEntry::Normal { offset, generation: 0 });
                // Not the builder's own object: it says that it is deflated, and is not.
                let mut stream = XrefStreamBuilder::new(&self.xref);
                let content = stream.build_stream_content().map_err(|_| Damage::Unread)?;
                let widths = stream.calculate_optimal_widths();
                trailer.set("Type", Object::Name(b"XRef".to_vec()));
                trailer.set("Size", i64::from(self.xref.size));
                trailer.set("W", Object::Array(widths.map(|width| Object::Integer(width as i64)).to_vec()));
                trailer.set("Index", Object::Array(stream.build_index_array()));
                self.object(id, &Object::Stream(Stream::new(trailer, content)))?;
            }
        }
        self.bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        Ok(self.bytes)
    }

    /// What stays of the last trailer, the new identifier of this revision, and the way back.
    fn trailer(&self) -> Dictionary {
        let last = &self.document.trailer;
        let mut trailer = Dictionary::new();
        for key in [&b"Root"[..], b"Info"] {
            if let Ok(value) = last.get(key) {
                trailer.set(key, value.clone());
            }
        }
        let first = last.get_deref(b"ID", self.document).and_then(Object::as_array).ok().and_then(|id| id.first());
        if let Some(first) = first {
            let revision = Sha256::digest(&self.bytes)[..16].to_vec();
            let revision = Object::String(revision, StringFormat::Hexadecimal);
            trailer.set("ID", Object::Array(vec![first.clone(), revision]));
        }
        trailer.set("Prev", Object::Integer(self.document.xref_start as i64));
        trailer
    }
}

fn read(text: &[u8]) -> Result<Value<'_>, PdfError> {
    Reader::new(text, 0).value(&mut Budget::of_one_reading(text.len()))
}

fn dictionary(text: &[u8]) -> Result<value::Dictionary<'_>, PdfError> {
    Reader::new(text, 0).dictionary(&mut Budget::of_one_reading(text.len()))
}

/// Numbers that follow each other share a section.
fn sections(xref: &Xref) -> Vec<XrefSection> {
    let mut sections: Vec<XrefSection> = Vec::new();
    for (&number, entry) in &xref.entries {
        match sections.last_mut() {
            Some(section) if section.starting_id as usize + section.entries.len() == number as usize => {
                section.add_entry(entry.clone());
            }
            _ => {
                let mut section = XrefSection::new(number);
                section.add_entry(entry.clone());
                sections.push(section);
            }
        }
    }
    sections
}

/// Writing to memory does not fail.
fn written(result: std::io::Result<()>) {
    debug_assert!(result.is_ok());
}

/// In Japan's time (ISO 32000-2, 7.9.4).
fn date(at: SystemTime) -> Result<String, PdfError> {
    let there = at.checked_add(Duration::from_secs(9 * 3_600)).ok_or(PdfError::Time)?;
    let day = DateTime::from_system_time(there).map_err(|_| PdfError::Time)?;
    Ok(format!(
        "D:{:04}{:02}{:02}{:02}{:02}{:02}+09'00'",
        day.year(),
        day.month(),
        day.day(),
        day.hour(),
        day.minutes(),
        day.seconds()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_is_there_and_cannot_be_read_is_not_replaced_by_an_empty_one() {
        let file = |form: &str| {
            let objects = [
                "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>",
                "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>",
                form,
            ];
            let (mut file, mut places) = (String::from("%PDF-1.7\n"), String::new());
            for (n, object) in objects.iter().enumerate().filter(|(_, object)| !object.is_empty()) {
                places += &format!("{:010} 00000 n \n", file.len());
                file += &format!("{} 0 obj\n{object}\nendobj\n", n + 1);
            }
            let (start, size) = (file.len(), places.lines().count() + 1);
            file += &format!("xref\n0 {size}\n0000000000 65535 f \n{places}trailer\n<</Size {size}/Root 1 0 R>>\n");
            file += &format!("startxref\n{start}\n%%EOF\n");
            file.into_bytes()
        };
        let written = |bytes: &[u8], document: &Document| {
            let request = Request { profile: Profile::Pades, name: "n", at: SystemTime::UNIX_EPOCH, room: 100 };
            update(bytes, document, &request).map(|(update, _)| String::from_utf8_lossy(&update).into_owned())
        };
        let mut bytes = file("<</Fields[]/DA(/Helv 0 Tf)>>");
        let document = structure::read(&bytes).expect("a PDF");
        assert!(written(&bytes, &document).expect("an update").contains("/DA"));
        let form = structure::find(&bytes, b"4 0 obj").expect("the form");
        bytes[form] = b'x';
        assert!(matches!(written(&bytes, &document), Err(PdfError::Malformed { .. })));
        let nowhere = file("");
        let document = structure::read(&nowhere).expect("a PDF");
        assert!(written(&nowhere, &document).expect("an update").contains("/Fields"));
    }
}
