//! A timestamp (RFC 3161) for a signature: the app carries the request to an authority, and the answer back.

use crate::error::{Answer, PkiError};
use crate::verify::not_signed;
use kazasu_catalogue::{DocumentTrouble, StampFault, StampRefusal};
use kazasu_pki::pdf::{PdfError, attach_timestamp, timestamp_request};
use kazasu_pki::timestamp::{TimestampError, attach, prepare};
use kazasu_pki::{Nonce, NonceError};
use std::sync::Arc;

/// A request for a timestamp about one signed file. What no answer could be put into is refused when it is made.
#[derive(uniffi::Object)]
pub struct TimestampRequest {
    signed: Signed,
    request: Vec<u8>,
}

enum Signed {
    Pdf(Vec<u8>),
    Cms(Vec<u8>),
}

#[uniffi::export]
impl TimestampRequest {
    /// About the last signature of a PDF that was signed by PAdES, where room was kept for a timestamp.
    #[uniffi::constructor]
    pub fn pdf(file: &[u8]) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        let request = timestamp_request(file, nonce()?).map_err(of_pdf)?;
        Ok(Arc::new(Self { signed: Signed::Pdf(file.to_vec()), request }))
    }

    /// About the signature in CMS, DER, with its content inside or beside it.
    #[uniffi::constructor]
    pub fn cms(file: &[u8]) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        let request = prepare(file, nonce()?).map_err(of)?;
        Ok(Arc::new(Self { signed: Signed::Cms(file.to_vec()), request }))
    }

    /// What goes to the authority: posted as `application/timestamp-query`. It holds a digest of the signature and a
    /// random number, and nothing else of the file.
    pub fn request(&self) -> Answer<Vec<u8>> {
        Ok(self.request.clone())
    }

    /// The signed file with the timestamp in it, from what the authority answered (`application/timestamp-reply`). An
    /// answer that is none to this request is refused; whether its authority is believed shows when the file is looked
    /// at.
    pub fn attach(&self, answer: &[u8]) -> Answer<Vec<u8>> {
        match &self.signed {
            Signed::Pdf(file) => attach_timestamp(file.clone(), &self.request, answer).map_err(of_pdf),
            Signed::Cms(file) => attach(file, &self.request, answer).map_err(of),
        }
    }
}

fn nonce() -> Answer<[u8; 16]> {
    let drawn = Nonce::draw().map_err(|_: NonceError| refused(StampRefusal::NoRandom))?;
    let mut nonce = [0; 16];
    nonce.copy_from_slice(&drawn.as_bytes()[..16]);
    Ok(nonce)
}

fn refused(why: StampRefusal) -> PkiError {
    DocumentTrouble::NotStamped(why).into()
}

pub(crate) fn of(error: TimestampError) -> PkiError {
    refused(error.into())
}

pub(crate) fn of_pdf(error: PdfError) -> PkiError {
    match StampFault::from(error) {
        StampFault::Refused(why) => refused(why),
        StampFault::NotSigned(why) => not_signed(why).into(),
    }
}
