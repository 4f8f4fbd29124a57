//! Dates in PDFs (ISO 32000-2, 7.9.4): `D:20261121023921+09'00'`.

use der::DateTime;
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// East and west of Greenwich no clock is further away.
const FURTHEST_ZONE: Duration = Duration::from_secs(14 * 3_600);

/// From when until when it may have been: the same twice where a zone is written. `None` for what is no date.
pub(super) fn read(date: &str) -> Option<(SystemTime, SystemTime)> {
    let plain: String = date.strip_prefix("D:").unwrap_or(date).chars().filter(|c| *c != '\'').collect();
    let number = |range: Range<usize>| -> Option<u16> {
        let digits = plain.get(range)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    let two = |at: usize| u8::try_from(number(at..at + 2)?).ok();
    let date = DateTime::new(number(0..4)?, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?).ok()?;
    let written = UNIX_EPOCH + date.unix_duration();
    let zone = plain.get(14..)?;
    if zone.is_empty() {
        return Some((written.checked_sub(FURTHEST_ZONE)?, written.checked_add(FURTHEST_ZONE)?));
    }
    let (sign, offset) = zone.split_at_checked(1)?;
    let offset = match offset.len() {
        0 if sign == "Z" => Duration::ZERO,
        4 => Duration::from_secs(u64::from(two(15)?) * 3_600 + u64::from(two(17)?) * 60),
        _ => return None,
    };
    let at = match sign {
        "Z" if offset.is_zero() => written,
        "+" => written.checked_sub(offset)?,
        "-" => written.checked_add(offset)?,
        _ => return None,
    };
    Some((at, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_an_instant_where_its_zone_is_written_and_a_day_around_it_where_not() {
        let at = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        // 2026-11-20T17:39:21Z.
        let instant = at(1_795_196_361);
        for text in ["D:20261121023921+09'00'", "D:20261121023921+09'00", "D:20261120173921Z", "20261120123921-05'00'"]
        {
            assert_eq!(read(text), Some((instant, instant)), "{text}");
        }
        let around = (instant - FURTHEST_ZONE, instant + FURTHEST_ZONE);
        assert_eq!(read("D:20261120173921"), Some(around));
        for odd in
            ["D:2026", "yesterday", "D:20261121023921+09'0x'", "D:2026112102392１+09'00'", "D:20261321023921Z", ""]
        {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
