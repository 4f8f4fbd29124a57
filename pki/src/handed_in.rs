//! Lists and answers about revocation that lie there as files, for whoever looks at what was signed earlier.

use crate::certificate::TransientCertificate;
use crate::crl::{self, RevocationList};
use crate::ocsp::OcspAnswer;
use crate::purpose::Purpose;
use crate::revocation::{Revocation, RevocationReason, RevocationStatus, Unusable};
use std::time::SystemTime;

/// Everything that was handed in, as of the time when somebody looks. One that says "revoked" decides; then one that
/// may have meant that and cannot be used; then one that says "good"; otherwise it is told why none can be used. With
/// nothing in it nobody was asked.
pub struct HandedIn {
    /// Revocation lists, DER.
    pub lists: Vec<Vec<u8>>,
    /// OCSP answers, DER. Which nonce was asked with, nobody remembers.
    pub answers: Vec<Vec<u8>>,
    /// Now. What is asked about may be earlier, where a timestamp says when it was: nothing that was revoked becomes
    /// good again, so what is said now about a certificate that has not ended speaks for then too.
    pub now: SystemTime,
}

impl<P: Purpose> Revocation<P> for HandedIn {
    fn status(&self, certificate: &TransientCertificate<P>, issuer: &[u8], at: SystemTime) -> RevocationStatus {
        let list = |der: &Vec<u8>| {
            let status = RevocationList(der).status(certificate, issuer, self.now);
            let named = matches!(status, RevocationStatus::Unknown { .. })
                && certificate.with_der(|own| crl::names(der, own, issuer));
            (status, named)
        };
        let answer = |der: &Vec<u8>| (OcspAnswer { der, nonce: None }.status(certificate, issuer, self.now), false);
        // The first of those that weigh most.
        let mut found = (0, RevocationStatus::NotChecked { why: crate::finding::WhyNot::NotAsked });
        for (status, named) in self.lists.iter().map(list).chain(self.answers.iter().map(answer)) {
            let status = as_of(status, certificate, at);
            let weight = if named { MAY_MEAN_REVOKED } else { weight(&status) };
            if weight > found.0 {
                found = (weight, status);
            }
        }
        found.1
    }
}

/// What an answer of today says about another time.
fn as_of<P: Purpose>(
    status: RevocationStatus,
    certificate: &TransientCertificate<P>,
    at: SystemTime,
) -> RevocationStatus {
    match status {
        RevocationStatus::Revoked { reason, at: since } if since > at && begins_then(reason) => {
            RevocationStatus::RevokedSince { at, reason, since }
        }
        // A list need not name what has ended (RFC 5280, 3.3).
        RevocationStatus::Good { at: said } if certificate.glance().is_ok_and(|own| said > own.not_after) => {
            Unusable::Outdated.into()
        }
        other => other,
    }
}

/// What ended with the revocation. Of every other reason, also where none is given, nobody can tell since when the key
/// was not the holder's alone.
const fn begins_then(reason: RevocationReason) -> bool {
    use RevocationReason::{AffiliationChanged, CessationOfOperation, Superseded};
    matches!(reason, AffiliationChanged | Superseded | CessationOfOperation)
}

/// Of what cannot be used and speaks of the certificate in another way than "good".
const MAY_MEAN_REVOKED: u8 = 4;

fn weight(status: &RevocationStatus) -> u8 {
    // What a signed answer about the certificate comes to, where it is not "good".
    const SPEAKS_OF_IT: [Unusable; 3] = [Unusable::Disputed, Unusable::Contradiction, Unusable::NotKnown];
    match status {
        RevocationStatus::NotChecked { .. } => 0,
        RevocationStatus::Unknown { why } if SPEAKS_OF_IT.iter().any(|one| why == one.code()) => MAY_MEAN_REVOKED,
        RevocationStatus::Unknown { .. } => 1,
        RevocationStatus::Good { .. } => 2,
        RevocationStatus::RevokedSince { .. } => 3,
        RevocationStatus::Revoked { .. } => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::UNIX_EPOCH;

    #[test]
    fn only_what_says_revoked_outweighs_what_is_disputed() {
        let disputed = weight(&Unusable::Disputed.into());
        assert!([Unusable::Contradiction, Unusable::NotKnown].iter().all(|why| weight(&(*why).into()) == disputed));
        let reason = RevocationReason::Superseded;
        assert!(weight(&RevocationStatus::Revoked { reason, at: UNIX_EPOCH }) > disputed);
        let since = RevocationStatus::RevokedSince { at: UNIX_EPOCH, reason, since: UNIX_EPOCH };
        for other in [since, RevocationStatus::Good { at: UNIX_EPOCH }, Unusable::Outdated.into()] {
            assert!(weight(&other) < disputed, "{other:?}");
        }
    }
}
