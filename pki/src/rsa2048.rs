//! RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2) for the keys of today's cards, 2048 bits and exponent 65537: what `rsa` does
//! in eight times the time, because it prepares for secret exponents of any length. A public key hides nothing, so
//! time may vary here.

use crate::algorithm::WrongSignature;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use kazasu_core::Digest;
use rsa::RsaPublicKey;
use rsa::traits::PublicKeyParts as _;

const LENGTH: usize = 256;

/// DigestInfo up to the digest, by hash (RFC 8017, 9.2, note 1).
const SHA_256: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];
const SHA_384: [u8; 19] =
    [0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30];
const SHA_512: [u8; 19] =
    [0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40];

/// `None` for a key of another kind.
pub(crate) fn verify(key: &RsaPublicKey, digest: &Digest, signature: &[u8]) -> Option<Result<(), WrongSignature>> {
    if key.n().bits() != 8 * LENGTH || *key.e() != 65_537_u32.into() {
        return None;
    }
    let modulus = Odd::new(U2048::from_be_slice(&key.n().to_bytes_be())).into_option()?;
    let right = signature.len() == LENGTH && {
        let signature = U2048::from_be_slice(signature);
        signature < *modulus && to_the_65537th(signature, modulus) == expected(digest)
    };
    Some(if right { Ok(()) } else { Err(WrongSignature) })
}

fn to_the_65537th(base: U2048, modulus: Odd<U2048>) -> U2048 {
    let params = FixedMontyParams::new_vartime(modulus);
    let base = FixedMontyForm::new(&base, &params);
    let squared = (0..16).fold(base, |power, _| power.square());
    (squared * base).retrieve()
}

/// What a right signature opens to: made, not taken apart, so there is nothing to parse.
fn expected(digest: &Digest) -> U2048 {
    let (prefix, digest): (_, &[u8]) = match digest {
        Digest::Sha256(digest) => (SHA_256, digest),
        Digest::Sha384(digest) => (SHA_384, digest),
        Digest::Sha512(digest) => (SHA_512, digest),
    };
    let mut message = [0xFF; LENGTH];
    let (padding, info) = message.split_at_mut(LENGTH - prefix.len() - digest.len());
    let (prefix_at, digest_at) = info.split_at_mut(prefix.len());
    prefix_at.copy_from_slice(&prefix);
    digest_at.copy_from_slice(digest);
    padding[..2].copy_from_slice(&[0, 1]);
    padding[padding.len() - 1] = 0;
    U2048::from_be_slice(&message)
}
