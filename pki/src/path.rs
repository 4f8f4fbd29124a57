//! One tier: a holder's certificate under a pinned authority. All checks are made, and all findings reported.

use crate::algorithm::{PublicKey, Scheme};
use crate::anchors::{Anchors, Issuer};
use crate::authority::{Authority, SUBJECT_KEY_IDENTIFIER};
use crate::certificate::{CertificateError, TransientCertificate};
use crate::finding::{Check, Findings, Outcome, Reason, WhyNot};
use crate::glance::{Extension, Glance};
use crate::hash::Hash;
use crate::purpose::Purpose;
use crate::revocation::{Revocation, RevocationStatus};
use crate::strict::{is_general_names, is_name, is_well_formed};
use der::asn1::{Ia5StringRef, IntRef, ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Encode as _};
use std::time::SystemTime;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, CertificatePolicies, CrlDistributionPoints,
};

pub(crate) const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
pub(crate) const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
pub(crate) const CRL_DISTRIBUTION_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
pub(crate) const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const CERTIFICATE_POLICIES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32");
pub(crate) const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const ISSUER_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.18");
const AUTHORITY_INFO_ACCESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.1");
/// Extensions whose meaning is enforced below, and that may therefore be critical.
const UNDERSTOOD: [ObjectIdentifier; 4] = [KEY_USAGE, EXTENDED_KEY_USAGE, CERTIFICATE_POLICIES, BASIC_CONSTRAINTS];
/// id-qt-cps, the one policy qualifier of these certificates.
const CPS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.2.1");

/// ExtKeyUsageSyntax of id-kp-clientAuth alone, DER.
const CLIENT_AUTH: [u8; 12] = [0x30, 0x0A, 0x06, 0x08, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];
/// BasicConstraints that say nothing, and so no authority, DER.
const NO_AUTHORITY: [u8; 2] = [0x30, 0x00];

/// What was found about a certificate.
pub struct Examined {
    /// The table.
    pub findings: Findings,
    /// The answer about revocation, with its reason and time.
    pub revocation: RevocationStatus,
    /// Which pinned authority is named as issuer, such as `signca03`, and so which generation; `None` for any other.
    pub authority: Option<&'static str>,
}

/// Looks at everything (J-LIS's certificate profile 3.2; RFC 5280, 6.1, for one tier): profile, authority, usages,
/// policy, key, signature, validity at `at`, revocation.
///
/// Stricter than RFC 5280 where the profile of these certificates is: names are compared byte by byte, and what no such
/// certificate has is refused.
///
/// # Errors
/// [`CertificateError::Unreadable`] when there is nothing to look at.
pub fn examine<P: Purpose>(
    certificate: &TransientCertificate<P>,
    anchors: &Anchors<P>,
    at: SystemTime,
    revocation: &dyn Revocation<P>,
) -> Result<Examined, CertificateError> {
    let glance = certificate.glance()?;
    let mut findings = Findings::new();
    if anchors.is_test() {
        findings.stamp_as_test();
    }
    let look = |result: Result<(), Reason>| result.map_or_else(Outcome::Fails, |()| Outcome::Holds);
    findings.add(Check::CertificateProfile, look(profile(&glance)));
    let named = authority_key_identifier(&glance);
    let key_id = named.as_ref().and_then(|named| named.key_identifier.as_ref()).map(|id| id.as_bytes());
    let issuer = key_id.map_or(Issuer::Unknown, |id| anchors.issuer(id));
    let authority = match issuer {
        Issuer::Known(authority) => Some(authority),
        Issuer::OnlyPinned | Issuer::Unknown => None,
    };
    let outcome = match (&issuer, authority, &named) {
        (Issuer::Unknown, ..) => Err(Reason::UnknownIssuer),
        (_, Some(authority), Some(named)) if !is_called(authority, &glance, named) => Err(Reason::IssuerName),
        _ => Ok(()),
    };
    findings.add(Check::Issuer, look(outcome));
    usages::<P>(&glance, anchors.is_test(), !matches!(issuer, Issuer::Unknown), &mut findings);
    let key = glance.key();
    let strong = key.is_some_and(|key| matches!(key, PublicKey::Rsa(_)) && key.is_strong());
    findings.require(Check::Key, strong, Reason::Weak);
    let Some(authority) = authority else {
        let why = match issuer {
            Issuer::OnlyPinned => WhyNot::NoIssuerCertificate,
            _ => WhyNot::Moot,
        };
        findings.add(Check::IssuerSignature, Outcome::NotChecked(why));
        validity(Check::Validity, glance.not_before, glance.not_after, at, &mut findings);
        findings.add(Check::IssuerValidity, Outcome::NotChecked(why));
        findings.add(Check::IssuerCertificate, Outcome::NotChecked(why));
        findings.add(Check::Revocation, Outcome::NotChecked(WhyNot::Moot));
        let revocation = RevocationStatus::NotChecked { why: WhyNot::Moot };
        return Ok(Examined { findings, revocation, authority: key_id.and_then(|id| anchors.name(id)) });
    };
    let signed = authority.key.as_ref().is_some_and(|key| is_signed_by(&glance, key));
    findings.require(Check::IssuerSignature, signed, Reason::Signature);
    validity(Check::Validity, glance.not_before, glance.not_after, at, &mut findings);
    validity(Check::IssuerValidity, authority.not_before, authority.not_after, at, &mut findings);
    findings.add(Check::IssuerCertificate, look(authority.sound));
    // Who is asked may charge for it, and learns who was here: not about a certificate that nobody signed.
    let revocation = if signed {
        revocation.status(certificate, &authority.der, at)
    } else {
        RevocationStatus::NotChecked { why: WhyNot::Moot }
    };
    let (outcome, somebody) = revocation.outcome();
    if somebody {
        findings.add_from_other(Check::Revocation, outcome);
    } else {
        findings.add(Check::Revocation, outcome);
    }
    Ok(Examined { findings, revocation, authority: key_id.and_then(|id| anchors.name(id)) })
}

