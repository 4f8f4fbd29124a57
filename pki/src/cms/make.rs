//! Makes a signature: SignedData with one signer.

use super::attributes::{
    CONTENT_TYPE, DATA, EssCertIdV2, MESSAGE_DIGEST, SIGNED_DATA, SIGNING_CERTIFICATE, SIGNING_TIME,
    SigningCertificateV2, attribute,
};
use crate::algorithm::{Algorithm, DigestToSign};
use crate::certificate::{CertificateError, LONGEST_CERTIFICATE, TransientCertificate};
use crate::hash::{self, Hash};
use crate::purpose::Signing;
use crate::sign::{DisclosureAck, FinishError, PrepareError};
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedAttributes, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use der::asn1::{GeneralizedTime, ObjectIdentifier, OctetString, OctetStringRef, UtcTime};
use der::{Any, Decode as _, Encode as _};
use kazasu_core::Digest;
use sha2::{Digest as _, Sha256};
use spki::AlgorithmIdentifierOwned;
use std::time::SystemTime;
use x509_cert::Certificate;
use x509_cert::time::Time;

/// What a signature says beside the digest of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// RFC 5652 with signing-time: what `adbe.pkcs7.detached` has inside.
    Plain {
        /// What the signer's clock says; a claim.
        signing_time: SystemTime,
    },
    /// CAdES-B-B (ETSI EN 319 122-1): names its certificate with signing-certificate-v2.
    Cades {
        /// What the signer's clock says; a claim. `None` in a PAdES signature, whose PDF carries it.
        signing_time: Option<SystemTime>,
    },
}

/// What may go into the file beside the signature and its certificate.
#[derive(Clone, Copy, Default)]
pub struct Extras<'a> {
    /// The content itself; without it the signature is detached.
    pub content: Option<&'a [u8]>,
    /// Certificates of authorities, in DER.
    pub authorities: &'a [&'a [u8]],
}

/// Phase 1 is done: the signed attributes. Plain bytes that can wait, be sent or be stored; they name nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    algorithm: Algorithm,
    attributes: Vec<u8>,
}

/// Phase 1, without a card: `content` is the digest of what is signed, by the hash function of the certificate's key
/// ([`Algorithm::hash`]).
///
/// # Errors
/// [`PrepareError`].
pub fn prepare(
    content: &Digest,
    certificate: &TransientCertificate<Signing>,
    profile: Profile,
    _: DisclosureAck,
) -> Result<Prepared, PrepareError> {
    let algorithm = certificate.key()?.algorithm();
    if Hash::that_made(content) != algorithm.hash() {
        return Err(PrepareError::OtherHash(algorithm));
    }
    // What cannot be finished is not begun.
    certificate.with_der(canonical)?;
    let (cades, signing_time) = match profile {
        Profile::Plain { signing_time } => (false, Some(signing_time)),
        Profile::Cades { signing_time } => (true, signing_time),
    };
    let signing_time = signing_time.map(time).transpose().map_err(|_| PrepareError::Time)?;
    let certificate = cades.then(|| certificate.with_der(|der| Sha256::digest(der)));
    let attributes = attributes(hash::bytes(content), signing_time, certificate.as_ref().map(|digest| &digest[..]));
    Ok(Prepared { algorithm, attributes: attributes.map_err(|_| CertificateError::Unreadable)? })
}

impl Prepared {
    /// What the card signs.
    #[must_use]
    pub fn to_be_signed(&self) -> DigestToSign {
        self.algorithm.digest(&self.attributes)
    }

    /// The signed attributes in DER, as a SET OF: the message of the signature.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.attributes
    }

    /// The other way round, for the certificate that it was prepared for.
    ///
    /// # Errors
    /// [`FinishError::NotPrepared`], [`FinishError::Certificate`].
    pub fn from_bytes(
        bytes: &[u8],
        certificate: &TransientCertificate<Signing>,
        _: DisclosureAck,
    ) -> Result<Self, FinishError> {
        let attributes = SignedAttributes::from_der(bytes).map_err(|_| FinishError::NotPrepared)?;
        if attributes.to_der().ok().as_deref() != Some(bytes) {
            return Err(FinishError::NotPrepared);
        }
        Ok(Self { algorithm: certificate.key()?.algorithm(), attributes: bytes.to_vec() })
    }

    /// Phase 2: ContentInfo with SignedData in DER.
    ///
    /// # Errors
    /// [`FinishError`]: nothing is returned that the certificate's key does not verify.
    pub fn finish(
        &self,
        certificate: &TransientCertificate<Signing>,
        signature: &[u8],
        extras: Extras<'_>,
    ) -> Result<Vec<u8>, FinishError> {
        let key = certificate.key()?;
        if key.algorithm() != self.algorithm {
            return Err(FinishError::OtherCertificate);
        }
        let attributes = SignedAttributes::from_der(&self.attributes).map_err(|_| FinishError::NotPrepared)?;
        certificate.with_der(|der| about(&attributes, self.algorithm, der, extras.content))?;
        key.verify(&self.to_be_signed().digest, signature)?;
        let own = certificate.with_der(canonical)?;
        assemble(own, attributes, self.algorithm, signature, extras)
    }
}

/// At most so many bytes come out of [`Prepared::finish`] with a detached signature, for a certificate and
/// authorities of these sizes in bytes: for whoever must leave room before there is a signature, or even a
/// certificate ([`LONGEST_CERTIFICATE`]).
#[must_use]
pub const fn size_bound(certificate: usize, authorities: usize) -> usize {
    // The issuer's name is there twice; a signature has 256 bytes, the attributes about as many, algorithms and
    // headers the rest.
    2 * certificate + authorities + 1_024
}

