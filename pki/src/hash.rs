//! Digests of what may be too large to hold: written piece by piece.

use crate::algorithm::Algorithm;
use der::asn1::ObjectIdentifier;
use kazasu_core::Digest;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::io;

/// A hash function of these signatures. SHA-1 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// RFC 5754, 2.
    pub(crate) const fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        })
    }

    pub(crate) fn of_oid(oid: &ObjectIdentifier) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|hash| hash.oid() == *oid)
    }

    /// The hash function that made a digest.
    #[must_use]
    pub const fn that_made(digest: &Digest) -> Self {
        match digest {
            Digest::Sha256(_) => Self::Sha256,
            Digest::Sha384(_) => Self::Sha384,
            Digest::Sha512(_) => Self::Sha512,
        }
    }

    /// The digest of a message.
    #[must_use]
    pub fn digest(self, message: &[u8]) -> Digest {
        let mut hasher = Hasher::new(self);
        hasher.update(message);
        hasher.finish()
    }
}

impl Algorithm {
    /// The hash function of this scheme.
    #[must_use]
    pub const fn hash(self) -> Hash {
        match self {
            Self::Rs256 => Hash::Sha256,
            Self::Es384 => Hash::Sha384,
        }
    }
}

/// The bytes of a digest.
#[must_use]
pub fn bytes(digest: &Digest) -> &[u8] {
    match digest {
        Digest::Sha256(digest) => digest,
        Digest::Sha384(digest) => digest,
        Digest::Sha512(digest) => digest,
    }
}

/// Takes a message piece by piece; [`io::copy`] fills it.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hasher {
    /// With nothing in it.
    #[must_use]
    pub fn new(hash: Hash) -> Self {
        Self(match hash {
            Hash::Sha256 => State::Sha256(Sha256::new()),
            Hash::Sha384 => State::Sha384(Sha384::new()),
            Hash::Sha512 => State::Sha512(Sha512::new()),
        })
    }

    /// The next piece.
    pub fn update(&mut self, piece: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(piece),
            State::Sha384(state) => state.update(piece),
            State::Sha512(state) => state.update(piece),
        }
    }

    /// The digest of all pieces.
    #[must_use]
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(state) => Digest::Sha256(state.finalize().into()),
            State::Sha384(state) => Digest::Sha384(state.finalize().into()),
            State::Sha512(state) => Digest::Sha512(state.finalize().into()),
        }
    }
}

impl io::Write for Hasher {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.update(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
