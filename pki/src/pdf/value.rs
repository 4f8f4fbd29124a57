//! What a PDF's objects are made of (ISO 32000-2, 7.3), and how they are written again.

use super::syntax::regular;
use std::borrow::Cow;

/// An object, with pieces of the file in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'b> {
    Null,
    Boolean(bool),
    Integer(i64),
    /// As it stands there.
    Real(&'b [u8]),
    /// With its brackets, as it stands there.
    String(&'b [u8]),
    /// With its escapes resolved.
    Name(Cow<'b, [u8]>),
    Array(Vec<Value<'b>>),
    Dictionary(Dictionary<'b>),
    Reference(u32, u16),
}

/// Keys and values in the order of the keys, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dictionary<'b>(Vec<(Cow<'b, [u8]>, Value<'b>)>);

impl<'b> Dictionary<'b> {
    /// `None` where a key is there twice.
    pub(super) fn of(mut entries: Vec<(Cow<'b, [u8]>, Value<'b>)>) -> Option<Self> {
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let twice = entries.windows(2).any(|pair| pair[0].0 == pair[1].0);
        (!twice).then_some(Self(entries))
    }

    /// Null is none.
    pub(super) fn get(&self, key: &[u8]) -> Option<&Value<'b>> {
        let at = self.0.binary_search_by(|(own, _)| (**own).cmp(key)).ok()?;
        Some(&self.0[at].1).filter(|value| **value != Value::Null)
    }

    pub(super) fn integer(&self, key: &[u8]) -> Option<i64> {
        if let Some(Value::Integer(number)) = self.get(key) { Some(*number) } else { None }
    }

    pub(super) fn name(&self, key: &[u8]) -> Option<&[u8]> {
        if let Some(Value::Name(name)) = self.get(key) { Some(name) } else { None }
    }

    pub(super) fn array(&self, key: &[u8]) -> Option<&[Value<'b>]> {
        if let Some(Value::Array(items)) = self.get(key) { Some(items) } else { None }
    }

    /// In the place of what was there.
    pub(super) fn set(&mut self, key: &'static [u8], value: Value<'b>) {
        match self.0.binary_search_by(|(own, _)| (**own).cmp(key)) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (Cow::Borrowed(key), value)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &Value<'b>)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }
}

impl Value<'_> {
    /// Numbers and strings as they stood where they were read, to the last digit.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend(b"null"),
            Self::Boolean(value) => out.extend(value.to_string().bytes()),
            Self::Integer(number) => out.extend(number.to_string().bytes()),
            Self::Real(text) | Self::String(text) => out.extend(*text),
            Self::Name(name) => write_name(name, out),
            Self::Array(items) => {
                out.push(b'[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(b' ');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Dictionary(Dictionary(entries)) => {
                out.extend(b"<<");
                for (key, value) in entries {
                    write_name(key, out);
                    out.push(b' ');
                    value.write(out);
                }
                out.extend(b">>");
            }
            Self::Reference(number, generation) => out.extend(format!("{number} {generation} R").bytes()),
        }
    }
}

fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for &byte in name {
        if byte.is_ascii_graphic() && regular(byte) && byte != b'#' {
            out.push(byte);
        } else {
            out.extend(format!("#{byte:02X}").bytes());
        }
    }
}
