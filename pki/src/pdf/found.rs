//! Signatures found in the bytes alone, where the file does not lead to them: it was damaged, or changed so that it
//! leads nowhere. Nothing that is found this way concludes that anything holds of the file; it says what was signed and
//! whether that changed.

use super::MOST_SIGNATURES;
use super::budget::Budget;
use super::ranges::{Ranges, unhex};
use super::structure::find;
use super::syntax::Reader;
use super::value::Value;
use crate::cms::{SignedFile, without_padding};
use crate::finding::Reason;

/// ByteRange and Contents of one signature stand no further apart.
const NEAR: usize = 64 << 10;
/// No signature of any algorithm is shorter, in digits.
const SHORTEST: usize = 400;

/// A place with a signature in it.
pub(super) struct Found {
    /// What it says that it covers; without that, everything around it to the next end of the file.
    pub(super) ranges: Ranges,
    /// What is wrong with its ByteRange: nothing where it leaves out this very place and ends within the file.
    pub(super) wrong: Option<Reason>,
    /// What is in the place; nothing where that is no text of digits.
    pub(super) contents: Option<Vec<u8>>,
}

/// All of them, in their order.
pub(super) fn all(bytes: &[u8]) -> Vec<Found> {
    let mut claims = claims(bytes);
    let mut found = Vec::new();
    let mut end = 0;
    // A file that goes on behind its last end was cut off, and what its last ByteRange speaks of is not there any more.
    let last_end = bytes.windows(5).rposition(|window| window == b"%%EOF");
    let cut_off = |at: usize| last_end.is_none_or(|end| end < at);
    let within = |ranges: &Ranges| ranges.end() <= bytes.len();
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
        let wrong = match &claimed {
            None => Some(Reason::ByteRangeGap),
            Some(ranges) => (!within(ranges)).then_some(Reason::ByteRange),
        };
        let claimed = claimed.filter(|ranges| within(ranges) || cut_off(close));
        // Each end is looked for once: places and ends come in their order.
        if end < close {
            end = find(&bytes[close..], b"%%EOF")
                .map_or(bytes.len(), |end| line_end(bytes, close + end + b"%%EOF".len()));
        }
        let ranges = claimed.unwrap_or(Ranges { signed: [0..open, close..end], gap });
        found.push(Found { ranges, wrong, contents });
    }
    // The place is damaged itself.
    let rest = claims.into_iter().filter_map(|(at, ranges)| ranges.filter(|ranges| within(ranges) || cut_off(at)));
    found.extend(rest.map(|ranges| {
        let wrong = Some(if within(&ranges) { Reason::ByteRangeGap } else { Reason::ByteRange });
        Found { ranges, wrong, contents: None }
    }));
    found.sort_by_key(|found| found.ranges.gap.start);
    found
}

/// Behind the end of the line that ends here.
fn line_end(bytes: &[u8], at: usize) -> usize {
    let ends = [&b"\r\n"[..], b"\n", b"\r"];
    at + ends.iter().find(|end| bytes[at..].starts_with(end)).map_or(0, |end| end.len())
}

/// Wherever ByteRange is written, and its numbers where they make sense, also beyond the end of the file.
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
        claims.push((at, numbers.and_then(|numbers| Ranges::from_numbers(&numbers, usize::MAX))));
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