/// Version 3 in strict DER, one algorithm in both places, a positive serial number of at most 20 bytes, proper names;
/// no extension twice, none critical that is not understood, none that cannot be read.
pub(crate) fn profile(certificate: &Glance<'_>) -> Result<(), Reason> {
    let serial = IntRef::from_der(certificate.serial).map_err(|_| Reason::Profile)?.as_bytes();
    let positive = serial.first().is_some_and(|first| first & 0x80 == 0) && serial.iter().any(|byte| *byte != 0);
    let fields = certificate.version == Some(2)
        && certificate.algorithm == certificate.algorithm_inside
        && !certificate.unique_ids
        && positive
        && serial.len() <= 20
        && is_name(certificate.issuer)
        && is_name(certificate.subject)
        && is_well_formed(certificate.tbs);
    let twice = certificate
        .extensions()
        .enumerate()
        .any(|(place, extension)| certificate.extensions().take(place).any(|earlier| earlier.id == extension.id));
    if !fields || twice || !certificate.extensions().all(|extension| is_readable(&extension)) {
        return Err(Reason::Profile);
    }
    let understood = |extension: Extension<'_>| !extension.critical || UNDERSTOOD.contains(&extension.id);
    if certificate.extensions().all(understood) { Ok(()) } else { Err(Reason::UnknownCritical) }
}

/// Whether an extension that is known here is what it should be. Those with a check of their own are read there.
fn is_readable(extension: &Extension<'_>) -> bool {
    let value = extension.value;
    let fits = match extension.id {
        SUBJECT_ALT_NAME | ISSUER_ALT_NAME => is_general_names(value),
        SUBJECT_KEY_IDENTIFIER => OctetStringRef::from_der(value).is_ok(),
        AUTHORITY_KEY_IDENTIFIER => AuthorityKeyIdentifier::from_der(value).is_ok(),
        CRL_DISTRIBUTION_POINTS => CrlDistributionPoints::from_der(value)
            .is_ok_and(|points| !points.0.is_empty() && points.0.iter().all(is_place)),
        AUTHORITY_INFO_ACCESS => AuthorityInfoAccessSyntax::from_der(value).is_ok_and(|ways| !ways.0.is_empty()),
        KEY_USAGE | EXTENDED_KEY_USAGE | CERTIFICATE_POLICIES | BASIC_CONSTRAINTS => true,
        _ => return true,
    };
    fits && is_well_formed(value)
}

/// Whether the names in a distribution point are names.
fn is_place(point: &DistributionPoint) -> bool {
    let Some(DistributionPointName::FullName(names)) = &point.distribution_point else { return true };
    names.iter().all(|name| match name {
        GeneralName::DirectoryName(name) => name.to_der().is_ok_and(|name| is_name(&name)),
        _ => true,
    })
}

fn authority_key_identifier(certificate: &Glance<'_>) -> Option<AuthorityKeyIdentifier> {
    AuthorityKeyIdentifier::from_der(certificate.extension(AUTHORITY_KEY_IDENTIFIER)?.value).ok()
}

/// Whether the certificate calls this authority by its own name, and by its own number where it gives one.
fn is_called(authority: &Authority, certificate: &Glance<'_>, named: &AuthorityKeyIdentifier) -> bool {
    let is_its = |name: &GeneralName| match name {
        GeneralName::DirectoryName(name) => name.to_der().is_ok_and(|name| name == authority.issuer),
        _ => false,
    };
    let names = named.authority_cert_issuer.as_ref();
    let serial = named.authority_cert_serial_number.as_ref();
    certificate.issuer == authority.subject
        && names.is_none_or(|names| names.iter().any(is_its))
        && serial.is_none_or(|serial| Some(serial) == authority.serial.as_ref())
        && names.is_some() == serial.is_some()
}

