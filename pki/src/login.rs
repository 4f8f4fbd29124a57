//! Logging in with the user-authentication certificate (利用者証明用電子証明書): a token in the layout of Web eID 1.0.
//!
//! The server draws a nonce; the card signs `hash(origin) ‖ hash(nonce)`; the server recomputes both from what it knows
//! itself. [`Challenge`] is the side of the card, [`Verifier`] the side of the server. What a login proves, and what it
//! does not: docs/login.md.
//!
//! A signing key never logs in: that would give the server a signature (電子署名) over bytes of its own choice.
//!
//! ```compile_fail
//! # use kazasu_pki::{Nonce, Signing, TransientCertificate, login::{Challenge, Origin}};
//! # fn f(origin: &Origin, nonce: &Nonce, certificate: &TransientCertificate<Signing>) {
//! let _ = Challenge::new(origin, nonce).prepare(certificate);
//! # }
//! ```
//!
//! The same with the other certificate:
//!
//! ```
//! # use kazasu_pki::{Nonce, UserAuthentication, TransientCertificate, login::{Challenge, Origin}};
//! # fn f(origin: &Origin, nonce: &Nonce, certificate: &TransientCertificate<UserAuthentication>) {
//! let _ = Challenge::new(origin, nonce).prepare(certificate);
//! # }
//! ```

mod pairwise;
mod token;
mod verify;

use crate::algorithm::{Algorithm, DigestToSign, PublicKey, WrongSignature};
use crate::certificate::{CertificateError, TransientCertificate};
use crate::nonce::Nonce;
use crate::purpose::UserAuthentication;
use sha2::{Digest as _, Sha256, Sha384};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

pub use pairwise::{PairwiseId, PairwiseKey};
pub use token::LONGEST_TOKEN;
pub use verify::{Inspected, Login, Refused, RevocationDemand, Verifier, inspect};

/// Where a login goes: scheme, host and, if it is not 443, port, exactly as a browser writes it (HTML, "ASCII
/// serialisation of an origin"). Only https; hosts are names or IPv4 addresses, names outside ASCII in punycode.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin(String);

/// Not an [`Origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an origin as a browser writes it: https://, a host in lower case, at most a port, and nothing behind it")]
pub struct NotAnOrigin;

impl Origin {
    /// `https://host` or `https://host:port`.
    ///
    /// # Errors
    /// [`NotAnOrigin`] for everything else: another scheme, a path (a final slash is one), upper case, the port 443.
    pub fn new(text: &str) -> Result<Self, NotAnOrigin> {
        let authority = text.strip_prefix("https://").ok_or(NotAnOrigin)?;
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let label = |label: &str| {
            let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            (1..=63).contains(&label.len())
                && label.bytes().all(inner)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let port_fits =
            |port: &str| port.parse::<u16>().is_ok_and(|number| port == number.to_string() && number != 443);
        let fits = host.len() <= 253 && host.split('.').all(label) && port.is_none_or(port_fits);
        fits.then(|| Self(text.to_owned())).ok_or(NotAnOrigin)
    }

    /// `http://localhost:port`, for tests and for trying things out on one machine. Never for a server that others can
    /// reach.
    #[must_use]
    pub fn localhost_for_tests(port: u16) -> Self {
        Self(if port == 80 { String::from("http://localhost") } else { format!("http://localhost:{port}") })
    }

    /// As the browser writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.0)
    }
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LoginError {
    /// The certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// What the card gave is not its certificate's signature; nothing is handed out.
    #[error(transparent)]
    WrongSignature(#[from] WrongSignature),
}

/// What is signed to log in at one origin, once.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    origin: &'a Origin,
    nonce: &'a Nonce,
}

impl<'a> Challenge<'a> {
    /// The origin that the holder was shown, and the nonce that the server at that origin gave.
    #[must_use]
    pub const fn new(origin: &'a Origin, nonce: &'a Nonce) -> Self {
        Self { origin, nonce }
    }

    /// `hash(origin) ‖ hash(nonce)` with the algorithm's hash, both as the text that goes over the wire: 64 bytes for
    /// RS256, 96 for ES384. Of one length whatever is in it, so that no other pair gives the same bytes.
    #[must_use]
    pub fn message(&self, algorithm: Algorithm) -> Vec<u8> {
        let (origin, nonce) = (self.origin.as_str(), self.nonce.to_base64());
        match algorithm {
            Algorithm::Rs256 => [Sha256::digest(origin), Sha256::digest(nonce)].concat(),
            Algorithm::Es384 => [Sha384::digest(origin), Sha384::digest(nonce)].concat(),
        }
    }

    /// Whether this key signed this challenge. A P-384 signature is in DER.
    ///
    /// # Errors
    /// [`WrongSignature`].
    pub fn verify(&self, key: &PublicKey, signature: &[u8]) -> Result<(), WrongSignature> {
        let algorithm = key.algorithm();
        key.verify(&algorithm.digest(&self.message(algorithm)).digest, signature)
    }

    /// What goes to the card.
    ///
    /// # Errors
    /// [`LoginError::Certificate`].
    pub fn prepare(&self, certificate: &TransientCertificate<UserAuthentication>) -> Result<DigestToSign, LoginError> {
        let algorithm = certificate.key()?.algorithm();
        Ok(algorithm.digest(&self.message(algorithm)))
    }

    /// The token, as the JSON text that goes to the server; only after the certificate's key has verified the
    /// signature. It holds the certificate, and is wiped when it goes.
    ///
    /// # Errors
    /// [`LoginError`].
    pub fn finish(
        &self,
        certificate: &TransientCertificate<UserAuthentication>,
        signature: &[u8],
    ) -> Result<Zeroizing<String>, LoginError> {
        let key = certificate.key()?;
        self.verify(&key, signature)?;
        let algorithm = key.algorithm();
        let signature = algorithm.in_token(signature).ok_or(WrongSignature)?;
        Ok(certificate.with_der(|der| token::write(der, algorithm, &signature)))
    }
}
