//! JWS in compact form (RFC 7515) with the certificate in its header (`x5c`): a message from an app to its own server.
//!
//! Only with the user-authentication key. The header shows the certificate to everybody who sees the token, and the
//! signing certificate has name, address, birth date and sex in it:
//!
//! ```compile_fail,E0308
//! # use kazasu_pki::{jws, Signing, TransientCertificate};
//! fn with_the_signing_certificate(certificate: &TransientCertificate<Signing>) {
//!     let _ = jws::prepare(b"message", certificate);
//! }
//! ```

use crate::algorithm::{Algorithm, DigestToSign, PublicKey, WrongSignature};
use crate::anchors::Anchors;
use crate::certificate::TransientCertificate;
use crate::finding::{Check, Findings, Outcome, Reason, WhyNot};
use crate::hash::Hash;
use crate::path::examine;
use crate::purpose::UserAuthentication;
use crate::revocation::{Revocation, RevocationStatus};
use crate::sign::{FinishError, PrepareError};
use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use kazasu_core::Digest;
use serde::Deserialize;
use serde_json::Value;
use std::fmt;
use std::time::SystemTime;
use thiserror::Error;
use zeroize::Zeroizing;

/// Tokens longer than this are not looked at.
pub const LONGEST_JWS: usize = 1 << 20;

/// Phase 1 is done: header and message, in the form in which they are signed (RFC 7515, 5.1). Plain text that can wait.
///
/// Certificate and message are in it: it is wiped when it goes, and not shown.
#[derive(PartialEq, Eq)]
pub struct Prepared {
    algorithm: Algorithm,
    input: Zeroizing<String>,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}

/// Phase 1, without a card.
///
/// # Errors
/// [`PrepareError::Certificate`].
pub fn prepare(
    payload: &[u8],
    certificate: &TransientCertificate<UserAuthentication>,
) -> Result<Prepared, PrepareError> {
    let algorithm = certificate.key()?.algorithm();
    // Each copy of the certificate is made at its full length, so that none is left behind where it grew.
    let x5c = Zeroizing::new(certificate.with_der(Base64::encode_string));
    let header = Zeroizing::new([r#"{"alg":""#, algorithm.name(), r#"","x5c":[""#, &x5c, r#""]}"#].concat());
    let [header, payload] =
        [header.as_bytes(), payload].map(|part| Zeroizing::new(Base64UrlUnpadded::encode_string(part)));
    Ok(Prepared { algorithm, input: Zeroizing::new([header.as_str(), ".", payload.as_str()].concat()) })
}

impl Prepared {
    /// What the card signs.
    #[must_use]
    pub fn to_be_signed(&self) -> DigestToSign {
        self.algorithm.digest(self.input.as_bytes())
    }

    /// Phase 2: the token.
    ///
    /// # Errors
    /// [`FinishError`]: nothing is returned that the certificate's key does not verify.
    pub fn finish(
        &self,
        certificate: &TransientCertificate<UserAuthentication>,
        signature: &[u8],
    ) -> Result<String, FinishError> {
        let key = certificate.key()?;
        if key.algorithm() != self.algorithm {
            return Err(FinishError::OtherCertificate);
        }
        key.verify(&self.to_be_signed().digest, signature)?;
        let signature = self.algorithm.in_token(signature).ok_or(WrongSignature)?;
        Ok(format!("{}.{}", *self.input, Base64UrlUnpadded::encode_string(&signature)))
    }
}

/// What is not a token that can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JwsError {
    /// More than [`LONGEST_JWS`] bytes.
    #[error("longer than {LONGEST_JWS} bytes: not a token that is looked at here")]
    TooLong,
    /// Not three parts of base64url with a header in JSON.
    #[error("not a JWS in compact form")]
    Malformed,
    /// The header demands something that is not understood here (`crit`).
    #[error("its header demands something that is not understood here (crit)")]
    Critical,
    /// No certificate in the header, or not one of these cards'.
    #[error("its header carries no certificate of these cards (x5c)")]
    NoCertificate,
}

/// What was found.
pub struct Looked {
    /// The table.
    pub findings: Findings,
    /// The message. It says something only when the table does.
    pub payload: Vec<u8>,
    /// The answer about revocation.
    pub revocation: RevocationStatus,
}

impl Looked {
    /// Adds the line whether the message is the file with this SHA-256.
    pub fn compare(&mut self, sha256: &Digest) {
        let same = Hash::Sha256.digest(&self.payload) == *sha256;
        self.findings.require(Check::ContentDigest, same, Reason::Changed);
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    x5c: Vec<String>,
    crit: Option<Value>,
}

/// Looks at a token: its certificate as of `at`, and its signature by the key of that very certificate.
///
/// # Errors
/// [`JwsError`] when there is nothing to look at.
pub fn verify(
    token: &str,
    anchors: &Anchors<UserAuthentication>,
    at: SystemTime,
    revocation: &dyn Revocation<UserAuthentication>,
) -> Result<Looked, JwsError> {
    if token.len() > LONGEST_JWS {
        return Err(JwsError::TooLong);
    }
    let (input, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
    let (header, payload) = input.split_once('.').ok_or(JwsError::Malformed)?;
    let decode = |part| Base64UrlUnpadded::decode_vec(part).map_err(|_| JwsError::Malformed);
    let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
    let header = Zeroizing::new(header);
    let header: Header = serde_json::from_slice(&header).map_err(|_| JwsError::Malformed)?;
    let x5c = Zeroizing::new(header.x5c);
    if header.crit.is_some() {
        return Err(JwsError::Critical);
    }
    let der = x5c.first().and_then(|text| Base64::decode_vec(text).ok()).ok_or(JwsError::NoCertificate)?;
    let der = Zeroizing::new(der);
    let certificate = TransientCertificate::new(&der).map_err(|_| JwsError::NoCertificate)?;
    let examined = examine(&certificate, anchors, at, revocation).map_err(|_| JwsError::NoCertificate)?;
    let mut findings = examined.findings;
    match certificate.key() {
        Err(_) => {
            findings.add(Check::SignatureAlgorithm, Outcome::Fails(Reason::Weak));
            findings.add(Check::SignatureValue, Outcome::NotChecked(WhyNot::Moot));
        }
        Ok(key) => {
            findings.require(Check::SignatureAlgorithm, header.alg == key.algorithm().name(), Reason::Mismatch);
            findings.require(Check::SignatureValue, signed(&key, input, &signature), Reason::Signature);
        }
    }
    Ok(Looked { findings, payload, revocation: examined.revocation })
}

fn signed(key: &PublicKey, input: &str, signature: &[u8]) -> bool {
    let digest = key.algorithm().digest(input.as_bytes()).digest;
    key.algorithm().out_of_token(signature).is_some_and(|signature| key.verify(&digest, &signature).is_ok())
}
