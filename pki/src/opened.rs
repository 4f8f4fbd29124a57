//! A record's signature, opened with its key: which digests it holds.
//!
//! A usual verifier says yes or no, and refuses the card face, whose DigestInfo holds three digests. Opening the
//! signature says more: that another key made it, that it is over something else, or over which part it is.

use crate::finding::{Outcome, Reason};
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPublicKey};
use sha2::{Digest as _, Sha256};

pub(crate) type Sha256Digest = [u8; 32];

/// `30 .. 30 0D 06 09 608648016503040201 05 00 04 ..` in front of the digests: 31 and 20 for one, 71 and 60 for three.
const fn prefix<const N: usize>() -> [u8; 19] {
    let mut prefix = [
        0x30, 0x11, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x00,
    ];
    prefix[1] += 32 * N as u8;
    prefix[18] = 32 * N as u8;
    prefix
}

/// The digests that this key signed (RFC 8017, 8.2.2, with N digests where the standard has one).
///
/// The whole block is compared, padding included, so nothing can hide in it.
///
/// # Errors
/// [`Reason::Signature`] when another key made it, [`Reason::DigestAlgorithm`] when it holds anything else.
pub(crate) fn opened<const N: usize>(key: &RsaPublicKey, signature: &[u8]) -> Result<[Sha256Digest; N], Reason> {
    let signature_number = BigUint::from_bytes_be(signature);
    if signature.len() != key.size() || &signature_number >= key.n() {
        return Err(Reason::Signature);
    }
    let block = signature_number.modpow(key.e(), key.n()).to_bytes_be();
    // Without the leading zero: 01 FF … FF 00 and what was signed.
    let padding = block.iter().skip(1).take_while(|byte| **byte == 0xFF).count();
    if block.len() + 1 != key.size() || block[0] != 0x01 || padding < 8 || block.get(1 + padding) != Some(&0) {
        return Err(Reason::Signature);
    }
    let digests = block[2 + padding..].strip_prefix(&prefix::<N>()).ok_or(Reason::DigestAlgorithm)?;
    let (digests, []) = digests.as_chunks::<32>() else { return Err(Reason::DigestAlgorithm) };
    digests.try_into().map_err(|_| Reason::DigestAlgorithm)
}

/// SHA-256 over these one after another.
pub(crate) fn digest(parts: &[&[u8]]) -> Sha256Digest {
    parts.iter().fold(Sha256::new(), |digest, part| digest.chain_update(part)).finalize().into()
}

/// Whether the key signed one digest: that of the parts one after another.
pub(crate) fn signed_digest(key: &RsaPublicKey, signature: &[u8], parts: &[&[u8]]) -> Outcome {
    match opened::<1>(key, signature) {
        Ok([signed]) if signed == digest(parts) => Outcome::Holds,
        Ok(_) => Outcome::Fails(Reason::Altered),
        Err(reason) => Outcome::Fails(reason),
    }
}
