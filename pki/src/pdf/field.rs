//! Signature fields (ISO 32000-2, 12.7.5.5), wherever the form's tree has them.

use super::{Damage, MOST_FIELDS, PdfError, structure};
use lopdf::{Dictionary, Document, Object, ObjectId, decode_text_string};

/// Fields within fields.
const DEEPEST: usize = 32;

/// A signature field that has a signature in it.
pub(super) struct SignatureField<'d> {
    /// Its full name, parts joined by full stops.
    pub(super) name: String,
    /// The indirect object that the signature dictionary stands in: its own, or the field's.
    pub(super) object: ObjectId,
    pub(super) dictionary: &'d Dictionary,
}

impl SignatureField<'_> {
    /// Whether it certifies the document in a way that nothing may be added (DocMDP, P = 1).
    pub(super) fn forbids_changes(&self, document: &Document) -> bool {
        let references =
            structure::entry(document, self.dictionary, b"Reference").and_then(|list| list.as_array().ok());
        references.into_iter().flatten().filter_map(|item| document.dereference(item).ok()).any(|(_, reference)| {
            let Ok(reference) = reference.as_dict() else { return false };
            let method = structure::entry(document, reference, b"TransformMethod").and_then(|name| name.as_name().ok());
            let parameters = structure::entry(document, reference, b"TransformParams");
            let permission = parameters
                .and_then(|parameters| parameters.as_dict().ok())
                .and_then(|parameters| structure::entry(document, parameters, b"P"))
                .and_then(|p| p.as_i64().ok());
            method == Some(b"DocMDP") && permission == Some(1)
        })
    }
}

/// What every field of the form is called in full, and those that hold signatures.
struct Walk<'d> {
    document: &'d Document,
    seen: Vec<ObjectId>,
    signatures: Vec<SignatureField<'d>>,
    names: Vec<String>,
}

/// All signatures that the form leads to, in its order.
pub(super) fn signatures(document: &Document) -> Result<Vec<SignatureField<'_>>, PdfError> {
    walk(document).map(|walk| walk.signatures)
}

/// The full names of all fields.
pub(super) fn names(document: &Document) -> Result<Vec<String>, PdfError> {
    walk(document).map(|walk| walk.names)
}

fn walk(document: &Document) -> Result<Walk<'_>, PdfError> {
    let mut walk = Walk { document, seen: Vec::new(), signatures: Vec::new(), names: Vec::new() };
    let form = structure::acro_form(document, structure::catalog(document)?)?;
    for field in form.map_or(Ok(&[][..]), |form| list(document, form, b"Fields"))? {
        walk.visit(field, "", false, None, 0)?;
    }
    Ok(walk)
}

/// An array, or none.
fn list<'d>(document: &'d Document, dictionary: &'d Dictionary, key: &[u8]) -> Result<&'d [Object], PdfError> {
    match structure::entry(document, dictionary, key) {
        None => Ok(&[]),
        Some(value) => value.as_array().map(Vec::as_slice).map_err(|_| Damage::FieldList.into()),
    }
}

impl<'d> Walk<'d> {
    /// `signature` and `value` come from above: a field's type and value are inherited.
    fn visit(
        &mut self,
        field: &'d Object,
        above: &str,
        signature: bool,
        value: Option<(ObjectId, &'d Object)>,
        depth: usize,
    ) -> Result<(), PdfError> {
        let id = field.as_reference().map_err(|_| Damage::FieldInside)?;
        if self.seen.contains(&id) {
            return Err(Damage::FieldTwice.into());
        }
        if self.seen.len() == MOST_FIELDS || depth == DEEPEST {
            return Err(PdfError::TooManyFields);
        }
        self.seen.push(id);
        let dictionary = self.document.get_dictionary(id).map_err(|_| Damage::NoField)?;
        let part = structure::entry(self.document, dictionary, b"T").and_then(|part| decode_text_string(part).ok());
        let name = match (above, part) {
            (above, None) => above.to_owned(),
            ("", Some(part)) => part,
            (above, Some(part)) => format!("{above}.{part}"),
        };
        let kind = structure::entry(self.document, dictionary, b"FT").and_then(|kind| kind.as_name().ok());
        let signature = kind.map_or(signature, |kind| kind == b"Sig");
        let value = match dictionary.get(b"V") {
            Ok(Object::Reference(object)) => match self.document.get_object(*object) {
                Ok(found) => Some((*object, found)),
                // Nothing, for some programs; for others the field is signed.
                Err(_) if signature => return Err(Damage::NoSignature.into()),
                Err(_) => None,
            },
            Ok(direct) => Some((id, direct)),
            Err(_) => value,
        };
        let kids = list(self.document, dictionary, b"Kids")?;
        // A kid without a name of its own is only the place on a page where its field is shown.
        let fields = kids.iter().any(|kid| {
            kid.as_reference().and_then(|kid| self.document.get_dictionary(kid)).is_ok_and(|kid| kid.has(b"T"))
        });
        if fields {
            for kid in kids {
                self.visit(kid, &name, signature, value, depth + 1)?;
            }
            return Ok(());
        }
        if let (true, Some((object, value))) = (signature, value)
            && !value.is_null()
        {
            let dictionary = value.as_dict().map_err(|_| Damage::SignatureKind)?;
            self.signatures.push(SignatureField { name: name.clone(), object, dictionary });
        }
        self.names.push(name);
        Ok(())
    }
}
