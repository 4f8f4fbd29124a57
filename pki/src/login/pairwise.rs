//! Who logged in, in a name that only one server understands.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// A server's own secret, 32 random bytes, the same for as long as its users are to be known again. Another server has
/// another.
pub struct PairwiseKey(Zeroizing<[u8; 32]>);

impl PairwiseKey {
    /// From where the server keeps its secrets.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// HMAC-SHA-256 over the certificate's SubjectPublicKeyInfo.
    pub(super) fn name(&self, spki: &[u8]) -> PairwiseId {
        // Not a keyed hash of the serial number: that is three or four bytes, and whoever gets the key tries them all.
        // HMAC fills a short key up with zeros itself.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(&*self.0);
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        mac.update(spki);
        PairwiseId(mac.finalize().into_bytes().into())
    }
}

/// The same each time that the same certificate logs in at the same server, and nothing at another server.
///
/// A new certificate (renewed, or a new card) has a new key and therefore another name: the holder is a stranger then,
/// and the server must have another way to know them again. Only an accredited verifier can ask J-LIS which certificate
/// followed which.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PairwiseId([u8; 32]);

impl PairwiseId {
    /// Its bytes, for a database.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for PairwiseId {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PairwiseId {
    /// Not in a log by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairwiseId(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_hmac_sha_256_and_another_server_gives_another() {
        // RFC 4231, test case 2, has a short key; HMAC pads it with zeros, which a key of 32 bytes may hold itself.
        let mut jefe = [0; 32];
        jefe[..4].copy_from_slice(b"Jefe");
        let name = PairwiseKey::new(&jefe).name(b"what do ya want for nothing?");
        assert_eq!(name.to_string(), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_ne!(name, PairwiseKey::new(&[7; 32]).name(b"what do ya want for nothing?"));
        assert_eq!(format!("{name:?}"), "PairwiseId(…)");
    }
}
