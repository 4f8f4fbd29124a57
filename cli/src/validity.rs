//! When a certificate ends.

use crate::failure::Failure;
use kazasu_catalogue::Trouble;
use kazasu_pki::glance::Glance;
use std::time::SystemTime;

/// The last day, in Japan, as `YYYY-MM-DD`; and whether it is over.
pub(crate) struct Validity {
    pub(crate) last_day: String,
    pub(crate) expired: bool,
}

impl Validity {
    pub(crate) fn of(der: &[u8]) -> Result<Self, Failure> {
        let glance = Glance::at(der).map_err(|_| Trouble::Unreadable { what: "a certificate" })?;
        Ok(Self { last_day: glance.last_day(), expired: SystemTime::now() > glance.not_after })
    }

    /// Refuses an expired certificate.
    pub(crate) fn check(self, allow_expired: bool) -> Result<(), Failure> {
        if self.expired && !allow_expired { Err(Trouble::Expired { last_day: self.last_day }.into()) } else { Ok(()) }
    }
}
