//! What is written in a SignedData, borrowed from its bytes. Strict DER: what was hashed is what is there, never what
//! a parser would have written instead.

use super::attributes::SIGNED_DATA;
use crate::hash::Hash;
use crate::timestamp::TST_INFO;
use cms::content_info::CmsVersion;
use cms::signed_data::SignerIdentifier;
use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode as _, ErrorKind, Header, Reader, SliceReader, Tag, TagNumber};
use spki::AlgorithmIdentifierRef;
use thiserror::Error;

/// Signatures, certificates, attributes of one signature, and so on.
const MOST: usize = 64;
/// Attributes of one signer, in bytes; a timestamp with its chain is among them.
const LONGEST_ATTRIBUTES: usize = 65_536;

/// What is not a signed file that can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CmsError {
    /// BER with indefinite lengths.
    #[error(
        "written with indefinite lengths (BER); only DER can be examined: convert it with openssl cms -cmsout -outform DER"
    )]
    Indefinite,
    /// Something else than SignedData.
    #[error("CMS, but not a signature (SignedData)")]
    NotSignedData,
    /// Not CMS in DER.
    #[error("not a signature in CMS, or a damaged one")]
    Malformed,
    /// Something after its end.
    #[error("there are {0} bytes after the end of the signature")]
    Trailing(usize),
    /// More than any file of these has: 64 signatures, certificates or attributes, 64 KiB of attributes, 256 MiB.
    #[error("larger than signatures of these cards are")]
    TooLarge,
    /// No signature in it: a file that only carries certificates.
    #[error("there is no signature in it")]
    NoSigner,
}

impl From<der::Error> for CmsError {
    fn from(error: der::Error) -> Self {
        match error.kind() {
            ErrorKind::IndefiniteLength => Self::Indefinite,
            ErrorKind::Overlength => Self::TooLarge,
            _ => Self::Malformed,
        }
    }
}

/// A signed file that is readable; nothing has been checked.
pub struct SignedFile<'d> {
    pub(super) version: CmsVersion,
    pub(super) digest_algorithms: Vec<AlgorithmIdentifierRef<'d>>,
    pub(crate) content_type: ObjectIdentifier,
    content: Option<&'d [u8]>,
    pub(crate) certificates: Vec<&'d [u8]>,
    pub(crate) signers: Vec<SignerRef<'d>>,
}

/// One SignerInfo (RFC 5652, 5.3).
pub(crate) struct SignerRef<'d> {
    pub(super) version: CmsVersion,
    pub(super) id: SignerIdentifier,
    pub(super) digest_algorithm: AlgorithmIdentifierRef<'d>,
    /// Contents of the implicit SET, without its header.
    pub(super) signed: Option<&'d [u8]>,
    pub(super) signature_algorithm: AlgorithmIdentifierRef<'d>,
    pub(crate) signature: &'d [u8],
    pub(super) unsigned: Option<&'d [u8]>,
}

impl<'d> SignedFile<'d> {
    /// Reads a ContentInfo with SignedData.
    ///
    /// # Errors
    /// [`CmsError`].
    pub fn parse(der: &'d [u8]) -> Result<Self, CmsError> {
        let end = whole_length(der)?;
        if end < der.len() {
            return Err(CmsError::Trailing(der.len() - end));
        }
        let mut file = SliceReader::new(der)?;
        let (kind, explicit) = file.sequence(|info| Ok((ObjectIdentifier::decode(info)?, body(info, context(0))?)))?;
        file.finish(())?;
        if kind != SIGNED_DATA {
            return Err(CmsError::NotSignedData);
        }
        let mut explicit = SliceReader::new(explicit)?;
        let parsed = explicit.sequence(Self::signed_data)?;
        explicit.finish(())?;
        let attributes = parsed.signers.iter().flat_map(|signer| [signer.signed, signer.unsigned]).flatten();
        if attributes.into_iter().any(|attributes| attributes.len() > LONGEST_ATTRIBUTES) {
            return Err(CmsError::TooLarge);
        }
        if parsed.signers.is_empty() { Err(CmsError::NoSigner) } else { Ok(parsed) }
    }

    fn signed_data(reader: &mut der::NestedReader<'_, SliceReader<'d>>) -> der::Result<Self> {
        let version = CmsVersion::decode(reader)?;
        let digest_algorithms = each(body(reader, Tag::Set)?, AlgorithmIdentifierRef::decode)?;
        let (content_type, content) = reader.sequence(|content| {
            let kind = ObjectIdentifier::decode(content)?;
            let octets = if content.is_finished() { None } else { Some(body(content, context(0))?) };
            Ok((kind, octets))
        })?;
        let content =
            content.map(|octets| OctetStringRef::from_der(octets).map(|octets| octets.as_bytes())).transpose()?;
        let certificates = optional(reader, context(0))?;
        let certificates = certificates.map(|set| each(set, Reader::tlv_bytes)).transpose()?.unwrap_or_default();
        optional(reader, context(1))?; // crls: nobody but an accredited verifier has any to give
        let signers = each(body(reader, Tag::Set)?, SignerRef::decode)?;
        Ok(Self { version, digest_algorithms, content_type, content, certificates, signers })
    }

