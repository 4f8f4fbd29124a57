//! The side of the server: the steps in the order that leaves an attacker the least, each a line of the table.

use super::token::{self, NoToken};
use super::{Challenge, Origin, PairwiseId, PairwiseKey};
use crate::algorithm::PublicKey;
use crate::anchors::Anchors;
use crate::certificate::TransientCertificate;
use crate::finding::{Check, Conclusion, Findings, Outcome, Reason, WhyNot};
use crate::nonce::{Nonce, NonceStore};
use crate::path::examine;
use crate::purpose::UserAuthentication;
use crate::revocation::{Revocation, RevocationStatus};
use std::cell::OnceCell;
use std::time::SystemTime;

/// What a server does where nobody says whether a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationDemand {
    /// Refuse. Whoever was asked must have said that the certificate is good.
    Good,
    /// Let in, if nobody was asked at all ([`crate::revocation::NotAsked`]); the table says so. For demonstrations, and
    /// for servers that know what they do: only accredited verifiers can ask, and a lost card logs in until they are
    /// asked. An answer that is no answer still refuses.
    GoodOrNotAsked,
}

/// A server that people log in to.
pub struct Verifier<'a> {
    /// Its own origin, from its configuration, never from a request.
    pub origin: &'a Origin,
    /// Who issues certificates.
    pub anchors: &'a Anchors<UserAuthentication>,
    /// Who knows whether one was revoked. Asked last, and only about a certificate whose key signed this login.
    pub revocation: &'a dyn Revocation<UserAuthentication>,
    /// What the answer must be.
    pub demand: RevocationDemand,
    /// Gives the holder a name that only this server understands.
    pub key: &'a PairwiseKey,
}

/// Somebody logged in. Nothing of the certificate is in here.
#[derive(Debug)]
pub struct Login<S> {
    /// What the server put down beside the nonce. Compare it with the session that the token came in, if that is not
    /// the same by itself: otherwise somebody's browser can be logged in as somebody else.
    pub session: S,
    /// Who.
    pub who: PairwiseId,
    /// What was checked, by whom, what was not.
    pub findings: Findings,
    /// The answer about revocation, with its time.
    pub revocation: RevocationStatus,
}

/// Nobody logged in.
#[derive(Debug)]
pub struct Refused {
    /// What was checked, by whom, what was not.
    pub findings: Findings,
}

impl Refused {
    /// The first line that fails or is missing.
    #[must_use]
    pub fn because(&self) -> Conclusion {
        self.findings.conclusion(&[])
    }
}

impl Verifier<'_> {
    /// One token, the answer to one nonce, at one time. A token that can be read spends the nonce, whatever comes of
    /// it.
    ///
    /// # Errors
    /// [`Refused`], with the table.
    pub fn verify<N: NonceStore>(
        &self,
        token: &[u8],
        nonce: &Nonce,
        nonces: &N,
        at: SystemTime,
    ) -> Result<Login<N::Session>, Refused> {
        let mut session = None;
        let looking = Looking { origin: self.origin, anchors: self.anchors, revocation: self.revocation };
        let (findings, looked) = looking.look(token, nonce, at, || {
            session = nonces.consume(nonce, at);
            if session.is_some() { Outcome::Holds } else { Outcome::Fails(Reason::Nonce) }
        });
        let (Some(session), Some((certificate, revocation))) = (session, looked) else {
            return Err(Refused { findings });
        };
        let unasked = findings.of(Check::Revocation) == Some(Outcome::NotChecked(WhyNot::NotAsked));
        let without: &[Check] =
            if unasked && self.demand == RevocationDemand::GoodOrNotAsked { &[Check::Revocation] } else { &[] };
        match (findings.conclusion(without), certificate.glance()) {
            (Conclusion::EverythingAsked, Ok(glance)) => {
                let who = self.key.name(glance.spki);
                Ok(Login { session, who, findings, revocation })
            }
            _ => Err(Refused { findings }),
        }
    }
}

/// What was found about a token. Nobody is logged in by it.
#[derive(Debug)]
pub struct Inspected {
    /// What was checked, by whom, what was not.
    pub findings: Findings,
    /// The answer about revocation, with its time.
    pub revocation: RevocationStatus,
}

/// Looks at a token where nobody keeps nonces, such as when it is examined later. The line of the nonce says so:
/// whoever gave it out had to see that it was used once.
#[must_use]
pub fn inspect(
    token: &[u8],
    origin: &Origin,
    nonce: &Nonce,
    anchors: &Anchors<UserAuthentication>,
    revocation: &dyn Revocation<UserAuthentication>,
    at: SystemTime,
) -> Inspected {
    let looking = Looking { origin, anchors, revocation };
    let not_kept = || Outcome::NotChecked(WhyNot::NotRemembered);
    let (findings, looked) = looking.look(token, nonce, at, not_kept);
    let revocation = looked.map_or(RevocationStatus::NotChecked { why: WhyNot::Moot }, |(_, revocation)| revocation);
    Inspected { findings, revocation }
}

