//! What a later revision did to a file that was signed: further signatures and nothing else, or something else.
//!
//! Both revisions are read strictly and their tables compared. What stands in the same place is the same, because the
//! bytes of the earlier revision are untouched; so only objects with a new place have to be looked at. An object that
//! nobody knew before shows only when one that was there leads to it, so it is enough that those change in no other way
//! than a signature needs, and that no reference of theirs that led nowhere leads somewhere now.

use super::{PdfError, structure};
use lopdf::xref::XrefEntry;
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::{BTreeMap, BTreeSet};

/// What one revision changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Numbers of objects that changed in another way than a further signature needs.
    pub(super) unexplained: BTreeSet<u32>,
    /// A signature shows something on a page.
    pub(super) visible: bool,
}

/// A form or a page: its list may have grown by signature fields, and nothing else in it may differ.
struct Grown<'r> {
    before: &'r Document,
    after: &'r Document,
    changes: Changes,
}

pub(super) fn between(before: &Document, after: &Document) -> Result<Changes, PdfError> {
    let root = structure::catalog_id(before)?;
    let mut grown = Grown { before, after, changes: Changes::default() };
    if structure::catalog_id(after)? != root {
        grown.changes.unexplained.insert(root.0);
        return Ok(grown.changes);
    }
    // Objects that may differ, because what may differ in them is looked at here; and where alone they may be referred
    // to from. In another role the same change would show: the file may have been prepared for that before it was
    // signed.
    let mut explained = BTreeMap::new();
    let (old, new) = (structure::catalog(before)?, structure::catalog(after)?);
    if same_but(old, new, &[b"AcroForm", b"Version", b"Extensions"])
        && noted(new, b"Version")
        && noted(new, b"Extensions")
    {
        explained.insert(root.0, (TRAILER, &b"Root"[..]));
    }
    // Which program wrote last, and when: pyHanko and others note it when they sign.
    let information = reference(&before.trailer, b"Info")
        .filter(|_| before.trailer.get(b"Info").ok() == after.trailer.get(b"Info").ok());
    if let Some(number) = information
        && let (Some((_, Object::Dictionary(old))), Some((_, Object::Dictionary(new)))) =
            (only(before, number), only(after, number))
        && same_but(old, new, &[b"ModDate", b"Producer"])
        && noted(new, b"ModDate")
        && noted(new, b"Producer")
    {
        explained.insert(number, (TRAILER, b"Info"));
    }
    let none = Dictionary::new();
    let forms = (structure::acro_form(before, old)?, structure::acro_form(after, new)?);
    match forms {
        (None, None) => {}
        (Some(_), None) => {
            grown.changes.unexplained.insert(root.0);
        }
        (form, Some(new_form)) => {
            let form = form.unwrap_or(&none);
            let object = reference(old, b"AcroForm").unwrap_or(root.0);
            if !same_but(form, new_form, &[b"Fields", b"SigFlags"]) || !noted(new_form, b"SigFlags") {
                grown.changes.unexplained.insert(object);
            }
            explained.extend(kept(old, new, b"AcroForm").map(|form| (form, (root.0, &b"AcroForm"[..]))));
            explained.extend(kept(form, new_form, b"Fields").map(|fields| (fields, (object, &b"Fields"[..]))));
            grown.list(form, new_form, b"Fields", object);
        }
    }
    let mut pages = BTreeSet::new();
    for page in before.page_iter() {
        let (Ok(old), Ok(new)) = (before.get_dictionary(page), after.get_dictionary(page)) else {
            grown.changes.unexplained.insert(page.0);
            continue;
        };
        // A page may be referred to from anywhere: a list of annotations says nothing in any other role of a
        // dictionary.
        if same_but(old, new, &[b"Annots"]) {
            pages.insert(page.0);
        }
        explained.extend(kept(old, new, b"Annots").map(|list| (list, (page.0, &b"Annots"[..]))));
        grown.list(old, new, b"Annots", page.0);
    }
    let mut roles = Roles::default();
    roles.of(before);
    roles.of(after);
    for number in changed(before, after) {
        let fits = match explained.get(&number) {
            Some(role) => roles.are(number, |found| found == *role),
            None if pages.contains(&number) => true,
            None => {
                grown.field_was_signed(number)
                    && roles.are(number, |(owner, key)| match key {
                        ELEMENT => explained.get(&owner).is_some_and(|(_, list)| FIELD_LISTS.contains(list)),
                        key => FIELD_LISTS.contains(&key) || matches!(key, b"Kids" | b"Parent" | b"Obj"),
                    })
            }
        };
        if !fits {
            grown.changes.unexplained.insert(number);
        }
    }
    let mut led_nowhere = BTreeSet::new();
    for object in before.objects.values() {
        dangling(before, object, &mut led_nowhere);
    }
    grown.changes.unexplained.extend(led_nowhere.into_iter().filter(|&number| only(after, number).is_some()));
    Ok(grown.changes)
}

