//! DER all the way down: a certificate's parts that nothing else here reads must be well-formed too.

use der::asn1::{
    AnyRef, BitStringRef, GeneralizedTime, Ia5StringRef, IntRef, Null, ObjectIdentifier, PrintableStringRef, UtcTime,
    Utf8StringRef,
};
use der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber, Tagged as _};

/// Deeper than any certificate of these.
const DEEPEST: u8 = 16;

/// Whether these bytes are values in DER, of the types that certificates of these are made of.
pub(crate) fn is_well_formed(bytes: &[u8]) -> bool {
    values(bytes, DEEPEST).is_ok()
}

fn values(bytes: &[u8], deeper: u8) -> der::Result<()> {
    let mut reader = SliceReader::new(bytes)?;
    while !reader.is_finished() {
        let value = AnyRef::decode(&mut reader)?;
        match value.tag() {
            Tag::Sequence | Tag::Set | Tag::ContextSpecific { constructed: true, .. } => match deeper.checked_sub(1) {
                Some(deeper) => values(value.value(), deeper)?,
                None => return Err(value.tag().value_error()),
            },
            // An implicit tag says nothing about its type.
            Tag::ContextSpecific { constructed: false, .. } | Tag::OctetString => {}
            Tag::Boolean => drop(value.decode_as::<bool>()?),
            Tag::Integer => drop(value.decode_as::<IntRef<'_>>()?),
            Tag::Null => drop(value.decode_as::<Null>()?),
            Tag::BitString => bits(value.decode_as::<BitStringRef<'_>>()?)?,
            Tag::ObjectIdentifier => drop(value.decode_as::<ObjectIdentifier>()?),
            Tag::Utf8String => drop(value.decode_as::<Utf8StringRef<'_>>()?),
            Tag::PrintableString => drop(value.decode_as::<PrintableStringRef<'_>>()?),
            Tag::Ia5String => drop(value.decode_as::<Ia5StringRef<'_>>()?),
            Tag::UtcTime => drop(value.decode_as::<UtcTime>()?),
            Tag::GeneralizedTime => drop(value.decode_as::<GeneralizedTime>()?),
            other => return Err(other.value_error()),
        }
    }
    Ok(())
}

/// Bits that are not used are zero (X.690, 11.2.1).
fn bits(value: BitStringRef<'_>) -> der::Result<()> {
    let unused = (1_u8 << value.unused_bits()) - 1;
    if value.raw_bytes().last().is_some_and(|last| last & unused != 0) {
        return Err(Tag::BitString.value_error());
    }
    Ok(())
}

/// Whether these bytes are one Name (RFC 5280, 4.1.2.4) with at least one attribute.
pub(crate) fn is_name(bytes: &[u8]) -> bool {
    name(bytes).is_ok()
}

fn name(bytes: &[u8]) -> der::Result<()> {
    let mut file = SliceReader::new(bytes)?;
    let mut attributes = 0_u8;
    file.sequence(|relative_names| {
        while !relative_names.is_finished() {
            let relative_name = AnyRef::decode(relative_names)?;
            relative_name.tag().assert_eq(Tag::Set)?;
            let mut relative_name = SliceReader::new(relative_name.value())?;
            loop {
                relative_name.sequence(|attribute| {
                    ObjectIdentifier::decode(attribute)?;
                    // Of DirectoryString, what certificates of these use; IA5String is for mail addresses.
                    match AnyRef::decode(attribute)?.tag() {
                        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => Ok(()),
                        other => Err(other.value_error()),
                    }
                })?;
                attributes = attributes.saturating_add(1);
                if relative_name.is_finished() {
                    break;
                }
            }
        }
        Ok(())
    })?;
    if attributes == 0 { Err(Tag::Sequence.value_error()) } else { file.finish(()) }
}

/// Whether these bytes are GeneralNames (RFC 5280, 4.2.1.6) of the kinds that somebody uses.
pub(crate) fn is_general_names(bytes: &[u8]) -> bool {
    general_names(bytes).is_ok()
}

/// An otherName without its header: identifier and value.
pub(crate) fn other_name(bytes: &[u8]) -> der::Result<(ObjectIdentifier, AnyRef<'_>)> {
    let mut name = SliceReader::new(bytes)?;
    let id = ObjectIdentifier::decode(&mut name)?;
    let value = AnyRef::decode(&mut name)?;
    value.tag().assert_eq(Tag::ContextSpecific { constructed: true, number: TagNumber::N0 })?;
    let value = AnyRef::from_der(value.value())?;
    name.finish((id, value))
}

fn general_names(bytes: &[u8]) -> der::Result<()> {
    let mut file = SliceReader::new(bytes)?;
    file.sequence(|names| {
        loop {
            let general_name = AnyRef::decode(names)?;
            match general_name.tag() {
                Tag::ContextSpecific { constructed: true, number: TagNumber::N0 } => {
                    other_name(general_name.value())?;
                }
                Tag::ContextSpecific { constructed: true, number: TagNumber::N4 } => name(general_name.value())?,
                Tag::ContextSpecific {
                    constructed: false,
                    number: TagNumber::N1 | TagNumber::N2 | TagNumber::N6 | TagNumber::N7 | TagNumber::N8,
                } => {}
                other => return Err(other.value_error()),
            }
            if names.is_finished() {
                return Ok(());
            }
        }
    })?;
    file.finish(())
}
