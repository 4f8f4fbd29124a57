//! What was checked, by whom, and what was not: the table in every result.

use crate::revocation::RevocationReason;
use std::fmt;

/// Gives each variant a stable code, for programs; people get its words from the catalogue.
macro_rules! coded {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All of them, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Stable, for programs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

coded! {
    /// One thing to be looked at. Lines come in this order.
    Check {
        // ---- a certificate
        /// Version 3, one signature algorithm in both places, no critical extension that is not understood.
        CertificateProfile = "certificate-profile",
        /// Its authority key identifier names a pinned authority of this purpose. Never the name: all generations share it.
        Issuer = "issuer",
        /// keyUsage: digitalSignature alone for user authentication, with nonRepudiation for signing.
        KeyUsage = "key-usage",
        /// extendedKeyUsage: clientAuth for user authentication, none for signing.
        ExtendedKeyUsage = "extended-key-usage",
        /// certificatePolicies, critical, with this purpose's policy.
        Policy = "policy",
        /// basicConstraints: absent, or not an authority.
        BasicConstraints = "basic-constraints",
        /// Key and algorithm are of this card generation: RSA of 2048 bits or more with exponent 65537.
        Key = "key",
        /// The authority's key made the certificate's signature.
        IssuerSignature = "issuer-signature",
        /// The certificate was within its validity at the time in question.
        Validity = "validity",
        /// The authority's own certificate was within its validity at the time in question.
        IssuerValidity = "issuer-validity",
        /// Whether it had been revoked.
        Revocation = "revocation",

        // ---- a login token (login.rs)
        /// Not longer than a token is, one JSON object with each member once, in a version of the format that is known.
        TokenFormat = "token-format",
        /// The algorithm is one that is known, and the one that the certificate's key signs with.
        TokenAlgorithm = "token-algorithm",
        /// The nonce was given out by this verifier, has not expired, and is used for the first time.
        Nonce = "nonce",
        /// The certificate's key signed this server's origin and the nonce: somebody entered the PIN.
        LoginSignature = "login-signature",
    }
}

coded! {
    /// Why a check failed.
    Reason {
        /// Not what the profile of these certificates says.
        Profile = "profile",
        /// A critical extension that nobody here understands.
        UnknownCritical = "unknown-critical",
        /// The authority is none of the pinned ones of this purpose.
        UnknownIssuer = "unknown-issuer",
        /// A key may not be used for this.
        Usage = "usage",
        /// The policy is another one, or not critical.
        Policy = "policy",
        /// An authority's certificate where a holder's is needed.
        Authority = "authority",
        /// A key or an algorithm that is too weak or not known.
        Weak = "weak",
        /// The signature was made by another key, or over other bytes.
        Signature = "signature",
        /// Before its first instant.
        NotYet = "not-yet",
        /// After its last instant.
        Expired = "expired",
        /// Revoked.
        Revoked = "revoked",

        // ---- a login token (login.rs)
        /// Too long, not one JSON object with each member once, or a member that is not what it should be.
        TokenUnreadable = "token-unreadable",
        /// Another format, or a major version of it that is not known.
        TokenVersion = "token-version",
        /// The algorithm is not the one that the certificate's key signs with.
        OtherAlgorithm = "other-algorithm",
        /// Never given out, used before, or expired.
        Nonce = "nonce",
    }
}

coded! {
    /// Why nobody looked.
    WhyNot {
        /// An earlier check failed, and without it this one says nothing.
        Moot = "moot",
        /// Only the key identifier of the authority is known here; its certificate was not handed in.
        NoIssuerCertificate = "no-issuer-certificate",
        /// Only accredited verifiers can ask, and no answer was handed in.
        NotAsked = "not-asked",
        /// The one who was asked does not know.
        Unknown = "unknown",
    }
}

/// Who looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// This library.
    Kazasu,
    /// Somebody whose answer was handed in: an accredited verifier, a revocation list, a time-stamping authority.
    Other,
    /// Nobody.
    Nobody,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is so.
    Holds,
    /// It is not so.
    Fails(Reason),
    /// Nobody looked.
    NotChecked(WhyNot),
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub check: Check,
    /// How it went.
    pub outcome: Outcome,
    /// Who looked.
    pub by: By,
}

/// What all lines together say about what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Each line holds, but for those that the caller said it can do without.
    EverythingAsked,
    /// This line fails; there may be more.
    Fails(Check, Reason),
    /// Nothing fails, but nobody looked at this.
    NotEverything(Check, WhyNot),
}

/// The table. In the order of [`Check`]; a check that was not even begun is a line too.
#[derive(Clone, PartialEq, Eq)]
pub struct Findings {
    lines: Vec<Finding>,
    test: bool,
}

impl Findings {
    pub(crate) fn new() -> Self {
        Self { lines: Vec::new(), test: false }
    }

    pub(crate) fn add(&mut self, check: Check, outcome: Outcome) {
        let by = if matches!(outcome, Outcome::NotChecked(_)) { By::Nobody } else { By::Kazasu };
        self.lines.push(Finding { check, outcome, by });
    }

    /// [`Outcome::Holds`] or the reason.
    pub(crate) fn require(&mut self, check: Check, holds: bool, reason: Reason) {
        self.add(check, if holds { Outcome::Holds } else { Outcome::Fails(reason) });
    }

    pub(crate) fn add_from_other(&mut self, check: Check, outcome: Outcome) {
        self.lines.push(Finding { check, outcome, by: By::Other });
    }

    /// Something that only tests trust took part.
    pub(crate) fn stamp_as_test(&mut self) {
        self.test = true;
    }

    /// The lines of another table, after these.
    pub fn extend(&mut self, other: &Self) {
        self.lines.extend_from_slice(&other.lines);
        self.test |= other.test;
    }

    /// Every line.
    #[must_use]
    pub fn lines(&self) -> &[Finding] {
        &self.lines
    }

    /// How one check went; `None` where it has no place in this result.
    #[must_use]
    pub fn of(&self, check: Check) -> Option<Outcome> {
        self.lines.iter().find(|line| line.check == check).map(|line| line.outcome)
    }

    /// Whether trust rests on test anchors. Such a result says nothing about a real card.
    #[must_use]
    pub fn test(&self) -> bool {
        self.test
    }

    /// What the lines say together. What the caller can do without is named check by check: nothing is left out by itself.
    #[must_use]
    pub fn conclusion(&self, without: &[Check]) -> Conclusion {
        let mut missing = None;
        for line in &self.lines {
            match line.outcome {
                Outcome::Holds => {}
                Outcome::Fails(reason) => return Conclusion::Fails(line.check, reason),
                Outcome::NotChecked(why) if missing.is_none() && !without.contains(&line.check) => {
                    missing = Some(Conclusion::NotEverything(line.check, why));
                }
                Outcome::NotChecked(_) => {}
            }
        }
        match missing {
            Some(missing) => missing,
            None if self.lines.is_empty() => Conclusion::NotEverything(Check::ALL[0], WhyNot::NotAsked),
            None => Conclusion::EverythingAsked,
        }
    }
}

impl fmt::Debug for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.lines).finish()
    }
}

impl From<RevocationReason> for Reason {
    fn from(_: RevocationReason) -> Self {
        Self::Revoked
    }
}