/// The owner of what a trailer refers to.
const TRAILER: u32 = 0;
/// The key of what stands in an array that is an object of its own.
const ELEMENT: &[u8] = b"";
/// Where fields are listed.
const FIELD_LISTS: [&[u8]; 2] = [b"Fields", b"Annots"];

/// From where each object is referred to: the number of the object that does, and the key there.
#[derive(Default)]
struct Roles<'d>(BTreeMap<u32, BTreeSet<(u32, &'d [u8])>>);

impl<'d> Roles<'d> {
    fn of(&mut self, document: &'d Document) {
        document.trailer.iter().for_each(|(key, value)| self.add(TRAILER, key, value));
        for ((number, _), object) in &document.objects {
            match object {
                // A table that is a stream is a trailer as well.
                Object::Stream(table) if table.dict.has_type(b"XRef") => {
                    table.dict.iter().for_each(|(key, value)| self.add(TRAILER, key, value));
                }
                object => self.add(*number, ELEMENT, object),
            }
        }
    }

    fn add(&mut self, owner: u32, key: &'d [u8], object: &'d Object) {
        match object {
            Object::Reference((number, _)) => {
                self.0.entry(*number).or_default().insert((owner, key));
            }
            Object::Array(items) => items.iter().for_each(|item| self.add(owner, key, item)),
            Object::Dictionary(entries) => entries.iter().for_each(|(key, value)| self.add(owner, key, value)),
            Object::Stream(stream) => stream.dict.iter().for_each(|(key, value)| self.add(owner, key, value)),
            _ => {}
        }
    }

