//! Timestamps (RFC 3161): asked for and attached as bytes. Who carries them over the network is the caller.

use crate::algorithm::{PublicKey, Scheme};
use crate::authority::{CERT_SIGN, CRL_SIGN, claims_authority, may};
use crate::cms::{CmsError, Naming, SIGNED_DATA, SignedFile, TIMESTAMP};
use crate::finding::{Check, Findings, Outcome, Reason, WhyNot};
use crate::glance::Glance;
use crate::hash::{self, Hash};
use crate::path::{BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, profile};
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerInfos};
use der::asn1::{GeneralizedTime, Int, ObjectIdentifier, OctetString};
use der::{Any, Decode, Encode as _, Reader as _, SliceReader, Tag};
use kazasu_core::Digest;
use spki::AlgorithmIdentifierOwned;
use std::time::SystemTime;
use thiserror::Error;
use x509_cert::attr::Attribute;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage};
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion};

/// id-ct-TSTInfo.
pub(crate) const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// id-kp-timeStamping.
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
/// Bits of keyUsage.
const DIGITAL_SIGNATURE: usize = 0;
const NON_REPUDIATION: usize = 1;
const KEY_ENCIPHERMENT: usize = 2;
/// A token with a chain of certificates is about 6 KB.
pub const LONGEST_RESPONSE: usize = 65_536;

/// Why there is no timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TimestampError {
    /// The file.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// Several signatures, or a file whose bytes would change.
    #[error("only a file with one signature that Kazasu made can take a timestamp")]
    NotOurs,
    /// One is enough.
    #[error("there is a timestamp already")]
    Already,
    /// The signature does not hold, or what it is about was changed. A timestamp would only say since when.
    #[error("the signature fails, so a timestamp would prove nothing")]
    Fails,
    /// Not what [`prepare`] returned for this file.
    #[error("not a request for a timestamp (RFC 3161) of this signature; ask again")]
    Request,
    /// Not an answer of a time-stamping authority, or longer than [`LONGEST_RESPONSE`].
    #[error("not an answer of a time-stamping authority (RFC 3161)")]
    Unreadable,
    /// The authority refused; its PKIStatus.
    #[error("the time-stamping authority refused (PKIStatus {0}); ask its operator")]
    Refused(u8),
    /// The answer is about something else.
    #[error("the timestamp is about something else; ask again")]
    OtherImprint,
    /// The answer is to another request.
    #[error("the timestamp answers another request (nonce); ask again")]
    OtherNonce,
    /// The token's own signature.
    #[error("the timestamp is not signed by the certificate that it carries; ask again or another authority")]
    Signature,
}

/// A request about the signature in a signed file, in DER: to be sent as `application/timestamp-query`. The nonce is
/// 16 random bytes, new for each request.
///
/// # Errors
/// [`TimestampError::Cms`], and whatever [`attach`] would refuse: [`TimestampError::NotOurs`],
/// [`TimestampError::Already`], [`TimestampError::Fails`].
pub fn prepare(signed: &[u8], nonce: [u8; 16]) -> Result<Vec<u8>, TimestampError> {
    prepare_about(signed, None, nonce)
}

/// The same for a signature about bytes that are at hand, in pieces.
pub(crate) fn prepare_about(
    signed: &[u8],
    about: Option<&[&[u8]]>,
    nonce: [u8; 16],
) -> Result<Vec<u8>, TimestampError> {
    let file = SignedFile::parse(signed)?;
    if file.is_timestamp() {
        return Err(TimestampError::Already);
    }
    let [signer] = &file.signers[..] else { return Err(TimestampError::NotOurs) };
    writable(signed)?;
    let inside = file.content().map(|content| [content]);
    let digests = about.or(inside.as_ref().map(<[_; 1]>::as_slice)).map(|pieces| {
        let mut hasher = file.hasher();
        pieces.iter().for_each(|piece| hasher.update(piece));
        hasher.finish()
    });
    let certificate = file.certificate_of(signer).map_err(|_| TimestampError::Fails)?;
    // What is beside the signature, and not at hand, is not looked at.
    let digests: Vec<_> = digests.iter().collect();
    let lines = file.signature_lines(signer, &digests, Some(certificate), Naming::Free);
    for (check, outcome) in lines {
        let asked = check == Check::SignatureValue || check == Check::ContentDigest && !digests.is_empty();
        match outcome {
            Outcome::Fails(Reason::Signature | Reason::Changed) if asked => return Err(TimestampError::Fails),
            Outcome::Holds => {}
            // Of what cannot be looked at here nobody knows what a timestamp would prove.
            _ if asked => return Err(TimestampError::NotOurs),
            _ => {}
        }
    }
    request(signer.signature, nonce).map_err(|_| TimestampError::NotOurs)
}

