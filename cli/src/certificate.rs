//! The little that the command line needs of a certificate: when it ends, its PEM, and who is believed.

use crate::failure::Failure;
use der::pem::LineEnding;
use kazasu_catalogue::{Part, Trouble};
use kazasu_fixtures::authorities;
use kazasu_pki::glance::Glance;
use kazasu_pki::{Anchors, Purpose, Signing};
use std::time::SystemTime;

pub(crate) fn glance(der: &[u8]) -> Result<Glance<'_>, Failure> {
    Glance::at(der).map_err(|_| Trouble::Unreadable { what: Part::Certificate }.into())
}

/// The last day, in Japan, as `YYYY-MM-DD`; and whether it is over.
pub(crate) struct Validity {
    pub(crate) last_day: String,
    pub(crate) expired: bool,
}

impl Validity {
    pub(crate) fn of(der: &[u8]) -> Result<Self, Failure> {
        let certificate = glance(der)?;
        Ok(Self { last_day: certificate.last_day(), expired: SystemTime::now() > certificate.not_after })
    }

    /// Refuses an expired certificate to sign with.
    pub(crate) fn check(self, allow_expired: bool) -> Result<(), Failure> {
        if self.expired && !allow_expired { Err(self.refused(false)) } else { Ok(()) }
    }

    /// Refuses an expired certificate to log in with, whatever anybody allows.
    pub(crate) fn check_for_login(self) -> Result<(), Failure> {
        if self.expired { Err(self.refused(true)) } else { Ok(()) }
    }

    fn refused(self, login: bool) -> Failure {
        Trouble::Expired { last_day: self.last_day, login }.into()
    }
}

/// J-LIS's authorities, of which the card brought one certificate; or, only when that was asked for, those of the
/// demonstration.
pub(crate) fn anchors<P: Purpose>(test: bool, from_card: Option<&[u8]>) -> Result<Anchors<P>, Failure> {
    if test {
        return test_anchors();
    }
    let mut anchors = Anchors::production();
    if let Some(der) = from_card {
        // One that is not pinned stays outside, and the table says so.
        let _ = anchors.admit(der);
    }
    Ok(anchors)
}

/// The authorities above the demonstration cards, and nobody else; results are stamped.
fn test_anchors<P: Purpose>() -> Result<Anchors<P>, Failure> {
    let unreadable = || Failure::from(Trouble::Unreadable { what: Part::TestAuthorities });
    let test = if P::CODE == Signing::CODE { &authorities::SIGNING } else { &authorities::USER_AUTHENTICATION };
    let [first, second] = test.map(|pem| der::pem::decode_vec(pem.as_bytes()).map(|(_, der)| der));
    let (first, second) = (first.map_err(|_| unreadable())?, second.map_err(|_| unreadable())?);
    Anchors::test_only(&[&first, &second]).map_err(|_| unreadable())
}

/// `-----BEGIN CERTIFICATE-----` …
pub(crate) fn pem(der: &[u8]) -> Result<String, Failure> {
    let pem = der::pem::encode_string("CERTIFICATE", LineEnding::LF, der);
    pem.map_err(|_| Trouble::Unreadable { what: Part::Certificate }.into())
}
