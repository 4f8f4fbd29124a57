//! Kazasu's core: the protocol of Japan's My Number card (個人番号カード), from bytes to bytes.
//!
//! `no_std`, no allocation, no I/O, no `unsafe`. Everything outside plugs in at [`transport::Transport`]; a
//! [`session::Session`] over one opens an application, and only what a secret has opened can sign.
//!
//! ```
//! use kazasu_core::{AuthPin, Digest, Error, LastTry, Session, Signature, Transport};
//!
//! async fn sign(card: impl Transport, pin: AuthPin, sha256: [u8; 32]) -> Result<Signature, Error> {
//!     let mut session = Session::new(card);
//!     let mut jpki = session.jpki().await?;
//!     let mut unlocked = jpki.unlock(pin, LastTry::Refuse).await?;
//!     unlocked.sign(&Digest::Sha256(sha256)).await
//! }
//! ```
//!
//! Blocking programs run that with [`step::block_on`], phones with [`step::Stepper`], asynchronous ones with `.await`.
#![no_std]

pub mod apdu;
pub mod error;
mod exchange;
pub mod mynumber;
pub mod plan;
pub mod secret;
pub mod session;
pub mod stack;
pub mod status;
pub mod step;
pub mod table;
pub mod tlv;
pub mod trace;
pub mod transport;

pub use error::{Error, Who};
pub use secret::{AuthPin, BirthKey, Date, NumberA, NumberB, SecretKind, SignPassword, TextPin};
pub use session::{Counter, Digest, LastTry, Session, Signature};
pub use status::Status;
pub use table::CardKind;
pub use transport::{Capabilities, LinkError, ResponseBuf, Transport};

/// The example in the README is run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