fn request(signature: &[u8], mut nonce: [u8; 16]) -> der::Result<Vec<u8>> {
    // A positive INTEGER of always the same length.
    nonce[0] = nonce[0] & 0x7F | 0x40;
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: MessageImprint {
            hash_algorithm: AlgorithmIdentifierOwned { oid: Hash::Sha256.oid(), parameters: Some(Any::null()) },
            hashed_message: OctetString::new(hash::bytes(&Hash::Sha256.digest(signature)))?,
        },
        req_policy: None,
        nonce: Some(Int::new(&nonce)?),
        cert_req: true,
        extensions: None,
    };
    request.to_der()
}

/// Puts the answer (`application/timestamp-reply`) to a request into the signed file, as an unsigned attribute.
/// Whether the authority is believed is looked at later, with [`SignedFile::verify`].
///
/// # Errors
/// [`TimestampError`].
pub fn attach(signed: &[u8], request: &[u8], response: &[u8]) -> Result<Vec<u8>, TimestampError> {
    let file = SignedFile::parse(signed)?;
    let [signer] = &file.signers[..] else { return Err(TimestampError::NotOurs) };
    let data = writable(signed)?;
    let unreadable = |_| TimestampError::Unreadable;
    if response.len() > LONGEST_RESPONSE {
        return Err(TimestampError::Unreadable);
    }
    let request = TimeStampReq::from_der(request).map_err(|_| TimestampError::Request)?;
    let imprint = &request.message_imprint;
    let own = Hash::Sha256.digest(signer.signature);
    if imprint.hash_algorithm.oid != Hash::Sha256.oid() || imprint.hashed_message.as_bytes() != hash::bytes(&own) {
        return Err(TimestampError::Request);
    }
    let response = TimeStampResp::from_der(response).map_err(unreadable)?;
    // granted, grantedWithMods
    let status = response.status.status as u8;
    if status > 1 {
        return Err(TimestampError::Refused(status));
    }
    let token = response.time_stamp_token.ok_or(TimestampError::Unreadable)?.to_der().map_err(unreadable)?;
    let asked = request.nonce.as_ref().map(Int::as_bytes);
    if info_of(&token).ok_or(TimestampError::Unreadable)?.nonce.as_deref() != asked {
        return Err(TimestampError::OtherNonce);
    }
    let looked = look(&token, &|hash| hash.digest(signer.signature), &[], SystemTime::UNIX_EPOCH);
    let holds = |check| looked.lines.contains(&(check, Outcome::Holds));
    if !holds(Check::TimestampImprint) {
        return Err(TimestampError::OtherImprint);
    }
    if !holds(Check::TimestampSignature) {
        return Err(TimestampError::Signature);
    }
    with_token(data, &token).map_err(|_| TimestampError::NotOurs)
}

/// One whose signature takes a timestamp: it would be written in the same way again, and has nothing unsigned yet.
fn writable(signed: &[u8]) -> Result<SignedData, TimestampError> {
    let read = || -> der::Result<_> {
        let data: SignedData = ContentInfo::from_der(signed)?.content.decode_as()?;
        Ok((written(&data)? == signed).then_some(data))
    };
    let data = read().ok().flatten().ok_or(TimestampError::NotOurs)?;
    let unsigned = || data.signer_infos.0.iter().flat_map(|signer| &signer.unsigned_attrs);
    if unsigned().any(|attributes| attributes.iter().any(|attribute| attribute.oid == TIMESTAMP)) {
        return Err(TimestampError::Already);
    }
    if unsigned().next().is_some() { Err(TimestampError::NotOurs) } else { Ok(data) }
}

fn written(data: &SignedData) -> der::Result<Vec<u8>> {
    ContentInfo { content_type: SIGNED_DATA, content: Any::encode_from(data)? }.to_der()
}

/// Into the only signer.
fn with_token(mut data: SignedData, token: &[u8]) -> der::Result<Vec<u8>> {
    let token = Attribute { oid: TIMESTAMP, values: [Any::from_der(token)?].try_into()? };
    let mut signers = data.signer_infos.0.into_vec();
    for signer in &mut signers {
        signer.unsigned_attrs = Some([token.clone()].try_into()?);
    }
    data.signer_infos = SignerInfos(signers.try_into()?);
    written(&data)
}

/// What a timestamp says.
pub(crate) struct Looked {
    pub(crate) time: Option<SystemTime>,
    pub(crate) lines: Vec<(Check, Outcome)>,
}

/// Nothing of it can be looked at.
pub(crate) fn fails(reason: Reason) -> Looked {
    Looked { time: None, lines: vec![(Check::TimestampImprint, Outcome::Fails(reason))] }
}

