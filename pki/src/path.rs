//! One tier: a holder's certificate under a pinned authority. All checks are made, and all findings reported.

use crate::algorithm::PublicKey;
use crate::anchors::{Anchors, Issuer};
use crate::certificate::{CertificateError, TransientCertificate};
use crate::finding::{Check, Findings, Outcome, Reason, WhyNot};
use crate::glance::Glance;
use crate::purpose::Purpose;
use crate::revocation::{Revocation, RevocationStatus};
use der::asn1::ObjectIdentifier;
use der::flagset::FlagSet;
use std::time::SystemTime;
use x509_cert::certificate::{Certificate, Version};
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage, KeyUsages,
};

/// id-kp-clientAuth.
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
/// sha256WithRSAEncryption.
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
/// Extensions whose meaning is enforced below, and that may therefore be critical: keyUsage, extKeyUsage, certificatePolicies,
/// basicConstraints.
const UNDERSTOOD: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("2.5.29.15"),
    ObjectIdentifier::new_unwrap("2.5.29.37"),
    ObjectIdentifier::new_unwrap("2.5.29.32"),
    ObjectIdentifier::new_unwrap("2.5.29.19"),
];

/// What was found about a certificate.
pub struct Examined {
    /// The table.
    pub findings: Findings,
    /// The answer about revocation, with its reason and time.
    pub revocation: RevocationStatus,
}

/// Looks at everything (facts 3b.1; RFC 5280, 6.1, for one tier): profile, authority, usages, policy, key, signature, validity at
/// `at`, revocation.
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
    let parsed = certificate.parse()?;
    let mut findings = Findings::new();
    if anchors.is_test() {
        findings.stamp_as_test();
    }
    profile(&parsed, &mut findings);
    let key_id = extension::<AuthorityKeyIdentifier>(&parsed).and_then(|(_, aki)| aki.key_identifier);
    let issuer = key_id.map_or(Issuer::Unknown, |id| anchors.issuer(id.as_bytes()));
    findings.require(Check::Issuer, !matches!(issuer, Issuer::Unknown), Reason::UnknownIssuer);
    usages::<P>(&parsed, anchors.is_test(), &mut findings);
    let key = PublicKey::from_spki(glance.spki);
    findings.require(
        Check::Key,
        key.is_some_and(|key| matches!(key, PublicKey::Rsa(_)) && key.is_strong()),
        Reason::Weak,
    );
    let authority = match issuer {
        Issuer::Known(der) => Some(der),
        Issuer::OnlyPinned => {
            findings.add(Check::IssuerSignature, Outcome::NotChecked(WhyNot::NoIssuerCertificate));
            None
        }
        Issuer::Unknown => {
            findings.add(Check::IssuerSignature, Outcome::NotChecked(WhyNot::Moot));
            None
        }
    };
    if let Some(authority) = authority {
        findings.require(Check::IssuerSignature, signed_by(&glance, authority), Reason::Signature);
    }
    validity(Check::Validity, &glance, at, &mut findings);
    match authority.map(Glance::at) {
        Some(authority) => validity(Check::IssuerValidity, &authority?, at, &mut findings),
        None => findings.add(Check::IssuerValidity, Outcome::NotChecked(WhyNot::NoIssuerCertificate)),
    }
    // Who is asked may charge for it, and learns who was here: not about a certificate that nobody signed.
    let signed = findings.of(Check::IssuerSignature) == Some(Outcome::Holds);
    let revocation = match authority.filter(|_| signed) {
        Some(authority) => revocation.status(certificate, authority, at),
        None => RevocationStatus::NotChecked { why: WhyNot::Moot },
    };
    let (outcome, somebody) = revocation.outcome();
    if somebody {
        findings.add_from_other(Check::Revocation, outcome);
    } else {
        findings.add(Check::Revocation, outcome);
    }
    Ok(Examined { findings, revocation })
}

