//! Signed files in CMS (RFC 5652), also the signatures in PDFs: made around a tap, and examined.

mod attributes;
mod make;
mod verify;
mod wire;

pub use make::{Extras, Prepared, Profile, check_certificate, prepare, size_bound};
pub use verify::{ContentDigests, ContentHasher, Signer, Trust};
pub use wire::{CmsError, SignedFile, without_padding};

pub(crate) use attributes::{SIGNED_DATA, TIMESTAMP};
pub(crate) use verify::{CLOCKS, Naming, plausible};