/// Looks at a token about something whose digest is asked for. `authorities` are certificates that the caller believes;
/// `now` is the latest time that a timestamp may have.
pub(crate) fn look(token: &[u8], digest: &dyn Fn(Hash) -> Digest, authorities: &[&[u8]], now: SystemTime) -> Looked {
    match SignedFile::parse(token) {
        Ok(file) => look_at(&file, digest, authorities, now),
        Err(_) => fails(Reason::Malformed),
    }
}

pub(crate) fn look_at(
    file: &SignedFile<'_>,
    digest: &dyn Fn(Hash) -> Digest,
    authorities: &[&[u8]],
    now: SystemTime,
) -> Looked {
    let Some(content) = file.content() else { return fails(Reason::Malformed) };
    let Ok(info) = parse(content) else { return fails(Reason::Malformed) };
    let ([signer], TST_INFO) = (&file.signers[..], file.content_type) else { return fails(Reason::Profile) };
    let imprint = match info.hash.map(digest) {
        None => Outcome::Fails(Reason::Weak),
        Some(digest) if hash::bytes(&digest) == info.imprint => Outcome::Holds,
        Some(_) => Outcome::Fails(Reason::Mismatch),
    };
    let mut hasher = file.hasher();
    hasher.update(content);
    let certificate = file.certificate_of(signer);
    let lines = file.signature_lines(signer, &[&hasher.finish()], certificate.ok(), Naming::OfATimestamp);
    // That the signature names its certificate (RFC 5816) says whose it is, not whether it was made.
    let (named, lines): (Vec<_>, Vec<_>) =
        lines.into_iter().partition(|(check, _)| *check == Check::SigningCertificate);
    let signed = match (certificate, lines.into_iter().find(|(_, outcome)| *outcome != Outcome::Holds)) {
        (Err(reason), _) => Outcome::Fails(reason),
        (Ok(_), None) => Outcome::Holds,
        (Ok(_), Some((_, Outcome::Fails(reason)))) => Outcome::Fails(reason),
        (Ok(_), Some(_)) => Outcome::Fails(Reason::Signature),
    };
    let authority = match (certificate, named.first()) {
        (Err(_), _) => Outcome::NotChecked(WhyNot::Moot),
        (Ok(_), Some((_, Outcome::Fails(reason)))) => Outcome::Fails(*reason),
        (Ok(certificate), _) => authority(certificate, authorities, info.time),
    };
    // What is not an authority's word about this says nothing.
    let vouched = [imprint, signed, authority].iter().all(|line| *line == Outcome::Holds);
    let time = match (info.time > now, vouched) {
        (true, _) => Outcome::Fails(Reason::Future),
        (false, true) => Outcome::Holds,
        (false, false) => Outcome::NotChecked(WhyNot::Moot),
    };
    Looked {
        time: Some(info.time),
        lines: vec![
            (Check::TimestampImprint, imprint),
            (Check::TimestampSignature, signed),
            (Check::TimestampAuthority, authority),
            (Check::TimestampTime, time),
            (Check::TimestampRevocation, Outcome::NotChecked(WhyNot::NotLookedAt)),
        ],
    }
}

impl Looked {
    /// Its lines go into a table; when it says that it was.
    pub(crate) fn told(self, findings: &mut Findings) -> Option<SystemTime> {
        for (check, outcome) in self.lines {
            match (check, outcome) {
                (Check::TimestampTime, Outcome::Holds) => findings.add_from_other(check, outcome),
                _ => findings.add(check, outcome),
            }
        }
        self.time
    }

    /// When the signature was there, if everything that is looked at holds.
    pub(crate) fn proven(&self) -> Option<SystemTime> {
        let mut asked = self.lines.iter().filter(|(check, _)| *check != Check::TimestampRevocation);
        self.time.filter(|_| asked.all(|(_, outcome)| *outcome == Outcome::Holds))
    }
}

/// For timestamps alone (RFC 3161, 2.3), no authority itself, within its validity when it signed, and one of those
/// believed or issued by one of them. Each certificate is held to what every certificate here is held to.
fn authority(der: &[u8], authorities: &[&[u8]], at: SystemTime) -> Outcome {
    match own(der, at) {
        Err(reason) => Outcome::Fails(reason),
        Ok(_) if authorities.is_empty() => Outcome::NotChecked(WhyNot::NoTimestampAuthority),
        Ok(glance) if authorities.iter().any(|believed| *believed == der || issued(believed, &glance, at)) => {
            Outcome::Holds
        }
        Ok(_) => Outcome::Fails(Reason::UnknownIssuer),
    }
}