    /// The signed content, where the signature is not detached.
    #[must_use]
    pub fn content(&self) -> Option<&'d [u8]> {
        self.content
    }

    /// Whether what is signed is a timestamp (RFC 3161, 2.4.2).
    pub(crate) fn is_timestamp(&self) -> bool {
        self.content_type == TST_INFO
    }

    /// Certificates in it that no signature names as its own, in DER: to be handed to
    /// [`Anchors::admit`](crate::Anchors::admit), which takes the pinned ones.
    pub fn authorities(&self) -> impl Iterator<Item = &'d [u8]> {
        self.certificates.iter().copied().filter(|der| !self.signers.iter().any(|signer| signer.is_by(der)))
    }

    /// The hash functions by which the signers digested the content.
    pub(super) fn hashes(&self) -> Vec<Hash> {
        let mut hashes: Vec<_> = self.signers.iter().filter_map(SignerRef::hash).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }
}

impl<'d> SignerRef<'d> {
    fn decode(reader: &mut SliceReader<'d>) -> der::Result<Self> {
        reader.sequence(|info| {
            Ok(Self {
                version: CmsVersion::decode(info)?,
                id: SignerIdentifier::decode(info)?,
                digest_algorithm: AlgorithmIdentifierRef::decode(info)?,
                signed: optional(info, context(0))?,
                signature_algorithm: AlgorithmIdentifierRef::decode(info)?,
                signature: OctetStringRef::decode(info)?.as_bytes(),
                unsigned: optional(info, context(1))?,
            })
        })
    }

    pub(super) fn hash(&self) -> Option<Hash> {
        let parameters = self.digest_algorithm.parameters;
        Hash::of_oid(&self.digest_algorithm.oid).filter(|_| parameters.is_none_or(|parameters| parameters.is_null()))
    }
}

/// One attribute, with the bytes of its values.
pub(super) struct AttributeRef<'d> {
    /// Header included.
    pub(super) der: &'d [u8],
    pub(super) oid: ObjectIdentifier,
    pub(super) values: Vec<&'d [u8]>,
}

/// The attributes in a SET OF without its header, in the order in which they are written.
pub(super) fn attributes(set: &[u8]) -> der::Result<Vec<AttributeRef<'_>>> {
    each(set, |reader| {
        let der = reader.tlv_bytes()?;
        let mut attribute = SliceReader::new(der)?;
        let (oid, values) =
            attribute.sequence(|parts| Ok((ObjectIdentifier::decode(parts)?, body(parts, Tag::Set)?)))?;
        Ok(AttributeRef { der, oid, values: each(values, Reader::tlv_bytes)? })
    })
}

/// A signature as it stands in a PDF: DER, then zeros up to the end of its place. `None` when something else follows.
#[must_use]
pub fn without_padding(contents: &[u8]) -> Option<&[u8]> {
    let (der, padding) = contents.split_at_checked(whole_length(contents).ok()?)?;
    padding.iter().all(|&byte| byte == 0).then_some(der)
}

/// Of header and contents together, as the header says.
fn whole_length(bytes: &[u8]) -> der::Result<usize> {
    let header = SliceReader::new(bytes)?.peek_header()?;
    usize::try_from((header.encoded_len()? + header.length)?)
}

/// `[n]`, constructed.
const fn context(number: u8) -> Tag {
    let number = if number == 0 { TagNumber::N0 } else { TagNumber::N1 };
    Tag::ContextSpecific { constructed: true, number }
}

/// The contents of the next value, which must have this tag.
fn body<'d>(reader: &mut impl Reader<'d>, tag: Tag) -> der::Result<&'d [u8]> {
    let header = Header::decode(reader)?;
    header.tag.assert_eq(tag)?;
    reader.read_slice(header.length)
}

fn optional<'d>(reader: &mut impl Reader<'d>, tag: Tag) -> der::Result<Option<&'d [u8]>> {
    let there = !reader.is_finished() && reader.peek_header()?.tag == tag;
    there.then(|| body(reader, tag)).transpose()
}

/// Decodes one after the other to the end; more than [`MOST`] are not even counted.
fn each<'d, T>(bytes: &'d [u8], mut decode: impl FnMut(&mut SliceReader<'d>) -> der::Result<T>) -> der::Result<Vec<T>> {
    let mut reader = SliceReader::new(bytes)?;
    let mut all = Vec::new();
    while !reader.is_finished() {
        if all.len() == MOST {
            return Err(ErrorKind::Overlength.into());
        }
        all.push(decode(&mut reader)?);
    }
    Ok(all)
}
