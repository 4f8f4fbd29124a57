//! What a revocation list (RFC 5280, 6.3) or an OCSP answer (RFC 6960, 3.2) says, processed once more by certval, which
//! nobody here wrote. It sees only what the authority signed: this crate has looked at the signature before.

use crate::revocation::{RevocationStatus, Unusable};
use certval::{
    CertificationPath, CertificationPathResults, CertificationPathSettings, Error, PDVCertificate,
    PDVTrustAnchorChoice, PathValidationStatus, PkiEnvironment, RevocationSource, TimeOfInterest,
    check_revocation_local,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// What was handed in, DER.
pub(crate) enum Fetched<'a> {
    /// CertificateList.
    List(&'a [u8]),
    /// OCSPResponse.
    Answer(&'a [u8]),
}

/// The status that was read here, if certval says the same. Which reason and since when, only this crate tells.
///
/// # Errors
/// [`Unusable::Disputed`].
pub(crate) fn confirmed(
    status: RevocationStatus,
    handed_in: &Fetched<'_>,
    certificate: &[u8],
    issuer: &[u8],
    at: SystemTime,
) -> Result<RevocationStatus, Unusable> {
    let theirs = is_revoked(handed_in, certificate, issuer, at);
    if agree(&status, &theirs) { Ok(status) } else { Err(Unusable::Disputed) }
}

fn agree(ours: &RevocationStatus, theirs: &certval::Result<bool>) -> bool {
    match (ours, theirs) {
        (RevocationStatus::Good { .. }, Ok(revoked)) => !revoked,
        (RevocationStatus::Revoked { .. }, Ok(revoked)) => *revoked,
        _ => false,
    }
}

/// What certval says.
fn is_revoked(handed_in: &Fetched<'_>, certificate: &[u8], issuer: &[u8], at: SystemTime) -> certval::Result<bool> {
    let mut environment = PkiEnvironment::default();
    environment.populate_5280_pki_environment();
    let mut settings = CertificationPathSettings::new();
    let seconds = at.duration_since(UNIX_EPOCH).map_err(|_| Error::Unrecognized)?.as_secs();
    settings.set_time_of_interest(TimeOfInterest::from_unix_secs(seconds)?);
    let anchor = PDVTrustAnchorChoice::try_from(issuer)?;
    let mut path = CertificationPath::new(anchor, Vec::new(), PDVCertificate::try_from(certificate)?);
    match handed_in {
        Fetched::List(list) => path.crls = vec![Some(list.to_vec())],
        Fetched::Answer(answer) => path.ocsp_responses = vec![Some(answer.to_vec())],
    }
    let mut results = CertificationPathResults::new();
    let revoked = match check_revocation_local(&environment, &settings, &path, &mut results) {
        Ok(()) => false,
        Err(Error::PathValidation(PathValidationStatus::CertificateRevokedEndEntity)) => true,
        Err(other) => return Err(other),
    };
    // It also calls good what it was told not to look at.
    let source = match handed_in {
        Fetched::List(_) => RevocationSource::StapledCrl,
        Fetched::Answer(_) => RevocationSource::StapledOcsp,
    };
    if results.get_revocation_source() == Some(vec![source]) { Ok(revoked) } else { Err(Error::Unrecognized) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revocation::RevocationReason;
    use kazasu_fixtures::Persona;
    use std::time::Duration;

    const LIST: &[u8] = include_bytes!("../../fuzz/corpus/revocation/list");
    const ANSWER: &[u8] = include_bytes!("../../fuzz/corpus/revocation/answer");

    /// 2026-11-20T00:00:00Z, when both are current. Both say that the certificate is good.
    fn today() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_132_800)
    }

    fn held(status: RevocationStatus, handed_in: &Fetched<'_>, at: SystemTime) -> Result<RevocationStatus, Unusable> {
        let persona = Persona::named("adult").expect("a persona");
        let file = |id| persona.file("jpki", id).expect("a certificate");
        confirmed(status, handed_in, &file(0x000A), &file(0x000B), at)
    }

    const GOOD: RevocationStatus = RevocationStatus::Good { at: UNIX_EPOCH };
    const REVOKED: RevocationStatus =
        RevocationStatus::Revoked { reason: RevocationReason::CertificateHold, at: UNIX_EPOCH };

    #[test]
    fn only_what_both_say_is_said() {
        let unusable = || Err(Error::Unrecognized);
        for (ours, theirs, said) in [
            (GOOD, Ok(false), true),
            (GOOD, Ok(true), false),
            (GOOD, unusable(), false),
            (REVOKED, Ok(true), true),
            (REVOKED, Ok(false), false),
            (REVOKED, unusable(), false),
            (Unusable::Outdated.into(), Ok(false), false),
        ] {
            assert_eq!(agree(&ours, &theirs), said, "{ours:?}, {theirs:?}");
        }
    }

    #[test]
    fn what_certval_says_too_stands() {
        for handed_in in [Fetched::List(LIST), Fetched::Answer(ANSWER)] {
            assert_eq!(held(GOOD, &handed_in, today()), Ok(GOOD));
        }
    }

    #[test]
    fn what_certval_calls_good_is_not_called_revoked() {
        for handed_in in [Fetched::List(LIST), Fetched::Answer(ANSWER)] {
            assert_eq!(held(REVOKED, &handed_in, today()), Err(Unusable::Disputed));
        }
    }

    #[test]
    fn what_certval_cannot_use_is_not_called_good() {
        let changed = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            *bytes.last_mut().expect("bytes") ^= 1;
            bytes
        };
        let (list, answer) = (changed(LIST), changed(ANSWER));
        let later = today() + Duration::from_secs(2 * 86_400);
        let unusable = [
            ("another signature", Fetched::List(&list), today()),
            ("another signature", Fetched::Answer(&answer), today()),
            ("a list as an answer", Fetched::Answer(LIST), today()),
            ("an answer as a list", Fetched::List(ANSWER), today()),
            ("outdated", Fetched::List(LIST), later),
            ("outdated", Fetched::Answer(ANSWER), later),
            ("before 1970", Fetched::List(LIST), UNIX_EPOCH - Duration::from_secs(1)),
        ];
        for (what, handed_in, at) in unusable {
            assert_eq!(held(GOOD, &handed_in, at), Err(Unusable::Disputed), "{what}");
        }
    }
}
