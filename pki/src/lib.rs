//! Documents and trust for the My Number card (マイナンバーカード): what a certificate says and whether to believe it,
//! signed files, the genuineness of a card, login. No network: whoever asks an authority hands the answer in.
//!
//! Nothing here answers with one word. Every result carries [`Findings`]: a line for each thing that had to be looked
//! at, whether it holds, who looked, and what was not looked at.

pub mod algorithm;
pub mod anchors;
mod authority;
pub mod certificate;
pub mod cms;
#[cfg(feature = "server")]
mod confirmed;
#[cfg(feature = "server")]
pub mod crl;
pub mod cv;
pub mod finding;
pub mod genuine;
pub mod glance;
#[cfg(feature = "server")]
pub mod handed_in;
pub mod hash;
pub mod holder;
pub mod jws;
pub mod login;
pub mod nonce;
#[cfg(feature = "server")]
pub mod ocsp;
mod opened;
pub mod path;
pub mod pdf;
pub mod purpose;
pub mod raw;
pub mod revocation;
mod rsa2048;
pub mod sign;
#[cfg(feature = "server")]
mod signer;
mod strict;
pub mod timestamp;

pub use algorithm::{Algorithm, DigestToSign, PublicKey};
pub use anchors::Anchors;
pub use certificate::{CertificateError, TransientCertificate};
pub use finding::{Check, Finding, Findings, Outcome, Reason, WhyNot};
pub use nonce::{MemoryNonces, Nonce, NonceError, NonceStore};
pub use purpose::{Purpose, Signing, UserAuthentication};
pub use revocation::{Revocation, RevocationStatus};
pub use sign::DisclosureAck;

/// The examples in the guides are compiled as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guides/genuine.md")]
struct Guide;

#[cfg(doctest)]
#[doc = include_str!("../../docs/guides/documents.md")]
struct Documents;

#[cfg(doctest)]
#[doc = include_str!("../../docs/login.md")]
struct LoginGuide;