/// The usages are so short that there is one way to write each: compared byte by byte.
fn usages<P: Purpose>(certificate: &Glance<'_>, test: bool, known: bool, findings: &mut Findings) {
    let usage = certificate.extension(KEY_USAGE);
    let holds = usage.is_some_and(|usage| usage.critical && usage.value == P::KEY_USAGE);
    let named = policies(certificate);
    let other = [P::Other::POLICY, P::Other::TEST_POLICY].iter().any(|policy| named.contains(policy));
    findings.require(Check::KeyUsage, holds, if other { Reason::OtherPurpose } else { Reason::Usage });

    let extended = certificate.extension(EXTENDED_KEY_USAGE).map(|extended| extended.value);
    let holds = extended == P::CLIENT_AUTH.then_some(&CLIENT_AUTH[..]);
    findings.require(Check::ExtendedKeyUsage, holds, Reason::Usage);

    // A policy is its authority's: an unknown one's says nothing. A test authority's certificates carry the test
    // policy, and only they may.
    let policy = if test { P::TEST_POLICY } else { P::POLICY };
    let policies = certificate.extension(CERTIFICATE_POLICIES).filter(|extension| extension.critical);
    if known {
        let holds = policies.is_some_and(|extension| has_policy(extension.value, policy));
        findings.require(Check::Policy, holds, Reason::Policy);
    } else {
        let says_test = [P::TEST_POLICY, P::Other::TEST_POLICY].iter().any(|policy| named.contains(policy));
        let why = if says_test { WhyNot::TestPolicy } else { WhyNot::Moot };
        findings.add(Check::Policy, Outcome::NotChecked(why));
    }

    let constraints = certificate.extension(BASIC_CONSTRAINTS);
    let holds = constraints.is_none_or(|constraints| constraints.value == NO_AUTHORITY);
    findings.require(Check::BasicConstraints, holds, Reason::Authority);
}

/// Which policies a certificate names; none where they cannot be read.
pub(crate) fn policies(certificate: &Glance<'_>) -> Vec<ObjectIdentifier> {
    let policies = certificate.extension(CERTIFICATE_POLICIES);
    let policies = policies.and_then(|extension| CertificatePolicies::from_der(extension.value).ok());
    policies.into_iter().flat_map(|policies| policies.0).map(|policy| policy.policy_identifier).collect()
}

/// This policy, no policy twice, and no qualifier but the address of a practice statement: a critical policy that is
/// not understood as a whole is refused (RFC 5280, 4.2.1.4).
fn has_policy(extension: &[u8], policy: ObjectIdentifier) -> bool {
    let Ok(CertificatePolicies(policies)) = CertificatePolicies::from_der(extension) else { return false };
    let once = policies.iter().enumerate().all(|(place, found)| {
        policies.iter().take(place).all(|earlier| earlier.policy_identifier != found.policy_identifier)
    });
    let mut qualifiers = policies.iter().flat_map(|found| found.policy_qualifiers.iter().flatten());
    once && policies.iter().any(|found| found.policy_identifier == policy)
        && qualifiers.all(|qualifier| {
            let address = qualifier.qualifier.as_ref().map(|value| value.decode_as::<Ia5StringRef<'_>>());
            qualifier.policy_qualifier_id == CPS && matches!(address, Some(Ok(_)))
        })
}

/// RSA with SHA-256 by this key, over the very bytes of the certificate.
pub(crate) fn is_signed_by(certificate: &Glance<'_>, key: &PublicKey) -> bool {
    is_rsa_sha256(certificate.algorithm)
        && matches!(key, PublicKey::Rsa(_))
        && key.is_strong()
        && key.verify(&key.algorithm().digest(certificate.tbs).digest, certificate.signature).is_ok()
}

/// sha256WithRSAEncryption, with NULL or, as RFC 4055 wants to be accepted, without parameters.
pub(crate) fn is_rsa_sha256(algorithm: &[u8]) -> bool {
    spki::AlgorithmIdentifierRef::from_der(algorithm).is_ok_and(|algorithm| {
        let plain = |parameters: der::asn1::AnyRef<'_>| parameters == der::asn1::AnyRef::NULL;
        Scheme::of_oid(&algorithm.oid) == Some(Scheme::Rsa(Some(Hash::Sha256)))
            && algorithm.parameters.is_none_or(plain)
    })
}

fn validity(check: Check, from: SystemTime, to: SystemTime, at: SystemTime, findings: &mut Findings) {
    let outcome = if at < from {
        Outcome::Fails(Reason::NotYet)
    } else if at > to {
        Outcome::Fails(Reason::Expired)
    } else {
        Outcome::Holds
    };
    findings.add(check, outcome);
}