/// What both need.
struct Looking<'a> {
    origin: &'a Origin,
    anchors: &'a Anchors<UserAuthentication>,
    revocation: &'a dyn Revocation<UserAuthentication>,
}

impl Looking<'_> {
    /// The steps in their order. `spend` says what the line of the nonce says, and is asked once, for a token that
    /// can be read.
    fn look(
        &self,
        token: &[u8],
        nonce: &Nonce,
        at: SystemTime,
        spend: impl FnOnce() -> Outcome,
    ) -> (Findings, Option<(TransientCertificate<UserAuthentication>, RevocationStatus)>) {
        let mut findings = Findings::new();
        if self.anchors.is_test() {
            findings.stamp_as_test();
        }
        let Some(Presented { certificate, key, signature }) = presented(token, &mut findings) else {
            return (unbegun(findings), None);
        };
        // Before any cryptography: of many who come with the same nonce, one gets further.
        let fresh = spend();
        findings.add(Check::Nonce, fresh);
        if matches!(fresh, Outcome::Fails(_)) {
            return (unbegun(findings), None);
        }
        let challenge = Challenge::new(self.origin, nonce);
        let signed = Signed { holds: OnceCell::new(), challenge, key, signature };
        let adapter = Signers { signed: &signed, inner: self.revocation };
        let Ok(examined) = examine(&certificate, self.anchors, at, &adapter) else {
            // It was read once already.
            return (unbegun(findings), None);
        };
        findings.require(Check::LoginSignature, signed.holds(), Reason::Signature);
        findings.extend(&examined.findings);
        (findings, Some((certificate, examined.revocation)))
    }
}

/// A token whose parts can be used, and nothing else is known about them.
struct Presented {
    certificate: TransientCertificate<UserAuthentication>,
    key: PublicKey,
    signature: Vec<u8>,
}

/// Format and algorithm.
fn presented(token: &[u8], findings: &mut Findings) -> Option<Presented> {
    let fails = |findings: &mut Findings, check, reason| {
        findings.add(check, Outcome::Fails(reason));
        None
    };
    let token = match token::read(token) {
        Ok(token) => token,
        Err(NoToken::Unreadable) => return fails(findings, Check::TokenFormat, Reason::TokenUnreadable),
        Err(NoToken::Version) => return fails(findings, Check::TokenFormat, Reason::TokenVersion),
    };
    let Ok(certificate) = TransientCertificate::new(&token.certificate) else {
        return fails(findings, Check::TokenFormat, Reason::TokenUnreadable);
    };
    findings.add(Check::TokenFormat, Outcome::Holds);
    let (Some(algorithm), Ok(key)) = (token.algorithm, certificate.key()) else {
        return fails(findings, Check::TokenAlgorithm, Reason::Weak);
    };
    if key.algorithm() != algorithm {
        return fails(findings, Check::TokenAlgorithm, Reason::OtherAlgorithm);
    }
    findings.add(Check::TokenAlgorithm, Outcome::Holds);
    // One that cannot be written otherwise verifies nothing.
    let signature = algorithm.out_of_token(&token.signature).unwrap_or_default();
    Some(Presented { certificate, key, signature })
}

/// The signature of the very certificate that was examined; looked at once, when somebody wants to know.
struct Signed<'a> {
    holds: OnceCell<bool>,
    challenge: Challenge<'a>,
    key: PublicKey,
    signature: Vec<u8>,
}

impl Signed<'_> {
    fn holds(&self) -> bool {
        *self.holds.get_or_init(|| self.challenge.verify(&self.key, &self.signature).is_ok())
    }
}

/// Asks only about certificates of signers: who is asked may charge for it, and anybody can send somebody else's
/// certificate.
struct Signers<'a> {
    signed: &'a Signed<'a>,
    inner: &'a dyn Revocation<UserAuthentication>,
}

impl Revocation<UserAuthentication> for Signers<'_> {
    fn status(
        &self,
        certificate: &TransientCertificate<UserAuthentication>,
        issuer: &[u8],
        at: SystemTime,
    ) -> RevocationStatus {
        if self.signed.holds() {
            self.inner.status(certificate, issuer, at)
        } else {
            RevocationStatus::NotChecked { why: WhyNot::Moot }
        }
    }
}

/// With the rest of the table: what was not begun.
fn unbegun(mut findings: Findings) -> Findings {
    let token = [Check::TokenFormat, Check::TokenAlgorithm, Check::Nonce, Check::LoginSignature];
    findings.add_unbegun(token.into_iter().chain(Check::of_a_certificate()));
    findings
}
