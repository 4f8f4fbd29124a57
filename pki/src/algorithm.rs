//! What is signed and how, by type from the start: today's card has RSA-2048, the next one P-384.

use crate::hash::Hash;
use der::asn1::ObjectIdentifier;
use kazasu_core::Digest;
use p384::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use thiserror::Error;

/// What an algorithm identifier of a signature says (RFC 4055, 5; RFC 5758, 3.2): who signs, and over which digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RSASSA-PKCS1-v1_5; `rsaEncryption` leaves the digest to another place.
    Rsa(Option<Hash>),
    /// ECDSA with SHA-384.
    EcdsaSha384,
}

impl Scheme {
    /// `None` for one that is too weak or not known.
    pub(crate) fn of_oid(oid: &ObjectIdentifier) -> Option<Self> {
        Some(match oid.to_string().as_str() {
            "1.2.840.113549.1.1.1" => Self::Rsa(None),
            "1.2.840.113549.1.1.11" => Self::Rsa(Some(Hash::Sha256)),
            "1.2.840.113549.1.1.12" => Self::Rsa(Some(Hash::Sha384)),
            "1.2.840.113549.1.1.13" => Self::Rsa(Some(Hash::Sha512)),
            "1.2.840.10045.4.3.3" => Self::EcdsaSha384,
            _ => return None,
        })
    }
}

/// A signature scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2). The card of today.
    Rs256,
    /// ECDSA over P-384 with SHA-384 (FIPS 186-5); signatures in DER. The next card. Inferred: no such card exists yet.
    Es384,
}

impl Algorithm {
    /// Its JOSE name (RFC 7518, 3.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es384 => "ES384",
        }
    }

    /// The digest that this scheme signs, of a message.
    #[must_use]
    pub fn digest(self, message: &[u8]) -> DigestToSign {
        let digest = match self {
            Self::Rs256 => Digest::Sha256(Sha256::digest(message).into()),
            Self::Es384 => Digest::Sha384(Sha384::digest(message).into()),
        };
        DigestToSign { algorithm: self, digest }
    }

    /// A signature as tokens carry it: ECDSA as r ‖ s (RFC 7518, 3.4), RSA as it is. `None` if it is not one.
    pub(crate) fn in_token(self, signature: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rs256 => Some(signature.to_vec()),
            Self::Es384 => {
                p384::ecdsa::Signature::from_der(signature).ok().map(|signature| signature.to_bytes().to_vec())
            }
        }
    }

    /// The inverse.
    pub(crate) fn out_of_token(self, signature: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rs256 => Some(signature.to_vec()),
            Self::Es384 => p384::ecdsa::Signature::from_slice(signature)
                .ok()
                .map(|signature| signature.to_der().as_bytes().to_vec()),
        }
    }
}

/// What goes to the card: a digest, and the scheme that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestToSign {
    /// The scheme.
    pub algorithm: Algorithm,
    /// The digest; of the scheme's own hash.
    pub digest: Digest,
}

/// Not a signature by this key over this digest; or a scheme that the key is not for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the signature was not made by this key over these bytes")]
pub struct WrongSignature;

/// A key that checks signatures.
pub enum PublicKey {
    /// RSA.
    Rsa(rsa::RsaPublicKey),
    /// P-384.
    P384(p384::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// From a SubjectPublicKeyInfo in DER; `None` for another kind of key.
    #[must_use]
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        let rsa = rsa::RsaPublicKey::from_public_key_der(der).map(Self::Rsa);
        rsa.or_else(|_| p384::ecdsa::VerifyingKey::from_public_key_der(der).map(Self::P384)).ok()
    }

    /// The scheme that this key signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rs256,
            Self::P384(_) => Algorithm::Es384,
        }
    }

    /// The length of an RSA modulus, or of the curve's field.
    #[must_use]
    pub fn bits(&self) -> usize {
        match self {
            Self::Rsa(key) => key.n().bits(),
            Self::P384(_) => 384,
        }
    }

    /// At least 2048 bits with exponent 65537, or the curve.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        match self {
            Self::Rsa(key) => key.n().bits() >= 2_048 && *key.e() == 65_537_u32.into(),
            Self::P384(_) => true,
        }
    }

    /// Whether this key signed the digest. An RSA key checks SHA-384 and SHA-512 too: the card signs any digest.
    ///
    /// # Errors
    /// [`WrongSignature`].
    pub fn verify(&self, digest: &Digest, signature: &[u8]) -> Result<(), WrongSignature> {
        match self {
            Self::Rsa(key) => {
                if let Some(verified) = crate::rsa2048::verify(key, digest, signature) {
                    return verified;
                }
                let (scheme, digest): (_, &[u8]) = match digest {
                    Digest::Sha256(digest) => (Pkcs1v15Sign::new::<Sha256>(), digest),
                    Digest::Sha384(digest) => (Pkcs1v15Sign::new::<Sha384>(), digest),
                    Digest::Sha512(digest) => (Pkcs1v15Sign::new::<Sha512>(), digest),
                };
                key.verify(scheme, digest, signature).map_err(|_| WrongSignature)
            }
            Self::P384(key) => {
                let Digest::Sha384(digest) = digest else { return Err(WrongSignature) };
                let signature = p384::ecdsa::Signature::from_der(signature).map_err(|_| WrongSignature)?;
                key.verify_prehash(digest, &signature).map_err(|_| WrongSignature)
            }
        }
    }
}
