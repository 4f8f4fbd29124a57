//! What travels from where the card is to where it is judged: records and signatures, as JSON with base64.
//!
//! ```json
//! {"format": "kazasu-genuine:1",
//!  "text":    {"certificate": EF 0004, "signature": over the nonce, "key": EF 0007,
//!              "integrity": EF 0003, "attributes": EF 0002},
//!  "surface": {"certificate": EF 0004, "signature": over the nonce, "face": EF 0002, "birth": EF 0001},
//!  "holder":  {"certificate": EF 000A of the JPKI application, "signature": over nonce and audience,
//!              "authority": EF 000B}}
//! ```
//!
//! Every part, and in it everything but certificate and signature, may be left out; the verifier says what it misses.
//! The nonce is not in it: the verifier knows it. The My Number is never in it, not as digits and not as an image.

use crate::cv::{RecordError, children};
use base64ct::{Base64, Encoding as _};
use kazasu_core::mynumber::surface::FACE_BUFFER;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use thiserror::Error;
use zeroize::Zeroizing;

/// More than this is not looked at: all records at their longest, in base64.
pub const LONGEST_PROOF: usize = 65_536;

/// Bytes from a card, wiped when they go.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(Zeroizing<Vec<u8>>);

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(Base64::encode_string(self)))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("base64")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bytes, E> {
                let bytes = Zeroizing::new(Base64::decode_vec(text).map_err(E::custom)?);
                if bytes.len() > FACE_BUFFER {
                    return Err(E::custom("longer than any record of a card"));
                }
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// What there is only one of so far.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
enum Format {
    #[default]
    #[serde(rename = "kazasu-genuine:1")]
    One,
}

/// The whole. No Debug and no Clone: it may hold a person's name and face.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    format: Format,
    /// From the 券面事項入力補助AP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<TextProof>,
    /// From the 券面事項確認AP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surface: Option<SurfaceProof>,
    /// From the 公的個人認証AP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<HolderProof>,
}

/// From the 券面事項入力補助AP.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextProof {
    /// EF 0004, which needs no secret.
    pub certificate: Bytes,
    /// The card key's over [`card_digest`](super::card_digest), which needs no secret.
    pub signature: Bytes,
    /// EF 0007: without it the signature says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Bytes>,
    /// EF 0003.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<Bytes>,
    /// EF 0002.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Bytes>,
}

/// From the 券面事項確認AP.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurfaceProof {
    /// EF 0004, which needs no secret.
    pub certificate: Bytes,
    /// The card key's over [`card_digest`](super::card_digest), which needs no secret.
    pub signature: Bytes,
    /// EF 0002, or what [`signed_face`] leaves of it. This or the next: without both the signature says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<Bytes>,
    /// EF 0001.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth: Option<Bytes>,
}

/// From the 公的個人認証AP: the user-authentication key, which only its PIN opens.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolderProof {
    /// EF 000A: identifies the holder, without name and address.
    pub certificate: Bytes,
    /// Over [`holder_digest`](super::holder_digest).
    pub signature: Bytes,
    /// EF 000B: for [`Anchors::admit`](crate::Anchors::admit), which takes only what is pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<Bytes>,
}

/// Bytes that are no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// More than [`LONGEST_PROOF`].
    #[error("a proof has not more than 65536 bytes")]
    TooLong,
    /// Another format, an unknown field, a missing one, or something that is not base64.
    #[error("not a proof in the format kazasu-genuine:1")]
    Unreadable,
    /// There is no part in it.
    #[error("the proof is empty; it needs a part from at least one application of the card")]
    Empty,
}

impl Proof {
    /// From what [`Self::to_json`] wrote.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn from_json(json: &[u8]) -> Result<Self, ProofError> {
        if json.len() > LONGEST_PROOF {
            return Err(ProofError::TooLong);
        }
        let proof: Self = serde_json::from_slice(json).map_err(|_| ProofError::Unreadable)?;
        if proof.text.is_none() && proof.surface.is_none() && proof.holder.is_none() {
            return Err(ProofError::Empty);
        }
        Ok(proof)
    }

    /// For the way to the verifier.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<String> {
        // Made at its full length, so that no copy is left behind where it grew. Nothing in it can fail to be written.
        let mut json = Zeroizing::new(Vec::with_capacity(LONGEST_PROOF));
        let written = serde_json::to_writer(&mut *json, self);
        written
            .map(|()| Zeroizing::new(String::from_utf8(std::mem::take(&mut *json)).unwrap_or_default()))
            .unwrap_or_default()
    }
}

/// The card face without what nobody signed. Expiry date and security code leave it: with the birth date they are
/// 照合番号B, which opens the card to anybody who holds it, and no verifier needs them.
///
/// # Errors
/// [`RecordError`].
pub fn signed_face(record: &[u8]) -> Result<Bytes, RecordError> {
    let mut objects = Zeroizing::new(Vec::with_capacity(record.len()));
    for object in children(record, 0xFF20)? {
        match object.tag {
            0xDF22..=0xDF28 => objects.extend_from_slice(object.whole),
            // They stay as empty objects, so that this is still a card face.
            0xDF29 | 0xDF2A => objects.extend_from_slice(&[0xDF, object.tag as u8, 0]),
            _ => {}
        }
    }
    let length = u16::try_from(objects.len()).map_err(|_| RecordError)?.to_be_bytes();
    Ok(Bytes(Zeroizing::new([&[0xFF, 0x20, 0x82], &length[..], &objects].concat())))
}
