//! Signatures found in the bytes alone, where the file does not lead to them: it was damaged, or changed so that it leads nowhere.
//! Nothing that is found this way concludes that anything holds of the file; it says what was signed and whether that changed.

use super::MOST_SIGNATURES;
use super::ranges::{Ranges, unhex};
use super::structure::find;
use super::syntax::{Budget, Reader, Value};
use crate::cms::{SignedFile, without_padding};

/// ByteRange and Contents of one signature stand no further apart.
const NEAR: usize = 64 << 10;
/// No signature of any algorithm is shorter, in digits.
const SHORTEST: usize = 400;

/// A place with a signature in it.
pub(super) struct Found {
    /// What it says that it covers; without that, everything around it to the next end of the file.
    pub(super) ranges: Ranges,
    /// Its own ByteRange leaves out this very place.
    pub(super) says_so: bool,
    /// What is in the place; nothing where that is no text of digits.
    pub(super) contents: Option<Vec<u8>>,
}

/// All of them, in their order.
pub(super) fn all(bytes: &[u8]) -> Vec<Found> {
    let mut claims = claims(bytes);
    let mut found = Vec::new();
    for (open, close) in places(bytes) {
        if found.len() == MOST_SIGNATURES {
            break;
        }
        let contents = unhex(&bytes[open + 1..close - 1]);
        let gap = open..close;
        let signature = contents.as_deref().and_then(without_padding).is_some_and(|der| SignedFile::parse(der).is_ok());
        let own = claims.iter().position(|(_, ranges)| ranges.as_ref().is_some_and(|ranges| ranges.gap == gap));
        let near = |(at, _): &(usize, _)| open.checked_sub(*at).or(at.checked_sub(close)).is_some_and(|far| far < NEAR);
        let claim = own.or_else(|| claims.iter().position(near).filter(|_| signature));
        // A long text in digits that no signature speaks of.
        if claim.is_none() && !signature {
            continue;
        }
        let claimed = claim.and_then(|claim| claims.remove(claim).1).filter(|_| own.is_some());
        let says_so = claimed.is_some();
        let ranges = claimed.unwrap_or_else(|| {
            let end = find(&bytes[close..], b"%%EOF").map_or(bytes.len(), |end| {
                let end = close + end + b"%%EOF".len();
                end + [&b"\r\n"[..], b"\n", b"\r"]
                    .iter()
                    .find(|eol| bytes[end..].starts_with(eol))
                    .map_or(0, |eol| eol.len())
            });
            Ranges { signed: [0..open, close..end], gap }
        });
        found.push(Found { ranges, says_so, contents });
    }
    // The place is damaged itself.
    let rest = claims.into_iter().filter_map(|(_, ranges)| ranges);
    found.extend(rest.map(|ranges| Found { ranges, says_so: false, contents: None }));
    found.sort_by_key(|found| found.ranges.gap.start);
    found
}

/// Wherever ByteRange is written, and its numbers where they make sense.
fn claims(bytes: &[u8]) -> Vec<(usize, Option<Ranges>)> {
    let mut claims = Vec::new();
    let mut at = 0;
    while let Some(next) = find(&bytes[at..], b"/ByteRange").filter(|_| claims.len() < MOST_SIGNATURES) {
        at += next + b"/ByteRange".len();
        let mut budget = Budget::of_one_reading(0);
        let value = Reader::new(&bytes[..bytes.len().min(at + NEAR)], at).value(&mut budget);
        let numbers = match &value {
            Ok(Value::Array(items)) => items
                .iter()
                .map(|item| if let Value::Integer(n) = item { usize::try_from(*n).ok() } else { None })
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        claims.push((at, numbers.and_then(|numbers| Ranges::from_numbers(&numbers, bytes.len()))));
    }
    claims
}

/// Long texts in hexadecimal digits, with their angle brackets.
fn places(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(next) = bytes[at..].iter().position(|byte| *byte == b'<') {
        let open = at + next;
        let digits = bytes[open + 1..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        at = open + 1 + digits;
        if digits >= SHORTEST && bytes.get(at) == Some(&b'>') {
            at += 1;
            places.push((open, at));
        }
    }
    places
}
