//! A timestamp for the last signature of a PDF (PAdES B-T). Contents is outside of what is signed, so nothing breaks.

use super::prepare::{fill, last_place};
use super::ranges::unhex;
use super::{PdfError, structure};
use crate::cms::without_padding;
use crate::timestamp::{self, TimestampError};
use std::ops::Range;

/// Bytes of the shortest timestamps with their authority's certificate (Measured). Where no room was kept for one, what
/// is left is about the length of the signer's certificate, which is less.
const LEAST_TIMESTAMP: usize = 3_000;

/// A request about the signature that covers the file, in DER: to be sent as `application/timestamp-query`. The nonce
/// is 16 random bytes, new for each request.
///
/// # Errors
/// [`PdfError`]: also what [`attach_timestamp`] would refuse, whatever the answer; [`PdfError::NoRoom`] when none was
/// kept.
pub fn timestamp_request(file: &[u8], nonce: [u8; 16]) -> Result<Vec<u8>, PdfError> {
    let (place, contents) = last(file)?;
    let signature = signature(&contents)?;
    let request = timestamp::prepare_about(signature, Some(&[&file[..place.start], &file[place.end..]]), nonce)?;
    let needed = signature.len() + LEAST_TIMESTAMP;
    if needed > contents.len() {
        return Err(PdfError::NoRoom { needed, room: contents.len() });
    }
    Ok(request)
}

/// Puts the answer (`application/timestamp-reply`) into the signature, where room was kept for it
/// ([`Options::timestamp`](super::Options::timestamp)).
///
/// # Errors
/// [`PdfError`], [`PdfError::NoRoom`] when none was kept.
pub fn attach_timestamp(mut file: Vec<u8>, request: &[u8], response: &[u8]) -> Result<Vec<u8>, PdfError> {
    let (place, contents) = last(&file)?;
    let with_timestamp = timestamp::attach(signature(&contents)?, request, response)?;
    fill(&mut file, &place, &with_timestamp)?;
    Ok(file)
}

/// The place of the signature that covers the file, and what is in it.
fn last(file: &[u8]) -> Result<(Range<usize>, Vec<u8>), PdfError> {
    let place = last_place(file, &structure::read(file)?)?;
    let contents = unhex(&file[place.start + 1..place.end - 1]).ok_or(PdfError::NoSignature)?;
    Ok((place, contents))
}

fn signature(contents: &[u8]) -> Result<&[u8], PdfError> {
    without_padding(contents).ok_or(PdfError::Timestamp(TimestampError::NotOurs))
}
