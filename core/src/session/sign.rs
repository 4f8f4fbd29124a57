//! Using a private key: digests in, signatures out.

use super::{Session, ShortIds, fault_at, names_nothing};
use crate::error::{Error, Malformed, Step};
use crate::exchange::{Repeat, Request};
use crate::status::Status;
use crate::table::{Key, Operation, short_id};
use crate::transport::Transport;
use core::fmt;
use zeroize::Zeroize;

/// An RSA-2048 signature.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature(pub [u8; 256]);

impl fmt::Debug for Signature {
    /// A signature leads to its holder.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(256 bytes)")
    }
}

/// A digest to be signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// SHA-256.
    Sha256([u8; 32]),
    /// SHA-384.
    Sha384([u8; 48]),
    /// SHA-512.
    Sha512([u8; 64]),
}

impl fmt::Debug for Digest {
    /// What is signed leads to what was signed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha256(_) => "Sha256(…)",
            Self::Sha384(_) => "Sha384(…)",
            Self::Sha512(_) => "Sha512(…)",
        })
    }
}

impl Digest {
    /// DER of the DigestInfo (RFC 8017, 9.2) at the start of a buffer, and its length: what a card with an RSA key pads and
    /// signs.
    #[must_use]
    pub fn digest_info(&self) -> ([u8; 83], usize) {
        let (algorithm, digest): (u8, &[u8]) = match self {
            Self::Sha256(digest) => (0x01, digest),
            Self::Sha384(digest) => (0x02, digest),
            Self::Sha512(digest) => (0x03, digest),
        };
        let len = digest.len() as u8;
        let prefix = [
            0x30,
            len + 17,
            0x30,
            0x0D,
            0x06,
            0x09,
            0x60,
            0x86,
            0x48,
            0x01,
            0x65,
            0x03,
            0x04,
            0x02,
            algorithm,
            0x05,
            0x00,
            0x04,
            len,
        ];
        let mut info = [0; 83];
        info[..19].copy_from_slice(&prefix);
        info[19..19 + digest.len()].copy_from_slice(digest);
        (info, 19 + digest.len())
    }
}

impl<T: Transport> Session<T> {
    /// The DigestInfo of `digest` signed with `key`.
    pub(crate) async fn sign(&mut self, key: &'static Key, digest: &Digest) -> Result<Signature, Error> {
        let (info, len) = digest.digest_info();
        self.compute(key, &info[..len]).await
    }

    /// `80 2A 00 p2 Lc DigestInfo 00`, with p2 = `80` (key selected), `80|sfi`, or `00` (default key); or
    /// `00 88 00 80|sfi Lc challenge 00` → 256 bytes `9000`; `6982` where the key is closed.
    pub(crate) async fn compute(&mut self, key: &'static Key, data: &[u8]) -> Result<Signature, Error> {
        self.require(key.usage)?;
        self.exchange.begin();
        let step = match key.operation {
            Operation::InternalAuthenticate => Step::Authenticate,
            Operation::Sign | Operation::SignDefault => Step::Sign,
        };
        let mut buf = [0; 258];
        loop {
            let header = match key.operation {
                Operation::Sign => [0x80, 0x2A, 0x00, self.reference(key.id).await?],
                Operation::SignDefault => [0x80, 0x2A, 0x00, 0x00],
                Operation::InternalAuthenticate => [0x00, 0x88, 0x00, 0x80 | short_id(key.id)],
            };
            let request = Request { header, data, ne: 256 };
            let answer = self.exchange.send(request, &mut buf, Repeat::Freely).await;
            let (len, status) = answer.map_err(|fault| fault_at(step, fault))?;
            match status {
                Status::OK => {
                    let signature = buf.first_chunk().filter(|_| len == 256).map(|bytes| Signature(*bytes));
                    buf.zeroize();
                    return signature.ok_or(Error::Malformed { step, reason: Malformed::Size });
                }
                Status(0x6982) => return Err(self.closed(key.usage, step)),
                // That VERIFY took a short id does not prove that signing does.
                status
                    if key.operation == Operation::Sign
                        && self.reference_ids != ShortIds::Refused
                        && names_nothing(status) =>
                {
                    self.reference_ids = ShortIds::Refused;
                }
                Status(0x6A82 | 0x6A88) => return Err(Error::Absent { what: key.name }),
                status => return Err(Error::Refused { step, status }),
            }
        }
    }
}