    fn are(&self, number: u32, allowed: impl Fn((u32, &'d [u8])) -> bool) -> bool {
        self.0.get(&number).is_none_or(|roles| roles.iter().all(|role| allowed(*role)))
    }
}

/// A note that shows nothing anywhere: a text, a name or a number, or a dictionary of such; nothing that leads on.
fn noted(dictionary: &Dictionary, key: &[u8]) -> bool {
    fn plain(object: &Object) -> bool {
        match object {
            Object::Dictionary(entries) => entries.iter().all(|(_, value)| plain(value)),
            Object::String(..) | Object::Name(_) | Object::Integer(_) => true,
            _ => false,
        }
    }
    dictionary.get(key).map_or(true, plain)
}

/// The number that both refer to under this key.
fn kept(old: &Dictionary, new: &Dictionary, key: &[u8]) -> Option<u32> {
    reference(old, key).filter(|number| reference(new, key) == Some(*number))
}

/// Numbers of objects that are referred to and are not there. The library has bounded how deep objects nest.
fn dangling(document: &Document, object: &Object, numbers: &mut BTreeSet<u32>) {
    match object {
        Object::Reference((number, _)) if only(document, *number).is_none() => {
            numbers.insert(*number);
        }
        Object::Array(items) => items.iter().for_each(|item| dangling(document, item, numbers)),
        Object::Dictionary(entries) => entries.iter().for_each(|(_, value)| dangling(document, value, numbers)),
        Object::Stream(stream) => stream.dict.iter().for_each(|(_, value)| dangling(document, value, numbers)),
        _ => {}
    }
}

/// Numbers of objects that were there before and are elsewhere now, or gone. A plain object that is only written again
/// is the same.
fn changed<'r>(before: &'r Document, after: &'r Document) -> impl Iterator<Item = u32> + 'r {
    let entries = &after.reference_table.entries;
    before.reference_table.entries.iter().filter_map(move |(&number, entry)| {
        let same = match (entry, entries.get(&number)) {
            (XrefEntry::Free | XrefEntry::UnusableFree, _) => true,
            (XrefEntry::Normal { offset, generation }, Some(XrefEntry::Normal { offset: o, generation: g })) => {
                offset == o && generation == g
            }
            (XrefEntry::Compressed { container, index }, Some(XrefEntry::Compressed { container: c, index: i })) => {
                container == c && index == i
            }
            _ => false,
        };
        (!same && !written_again(before, after, number)).then_some(number)
    })
}

fn written_again(before: &Document, after: &Document, number: u32) -> bool {
    let (old, new) = (only(before, number), only(after, number));
    old.is_some_and(|(_, object)| !matches!(object, Object::Stream(_))) && old == new
}

/// The object of this number, whatever its generation.
fn only(document: &Document, number: u32) -> Option<(&ObjectId, &Object)> {
    document.objects.range((number, 0)..=(number, u16::MAX)).next()
}

pub(super) fn same_but(old: &Dictionary, new: &Dictionary, but: &[&[u8]]) -> bool {
    let rest = |of: &Dictionary| {
        let mut rest = of.clone();
        for key in but {
            rest.remove(key);
        }
        rest.as_hashmap().clone()
    };
    rest(old) == rest(new)
}

pub(super) fn reference(dictionary: &Dictionary, key: &[u8]) -> Option<u32> {
    dictionary.get(key).and_then(Object::as_reference).ok().map(|(number, _)| number)
}

impl Grown<'_> {
    /// A list of fields or annotations: what was there comes first, then signature fields that nobody knew.
    fn list(&mut self, old: &Dictionary, new: &Dictionary, key: &[u8], owner: u32) {
        let items = |document, dictionary| match structure::entry(document, dictionary, key) {
            None => Some(Vec::new()),
            Some(list) => list.as_array().ok().cloned(),
        };
        let (Some(old), Some(new)) = (items(self.before, old), items(self.after, new)) else {
            self.changes.unexplained.insert(owner);
            return;
        };
        if !old.iter().all(|item| structure::is_annotation(self.before, item)) {
            self.changes.unexplained.insert(owner);
        }
        let Some(added) = new.strip_prefix(&old[..]) else {
            self.changes.unexplained.insert(owner);
            return;
        };
        for item in added {
            match item.as_reference() {
                Ok(field) if self.is_a_new_signature(field) => {}
                _ => {
                    self.changes.unexplained.insert(owner);
                }
            }
        }
    }

    fn is_new(&self, id: ObjectId) -> bool {
        only(self.before, id.0).is_none()
    }

    /// A field that nobody knew, with a signature that nobody knew, that does nothing else.
    fn is_a_new_signature(&mut self, id: ObjectId) -> bool {
        let Ok(Object::Dictionary(field)) = self.after.get_object(id) else { return false };
        let plain = [&b"Kids"[..], b"Parent", b"A", b"AA"].iter().all(|key| !field.has(key));
        let kind = field.get(b"FT").and_then(Object::as_name).ok();
        let signed = field.get(b"V").and_then(Object::as_reference).is_ok_and(|value| self.is_new(value));
        self.changes.visible |= shows(self.after, field);
        self.is_new(id) && plain && kind == Some(b"Sig") && signed
    }

    /// An empty signature field that was waiting for its signature.
    fn field_was_signed(&mut self, number: u32) -> bool {
        let (Some((_, old)), Some((_, new))) = (only(self.before, number), only(self.after, number)) else {
            return false;
        };
        let (Ok(old), Ok(new)) = (old.as_dict(), new.as_dict()) else { return false };
        let waiting = old.get(b"FT").and_then(Object::as_name).is_ok_and(|kind| kind == b"Sig")
            && structure::entry(self.before, old, b"V").is_none();
        let signed = new.get(b"V").and_then(Object::as_reference).is_ok_and(|value| self.is_new(value));
        self.changes.visible |= new.get(b"AP").ok() != old.get(b"AP").ok() && shows(self.after, new);
        waiting && signed && same_but(old, new, &[b"V", b"AP"])
    }
}

/// Whether a widget has an extent on its page, and is shown on a screen or on paper (flags 2 Hidden, 4 Print, 32
/// NoView).
fn shows(document: &Document, widget: &Dictionary) -> bool {
    let flags = structure::entry(document, widget, b"F").and_then(|flags| flags.as_i64().ok()).unwrap_or(0);
    let corners = structure::entry(document, widget, b"Rect").and_then(|rect| rect.as_array().ok());
    let empty = match corners.map(Vec::as_slice) {
        None => !widget.has(b"Rect"),
        // Numbers with a fraction were rounded when they were read: two large ones may only seem to be the same.
        Some([Object::Integer(left), Object::Integer(bottom), Object::Integer(right), Object::Integer(top)]) => {
            left == right || bottom == top
        }
        Some(corners) => corners.len() == 4 && corners.iter().all(|corner| corner.as_float().is_ok_and(|n| n == 0.0)),
    };
    !empty && flags & 2 == 0 && (flags & 32 == 0 || flags & 4 != 0)
}