/// The authority's own certificate, whoever issued it.
fn own(der: &[u8], at: SystemTime) -> Result<Glance<'_>, Reason> {
    let glance = Glance::at(der).map_err(|_| Reason::Malformed)?;
    profile(&glance)?;
    let purposes = glance.extension(EXTENDED_KEY_USAGE).filter(|extension| extension.critical);
    let purposes = purposes.and_then(|extension| ExtendedKeyUsage::from_der(extension.value).ok());
    if purposes.is_none_or(|ExtendedKeyUsage(ids)| ids != [TIME_STAMPING]) {
        return Err(Reason::Usage);
    }
    let signs = may(&glance, DIGITAL_SIGNATURE) || may(&glance, NON_REPUDIATION);
    // EncipherOnly and DecipherOnly are of no use without KeyAgreement.
    if !signs || (KEY_ENCIPHERMENT..=CRL_SIGN).any(|bit| may(&glance, bit)) {
        return Err(Reason::Usage);
    }
    if claims_authority(&glance) {
        return Err(Reason::Authority);
    }
    match (at < glance.not_before, at > glance.not_after) {
        (true, _) => Err(Reason::NotYet),
        (_, true) => Err(Reason::Expired),
        _ => Ok(glance),
    }
}

/// Whether this authority issued the certificate, and may issue certificates.
fn issued(authority: &[u8], certificate: &Glance<'_>, at: SystemTime) -> bool {
    let Ok(own) = Glance::at(authority) else { return false };
    let algorithm = spki::AlgorithmIdentifierRef::from_der(certificate.algorithm);
    let hash = match algorithm.ok().and_then(|algorithm| Scheme::of_oid(&algorithm.oid)) {
        Some(Scheme::Rsa(Some(hash))) => hash,
        Some(Scheme::EcdsaSha384) => Hash::Sha384,
        Some(Scheme::Rsa(None)) | None => return false,
    };
    let constraints = own.extension(BASIC_CONSTRAINTS).filter(|extension| extension.critical);
    let constraints = constraints.and_then(|extension| BasicConstraints::from_der(extension.value).ok());
    let Some(key) = PublicKey::from_spki(own.spki) else { return false };
    profile(&own).is_ok()
        && constraints.is_some_and(|constraints| constraints.ca)
        && may(&own, CERT_SIGN)
        && certificate.issuer == own.subject
        && (own.not_before..=own.not_after).contains(&at)
        && key.is_strong()
        && key.verify(&hash.digest(certificate.tbs), certificate.signature).is_ok()
}

/// TSTInfo (RFC 3161, 2.4.2): what is needed of it.
struct Info {
    /// `None` for a hash function that is too weak or not known.
    hash: Option<Hash>,
    imprint: Vec<u8>,
    time: SystemTime,
    nonce: Option<Vec<u8>>,
}

fn info_of(token: &[u8]) -> Option<Info> {
    parse(SignedFile::parse(token).ok()?.content()?).ok()
}

/// Read here and not by x509-tsp, which refuses times with fractions of a second; authorities use them.
fn parse(content: &[u8]) -> der::Result<Info> {
    let mut reader = SliceReader::new(content)?;
    let info = reader.sequence(|info| {
        TspVersion::decode(info)?;
        ObjectIdentifier::decode(info)?; // policy
        let imprint = MessageImprint::decode(info)?;
        info.tlv_bytes()?; // serialNumber
        let time = time(info.tlv_bytes()?)?;
        let mut nonce = None;
        while !info.is_finished() {
            match info.peek_header()?.tag {
                Tag::Integer => nonce = Some(Int::decode(info)?.as_bytes().to_vec()),
                _ => drop(info.tlv_bytes()?),
            }
        }
        let hash = Hash::of_oid(&imprint.hash_algorithm.oid);
        Ok(Info { hash, imprint: imprint.hashed_message.as_bytes().to_vec(), time, nonce })
    })?;
    reader.finish(info)
}

/// GeneralizedTime, down to the second.
fn time(der: &[u8]) -> der::Result<SystemTime> {
    let Some(point) = der.iter().position(|&byte| byte == b'.') else {
        return Ok(GeneralizedTime::from_der(der)?.to_system_time());
    };
    let (whole, fraction) = der.split_at(point);
    let digits = fraction.strip_prefix(b".").and_then(|fraction| fraction.strip_suffix(b"Z")).unwrap_or_default();
    // X.690, 11.7: digits, the last of which is not 0.
    if !digits.iter().all(u8::is_ascii_digit) || digits.last().is_none_or(|&last| last == b'0') {
        return Err(Tag::GeneralizedTime.value_error());
    }
    let whole = whole.get(2..).unwrap_or_default();
    let mut again = vec![0x18, u8::try_from(whole.len() + 1).unwrap_or(0)];
    again.extend_from_slice(whole);
    again.push(b'Z');
    Ok(GeneralizedTime::from_der(&again)?.to_system_time())
}
