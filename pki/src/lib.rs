//! Documents and trust for the My Number card (マイナンバーカード): what a certificate says and whether to believe it,
//! signed files, the genuineness of a card, login. No network: whoever asks an authority hands the answer in.
//!
//! Nothing here answers with one word. Every result carries [`Findings`]: a line for each thing that had to be looked at,
//! whether it holds, who looked, and what was not looked at.

pub mod algorithm;
pub mod anchors;
pub mod certificate;
pub mod finding;
pub mod glance;
pub mod holder;
pub mod login;
pub mod nonce;
pub mod path;
pub mod purpose;
pub mod revocation;

pub use algorithm::{Algorithm, DigestToSign, PublicKey};
pub use anchors::Anchors;
pub use certificate::{CertificateError, TransientCertificate};
pub use finding::{Check, Finding, Findings, Outcome, Reason, WhyNot};
pub use nonce::{MemoryNonces, Nonce, NonceError, NonceStore};
pub use purpose::{Purpose, Signing, UserAuthentication};
pub use revocation::{Revocation, RevocationStatus};