/// The parsed certificate, if writing it again gives the same bytes: it goes into the file in that way.
fn canonical(der: &[u8]) -> Result<Certificate, CertificateError> {
    let certificate = Certificate::from_der(der).map_err(|_| CertificateError::Unreadable)?;
    match certificate.to_der() {
        Ok(again) if again == der => Ok(certificate),
        _ => Err(CertificateError::Unreadable),
    }
}

fn authority(der: &[u8]) -> Result<Certificate, FinishError> {
    let authority = if der.len() > LONGEST_CERTIFICATE { None } else { canonical(der).ok() };
    authority.ok_or(FinishError::Authority)
}

/// Whether a certificate can go into a signature, the holder's or an authority's ([`Extras::authorities`]), so that a host finds out
/// before the card signs.
///
/// # Errors
/// [`FinishError::Authority`].
pub fn check_certificate(der: &[u8]) -> Result<(), FinishError> {
    authority(der).map(|_| ())
}

/// RFC 5652, 11.3: UTCTime until 2049, in whole seconds.
fn time(at: SystemTime) -> der::Result<Time> {
    Ok(match UtcTime::from_system_time(at) {
        Ok(time) => time.into(),
        Err(_) => GeneralizedTime::from_system_time(at)?.into(),
    })
}

fn attributes(content: &[u8], time: Option<Time>, certificate: Option<&[u8]>) -> der::Result<Vec<u8>> {
    let mut attributes = SignedAttributes::new();
    attributes.insert(attribute(CONTENT_TYPE, &DATA)?)?;
    attributes.insert(attribute(MESSAGE_DIGEST, &OctetStringRef::new(content)?)?)?;
    if let Some(time) = time {
        attributes.insert(attribute(SIGNING_TIME, &time)?)?;
    }
    if let Some(digest) = certificate {
        let id = EssCertIdV2 { hash_algorithm: None, cert_hash: OctetString::new(digest)?, issuer_serial: None };
        attributes
            .insert(attribute(SIGNING_CERTIFICATE, &SigningCertificateV2 { certs: vec![id], policies: None })?)?;
    }
    attributes.to_der()
}

/// Whether the attributes are about this certificate, and about this content where that is at hand.
fn about(
    attributes: &SignedAttributes,
    algorithm: Algorithm,
    certificate: &[u8],
    content: Option<&[u8]>,
) -> Result<(), FinishError> {
    let value = |oid: ObjectIdentifier| {
        attributes.iter().find(|attribute| attribute.oid == oid).and_then(|attribute| attribute.values.get(0))
    };
    let digest = value(MESSAGE_DIGEST).and_then(|value| value.decode_as::<OctetString>().ok());
    let digest = digest.ok_or(FinishError::NotPrepared)?;
    if content.is_some_and(|content| hash::bytes(&algorithm.digest(content).digest) != digest.as_bytes()) {
        return Err(FinishError::OtherContent);
    }
    let Some(named) = value(SIGNING_CERTIFICATE) else { return Ok(()) };
    let named = named.decode_as::<SigningCertificateV2>().map_err(|_| FinishError::NotPrepared)?;
    let same = named.certs.first().is_some_and(|id| id.cert_hash.as_bytes() == &Sha256::digest(certificate)[..]);
    if same { Ok(()) } else { Err(FinishError::OtherCertificate) }
}

fn assemble(
    own: Certificate,
    attributes: SignedAttributes,
    algorithm: Algorithm,
    signature: &[u8],
    extras: Extras<'_>,
) -> Result<Vec<u8>, FinishError> {
    let mut certificates = vec![CertificateChoices::Certificate(own.clone())];
    for der in extras.authorities {
        certificates.push(CertificateChoices::Certificate(authority(der)?));
    }
    encode(own, certificates, attributes, algorithm, signature, extras.content).map_err(|_| FinishError::NotPrepared)
}

fn encode(
    own: Certificate,
    certificates: Vec<CertificateChoices>,
    attributes: SignedAttributes,
    algorithm: Algorithm,
    signature: &[u8],
    content: Option<&[u8]>,
) -> der::Result<Vec<u8>> {
    // RFC 5754, 2: parameters absent.
    let digest_algorithm = AlgorithmIdentifierOwned { oid: algorithm.hash().oid(), parameters: None };
    let signer = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: own.tbs_certificate.issuer,
            serial_number: own.tbs_certificate.serial_number,
        }),
        digest_alg: digest_algorithm.clone(),
        signed_attrs: Some(attributes),
        signature_algorithm: signature_algorithm(algorithm),
        signature: OctetString::new(signature)?,
        unsigned_attrs: None,
    };
    let content = content.map(OctetStringRef::new).transpose()?;
    let signed = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: [digest_algorithm].try_into()?,
        encap_content_info: EncapsulatedContentInfo {
            econtent_type: DATA,
            econtent: content.map(|content| Any::encode_from(&content)).transpose()?,
        },
        certificates: Some(CertificateSet(certificates.try_into()?)),
        crls: None,
        signer_infos: SignerInfos([signer].try_into()?),
    };
    ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(&signed)? }.to_der()
}

/// RFC 5754, 3.2 (parameters NULL) and 3.3 (absent).
fn signature_algorithm(algorithm: Algorithm) -> AlgorithmIdentifierOwned {
    match algorithm {
        Algorithm::Rs256 => AlgorithmIdentifierOwned {
            oid: ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"),
            parameters: Some(Any::null()),
        },
        Algorithm::Es384 => {
            AlgorithmIdentifierOwned { oid: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), parameters: None }
        }
    }
}