/// An extension, and whether it is critical. Twice the same, or not decodable: none, which every caller treats as a failure.
fn extension<T: for<'a> der::Decode<'a> + der::oid::AssociatedOid>(certificate: &Certificate) -> Option<(bool, T)> {
    certificate.tbs_certificate.get::<T>().ok().flatten()
}

fn has(certificate: &Certificate, id: ObjectIdentifier) -> bool {
    certificate.tbs_certificate.extensions.iter().flatten().any(|extension| extension.extn_id == id)
}

fn profile(certificate: &Certificate, findings: &mut Findings) {
    let tbs = &certificate.tbs_certificate;
    let extensions = tbs.extensions.as_deref().unwrap_or_default();
    let twice = extensions
        .iter()
        .enumerate()
        .any(|(i, extension)| extensions[..i].iter().any(|earlier| earlier.extn_id == extension.extn_id));
    let unknown = extensions.iter().any(|extension| extension.critical && !UNDERSTOOD.contains(&extension.extn_id));
    let outcome = if tbs.version != Version::V3 || tbs.signature != certificate.signature_algorithm || twice {
        Outcome::Fails(Reason::Profile)
    } else if unknown {
        Outcome::Fails(Reason::UnknownCritical)
    } else {
        Outcome::Holds
    };
    findings.add(Check::CertificateProfile, outcome);
}

fn usages<P: Purpose>(certificate: &Certificate, test: bool, findings: &mut Findings) {
    let wanted = P::KEY_USAGE.iter().fold(FlagSet::<KeyUsages>::default(), |set, usage| set | *usage);
    let usage = extension::<KeyUsage>(certificate);
    let holds = usage.is_some_and(|(critical, KeyUsage(found))| critical && found == wanted);
    findings.require(Check::KeyUsage, holds, Reason::Usage);

    let extended = extension::<ExtendedKeyUsage>(certificate).map(|(_, ExtendedKeyUsage(ids))| ids);
    let holds = if P::CLIENT_AUTH {
        extended.is_some_and(|ids| ids == [CLIENT_AUTH])
    } else {
        !has(certificate, ObjectIdentifier::new_unwrap("2.5.29.37"))
    };
    findings.require(Check::ExtendedKeyUsage, holds, Reason::Usage);

    // A test authority's certificates carry the test policy, and only they may.
    let policy = if test { P::TEST_POLICY } else { P::POLICY };
    let policies = extension::<CertificatePolicies>(certificate);
    let holds = policies.is_some_and(|(critical, CertificatePolicies(policies))| {
        critical && policies.iter().any(|found| found.policy_identifier.to_string() == policy)
    });
    findings.require(Check::Policy, holds, Reason::Policy);

    let holds = !has(certificate, ObjectIdentifier::new_unwrap("2.5.29.19"))
        || extension::<BasicConstraints>(certificate).is_some_and(|(_, constraints)| !constraints.ca);
    findings.require(Check::BasicConstraints, holds, Reason::Authority);
}

/// RSA with SHA-256 by the authority's key, over the very bytes of the certificate.
fn signed_by(certificate: &Glance<'_>, authority: &[u8]) -> bool {
    use der::Decode as _;
    let algorithm = spki::AlgorithmIdentifierRef::from_der(certificate.algorithm);
    let known = algorithm.is_ok_and(|algorithm| {
        algorithm.oid == SHA256_WITH_RSA && algorithm.parameters.is_none_or(|parameters| parameters.is_null())
    });
    let Ok(authority) = Glance::at(authority) else { return false };
    let Some(key @ PublicKey::Rsa(_)) = PublicKey::from_spki(authority.spki) else { return false };
    let digest = key.algorithm().digest(certificate.tbs).digest;
    known && key.is_strong() && key.verify(&digest, certificate.signature).is_ok()
}

fn validity(check: Check, certificate: &Glance<'_>, at: SystemTime, findings: &mut Findings) {
    let outcome = if at < certificate.not_before {
        Outcome::Fails(Reason::NotYet)
    } else if at > certificate.not_after {
        Outcome::Fails(Reason::Expired)
    } else {
        Outcome::Holds
    };
    findings.add(check, outcome);
}
