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
    let (info, length) = digest.digest_info();
    let mut message = [0xFF; LENGTH];
    let (padding, signed) = message.split_at_mut(LENGTH - length);
    signed.copy_from_slice(&info[..length]);
    padding[..2].copy_from_slice(&[0, 1]);
    padding[padding.len() - 1] = 0;
    U2048::from_be_slice(&message)
}
