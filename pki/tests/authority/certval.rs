//! certval's opinion about a certificate under one authority, and about a list or an answer beside it.

use certval::{
    CertificationPath, CertificationPathResults, CertificationPathSettings, PDVCertificate, PDVTrustAnchorChoice,
    PkiEnvironment, TimeOfInterest, check_revocation_local, validate_path_rfc5280,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// What stands beside the certificate.
#[allow(dead_code, reason = "each test program uses a part")]
pub(crate) enum Beside<'a> {
    Nothing,
    List(&'a [u8]),
    Answer(&'a [u8]),
}

/// `Ok` when it accepts the certificate, and calls it not revoked if something stands beside it.
pub(crate) fn opinion(der: &[u8], ca: &[u8], policy: &str, at: SystemTime, beside: Beside<'_>) -> Result<(), String> {
    let said = |error: certval::Error| format!("{error:?}");
    let mut environment = PkiEnvironment::default();
    environment.populate_5280_pki_environment();
    let mut settings = CertificationPathSettings::new();
    let seconds = at.duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
    settings.set_time_of_interest(TimeOfInterest::from_unix_secs(seconds).map_err(|error| error.to_string())?);
    settings.set_require_ta_store(false);
    settings.set_initial_explicit_policy_indicator(true);
    settings.set_initial_policy_set(vec![policy.to_owned()]);
    let target = PDVCertificate::try_from(der).map_err(|error| error.to_string())?;
    let anchor = PDVTrustAnchorChoice::try_from(ca).map_err(|error| error.to_string())?;
    let mut path = CertificationPath::new(anchor, Vec::new(), target);
    let mut results = CertificationPathResults::new();
    validate_path_rfc5280(&environment, &settings, &path, &mut results).map_err(said)?;
    match beside {
        Beside::Nothing => return Ok(()),
        Beside::List(list) => path.crls = vec![Some(list.to_vec())],
        Beside::Answer(answer) => path.ocsp_responses = vec![Some(answer.to_vec())],
    }
    check_revocation_local(&environment, &settings, &path, &mut results).map_err(said)
}
