//! The two phases around the tap, for a PDF: the file with an empty place in it, then with the signature there.

use super::prepare::{Profile, Request, append, fill, last_place};
use super::ranges::unhex;
use super::{Pdf, PdfError, structure};
use crate::algorithm::{Algorithm, DigestToSign};
use crate::certificate::{LONGEST_CERTIFICATE, TransientCertificate};
use crate::cms::{self, Extras, Naming, SignedFile, without_padding};
use crate::finding::Outcome;
use crate::hash::Hasher;
use crate::purpose::Signing;
use crate::sign::{DisclosureAck, PrepareError};
use kazasu_core::Digest;
use std::ops::Range;
use std::time::SystemTime;

/// Bytes of a timestamp with the certificates of its authority. Those seen have 3 to 7 kilobytes (Measured).
const TIMESTAMP_ROOM: usize = 12_288;
/// The longest name that a certificate has room for.
const LONGEST_NAME: usize = 400;

/// How to sign.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// For whom.
    pub profile: Profile,
    /// When, by the signer's own clock: a claim.
    pub at: SystemTime,
    /// Certificates of authorities that go along, in DER.
    pub authorities: &'o [&'o [u8]],
    /// Whether to keep room for a timestamp, which is attached later.
    pub timestamp: bool,
}

impl Options<'_> {
    fn request<'r>(&self, name: &'r str, certificate: usize) -> Request<'r> {
        let authorities = self.authorities.iter().map(|der| der.len()).sum();
        let timestamp = if self.timestamp { TIMESTAMP_ROOM } else { 0 };
        let room = cms::size_bound(certificate, authorities) + timestamp;
        Request { profile: self.profile, name, at: self.at, room }
    }

    /// PAdES has its time in the PDF alone (ETSI EN 319 142-1, 6.3).
    const fn signature(&self) -> cms::Profile {
        match self.profile {
            Profile::Registry => cms::Profile::Plain { signing_time: self.at },
            Profile::Pades => cms::Profile::Cades { signing_time: None },
        }
    }
}

/// Phase 1 is done: the file with an empty place for the signature, and what goes to the card. Both are plain bytes.
pub struct Prepared {
    bytes: Vec<u8>,
    hole: Range<usize>,
    signature: cms::Prepared,
}

impl Pdf {
    /// Prepares a signature of the largest size, and throws it away: what cannot be signed shows before a card is
    /// touched.
    ///
    /// # Errors
    /// [`PdfError`].
    pub fn rehearse(&mut self, options: &Options<'_>) -> Result<(), PdfError> {
        let length = self.bytes.len();
        let name = "\u{3000}".repeat(LONGEST_NAME);
        append(&mut self.bytes, &self.document, &options.request(&name, LONGEST_CERTIFICATE))?;
        self.bytes.truncate(length);
        Ok(())
    }

    /// Phase 1, without a card. The holder's name goes into the signature dictionary, where programs show it.
    ///
    /// # Errors
    /// [`PdfError`].
    pub fn prepare(
        mut self,
        certificate: &TransientCertificate<Signing>,
        options: &Options<'_>,
        told: DisclosureAck,
    ) -> Result<Prepared, PdfError> {
        let holder = certificate.holder().map_err(PrepareError::from)?;
        let request = options.request(holder.name(), certificate.with_der(<[u8]>::len));
        let hole = append(&mut self.bytes, &self.document, &request)?;
        let algorithm = certificate.key().map_err(PrepareError::from)?.algorithm();
        let digest = around(algorithm, &self.bytes, &hole);
        let signature = cms::prepare(&digest, certificate, options.signature(), told)?;
        Ok(Prepared { bytes: self.bytes, hole, signature })
    }
}

impl Prepared {
    /// What the card signs.
    #[must_use]
    pub fn to_be_signed(&self) -> DigestToSign {
        self.signature.to_be_signed()
    }

    /// The file with an empty place, and the signed attributes: all that there is to keep until the card has signed.
    #[must_use]
    pub fn as_bytes(&self) -> (&[u8], &[u8]) {
        (&self.bytes, self.signature.as_bytes())
    }

    /// The other way round, for the certificate that it was prepared for.
    ///
    /// # Errors
    /// [`PdfError`].
    pub fn from_bytes(
        file: Vec<u8>,
        attributes: &[u8],
        certificate: &TransientCertificate<Signing>,
        told: DisclosureAck,
    ) -> Result<Self, PdfError> {
        let hole = last_place(&file, &structure::read(&file)?)?;
        let signature = cms::Prepared::from_bytes(attributes, certificate, told)?;
        Ok(Self { bytes: file, hole, signature })
    }

    /// Phase 2: the signed file. Nothing is returned that the certificate's key does not verify.
    ///
    /// # Errors
    /// [`PdfError`].
    pub fn finish(
        mut self,
        certificate: &TransientCertificate<Signing>,
        signature: &[u8],
        authorities: &[&[u8]],
    ) -> Result<Vec<u8>, PdfError> {
        let signature = self.signature.finish(certificate, signature, Extras { content: None, authorities })?;
        fill(&mut self.bytes, &self.hole, &signature)?;
        self.look_again(certificate)?;
        Ok(self.bytes)
    }
}

impl Prepared {
    /// Reads the signature out of the file, as whoever gets it will, over the bytes around it.
    fn look_again(&self, certificate: &TransientCertificate<Signing>) -> Result<(), PdfError> {
        let place = &self.bytes[self.hole.start + 1..self.hole.end - 1];
        let contents = unhex(place).ok_or(PdfError::OtherFile)?;
        let file = without_padding(&contents).and_then(|der| SignedFile::parse(der).ok()).ok_or(PdfError::OtherFile)?;
        let mut hasher = file.hasher();
        hasher.update(&self.bytes[..self.hole.start]);
        hasher.update(&self.bytes[self.hole.end..]);
        let content = hasher.finish();
        let holds = certificate.with_der(|der| {
            file.signers.iter().all(|signer| {
                let lines = file.signature_lines(signer, &[&content], Some(der), Naming::Free);
                lines.iter().all(|(_, outcome)| *outcome == Outcome::Holds)
            })
        });
        if holds { Ok(()) } else { Err(PdfError::OtherFile) }
    }
}

/// The digest of all but the place for the signature.
fn around(algorithm: Algorithm, bytes: &[u8], hole: &Range<usize>) -> Digest {
    let mut hasher = Hasher::new(algorithm.hash());
    hasher.update(&bytes[..hole.start]);
    hasher.update(&bytes[hole.end..]);
    hasher.finish()
}
