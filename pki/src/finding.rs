//! What was checked, by whom, and what was not: the table in every result.

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

#[cfg(feature = "server")]
pub(crate) use coded;

coded! {
    /// One thing to be looked at. Lines come in this order.
    Check {
        // ---- a certificate
        /// Version 3, one signature algorithm in both places, no critical extension that is not understood.
        CertificateProfile = "certificate-profile",
        /// Its authority key identifier names a pinned authority of this purpose. Never the name: all generations
        /// share it.
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
        /// The authority's own certificate is an authority's: self-signed, CA:TRUE and keyCertSign, both critical, a
        /// strong key.
        IssuerCertificate = "issuer-certificate",
        /// Whether it had been revoked.
        Revocation = "revocation",

        // ---- a genuine card (genuine.rs)
        /// The nonce was given out by this verifier, has not expired, and is used for the first time.
        Nonce = "nonce",
        /// The text application's municipality certificate names an authority of that application.
        TextAuthority = "text-authority",
        /// That authority's key signed it.
        TextCertificate = "text-certificate",
        /// The municipality signed the card's own key (EF 0007 of the text application).
        TextKey = "text-key",
        /// That key signed the nonce: the chip was there.
        TextPresence = "text-presence",
        /// The municipality signed the integrity record (EF 0003).
        TextIntegrity = "text-integrity",
        /// Name, address, birth date and sex are those of the integrity record.
        TextAttributes = "text-attributes",
        /// The My Number is that of the integrity record. Only where the verifier itself has the number.
        TextNumber = "text-number",
        /// The surface application's municipality certificate names an authority of that application.
        SurfaceAuthority = "surface-authority",
        /// That authority's key signed it.
        SurfaceCertificate = "surface-certificate",
        /// The municipality signed the card face (EF 0002): its signature opens, and holds three digests.
        FaceSignature = "face-signature",
        /// First digest: birth date, sex and the card's own key.
        FacePerson = "face-person",
        /// Second digest: the images of name and address.
        FaceImages = "face-images",
        /// Third digest: the photo.
        FacePhoto = "face-photo",
        /// The expiry date on the card face; nobody signed it.
        FaceExpiry = "face-expiry",
        /// The image of the security code on the card face; nobody signed it.
        FaceSecurityCode = "face-security-code",
        /// Anything else in the card face; nobody signed it, and nobody here knows what it is.
        FaceRest = "face-rest",
        /// The municipality signed the birth-date record (EF 0001 of the surface application).
        BirthRecord = "birth-record",
        /// The municipality signed the image of the My Number (EF 0005). Only where the verifier itself has the image.
        NumberImage = "number-image",
        /// All records of the surface application name one card key.
        SurfaceKey = "surface-key",
        /// That key signed the nonce: the chip was there.
        SurfacePresence = "surface-presence",
        /// Both applications' certificates are one municipality's.
        Municipality = "municipality",
        /// Both applications name the same birth date, and the same sex where both say it.
        SamePerson = "same-person",
        /// The key of the holder's certificate signed nonce and audience: somebody entered the PIN.
        HolderSignature = "holder-signature",
        /// The holder's certificate is on the card that was there.
        HolderCard = "holder-card",

        // ---- a signature in CMS
        /// SignedData and SignerInfo of the right versions, with what they use listed; signed attributes are there.
        CmsProfile = "cms-profile",
        /// The file carries one certificate that the signer's identifier names.
        SignerCertificate = "signer-certificate",
        /// What other certificates the file carries are pinned authorities', to the byte.
        OtherCertificates = "other-certificates",
        /// Digest and signature algorithms belong together and are strong.
        SignatureAlgorithm = "signature-algorithm",
        /// The signed attributes are in DER, each there once with one value.
        SignedAttributes = "signed-attributes",
        /// The signed content type is the one of the content.
        ContentType = "content-type",
        /// The signed digest is the one of the content.
        ContentDigest = "content-digest",
        /// The signature names its certificate itself (signing-certificate-v2), and it is the one that was looked at.
        SigningCertificate = "signing-certificate",
        /// The certificate's key made the signature over the signed attributes.
        SignatureValue = "signature-value",
        /// The time that the signer claims is within the certificate's validity and not in the future. Nobody vouches
        /// for it.
        ClaimedTime = "claimed-time",
        /// The timestamp is about this signature, that of a document about all in front of it.
        TimestampImprint = "timestamp-imprint",
        /// The key of the certificate in the timestamp signed it.
        TimestampSignature = "timestamp-signature",
        /// That certificate is for timestamps, and of an authority that the caller believes.
        TimestampAuthority = "timestamp-authority",
        /// The time of the timestamp is not in the future. The authority vouches for it.
        TimestampTime = "timestamp-time",
        /// Whether the certificate of the time-stamping authority had been revoked. Never looked at here.
        TimestampRevocation = "timestamp-revocation",

        // ---- a signature in a PDF
        /// Tables and objects are exact, so that every program finds the same ones.
        PdfStructure = "pdf-structure",
        /// ByteRange begins with the file, leaves out its own Contents and nothing else, and ends where a revision of
        /// the file ends.
        PdfByteRange = "pdf-byte-range",
        /// Contents is one CMS structure with nothing behind it, and belongs to this one signature dictionary.
        PdfContents = "pdf-contents",
        /// Filter and SubFilter name a kind of signature that is understood here, and the CMS inside is of that kind.
        PdfKind = "pdf-kind",
        /// Nothing was added to the file later but further signatures.
        PdfLaterChanges = "pdf-later-changes",

        // ---- a login token (login.rs)
        /// Not longer than a token is, one JSON object with each member once, in a version of the format that is known.
        TokenFormat = "token-format",
        /// The algorithm is one that is known, and the one that the certificate's key signs with.
        TokenAlgorithm = "token-algorithm",
        /// The certificate's key signed this server's origin and the nonce: somebody entered the PIN.
        LoginSignature = "login-signature",
    }
}

impl Check {
    /// What is looked at in every certificate.
    pub(crate) fn of_a_certificate() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|check| *check <= Self::Revocation)
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

        // ---- a genuine card (genuine.rs)
        /// Never given out, used before, expired, or another one than was signed.
        Nonce = "nonce",
        /// Too short, too long, or not what the card's file has.
        Unreadable = "unreadable",
        /// The signature is the right key's, but over other bytes.
        Altered = "altered",
        /// The signature is the right key's, but not over a SHA-256 digest, or over another number of them.
        DigestAlgorithm = "digest-algorithm",
        /// The authority is one of another application of the card.
        WrongChain = "wrong-chain",
        /// Two records name different keys of the card.
        OtherKey = "other-key",
        /// Two records name different municipalities.
        OtherMunicipality = "other-municipality",
        /// Two records name different people.
        OtherPerson = "other-person",

        // ---- certificates, continued
        /// The certificate calls its authority by another name or number than the authority's own.
        IssuerName = "issuer-name",
        /// The issuer's certificate does not say that it is an authority which may sign certificates.
        NotAnAuthority = "not-an-authority",
        /// The certificate says that it is the one of the card's other key.
        OtherPurpose = "other-purpose",
        // ---- a signature in CMS
        /// The file carries no certificate that is the signer's.
        NoCertificate = "no-certificate",
        /// The file carries several certificates that could be the signer's.
        Ambiguous = "ambiguous",
        /// Not in DER, or not in its order.
        NotDer = "not-der",
        /// Not there.
        Missing = "missing",
        /// There twice, or with several values.
        Repeated = "repeated",
        /// There, but not readable.
        Malformed = "malformed",
        /// Says something else than what it is about.
        Mismatch = "mismatch",
        /// The content is not what was signed.
        Changed = "changed",
        /// Names another certificate.
        OtherCertificate = "other-certificate",
        /// Later than now.
        Future = "future",

        // ---- a signature in a PDF
        /// It is damaged, or programs read it in different ways.
        Structure = "structure",
        /// ByteRange is not four numbers that begin with the file and stay in it.
        ByteRange = "byte-range",
        /// ByteRange ends before its revision does.
        ByteRangeShort = "byte-range-short",
        /// ByteRange leaves out something else than the Contents of its own dictionary.
        ByteRangeGap = "byte-range-gap",
        /// Contents holds something else than one CMS structure, or something behind it.
        Contents = "contents",
        /// Another signature dictionary, or another field, lays claim to the same place.
        SecondDictionary = "second-dictionary",
        /// Filter or SubFilter is not understood, or the CMS inside is of another kind.
        PdfKind = "pdf-kind",
        /// Later additions changed more than further signatures need.
        ChangedLater = "changed-later",
        /// A later signature draws on a page: what it shows now is not what was signed.
        DrawnOverLater = "drawn-over-later",

        // ---- a login token (login.rs)
        /// Too long, not one JSON object with each member once, or a member that is not what it should be.
        TokenUnreadable = "token-unreadable",
        /// Another format, or a major version of it that is not known.
        TokenVersion = "token-version",
        /// The algorithm is not the one that the certificate's key signs with.
        OtherAlgorithm = "other-algorithm",
    }
}

coded! {
    /// Why nobody looked.
    WhyNot {
        /// An earlier check failed, and without it this one says nothing.
        Moot = "moot",
        /// Only the key identifier of the authority is known here; its certificate was not handed in.
        NoIssuerCertificate = "no-issuer-certificate",
        /// The certificate says that it is a test card's, and the authority is none of those that are believed.
        TestPolicy = "test-policy",
        /// Only accredited verifiers can ask, and no answer was handed in.
        NotAsked = "not-asked",
        /// The one who was asked does not know.
        Unknown = "unknown",

        // ---- a genuine card (genuine.rs)
        /// Nobody signed it, so nobody can check it.
        NotSigned = "not-signed",
        /// What is needed for it was not handed in.
        NotHandedIn = "not-handed-in",
        /// This verifier keeps no nonces: whoever gave this one out has to see that it is used once.
        NotRemembered = "not-remembered",
        /// Nothing on the card links the two; both signed the same nonce, and that is all.
        NothingLinks = "nothing-links",

        // ---- a signature in CMS
        /// The signature is detached, and the content was not handed in.
        NoContent = "no-content",
        /// The signature names a digest of another hash function than the one that was handed in.
        OtherHash = "other-hash",
        /// It is in the file, but nothing that was looked at rests on it.
        NothingRests = "nothing-rests-on-it",
        /// The caller named no time-stamping authority that it believes.
        NoTimestampAuthority = "no-timestamp-authority",
        /// Kazasu does not look at this.
        NotLookedAt = "not-looked-at",

        // ---- a signature in a PDF
        /// What was added later looks like further signatures alone; but programs read additions in different ways,
        /// and one may show something else. Only the last signature covers the file as it is.
        AddedLater = "added-later",
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

impl By {
    fn of(outcome: Outcome) -> Self {
        if matches!(outcome, Outcome::NotChecked(_)) { Self::Nobody } else { Self::Kazasu }
    }
}

impl Findings {
    pub(crate) fn new() -> Self {
        Self { lines: Vec::new(), test: false }
    }

    pub(crate) fn add(&mut self, check: Check, outcome: Outcome) {
        self.lines.push(Finding { check, outcome, by: By::of(outcome) });
    }

    /// Of a line that is there: what is known now.
    pub(crate) fn replace(&mut self, check: Check, outcome: Outcome) {
        let by = By::of(outcome);
        for line in self.lines.iter_mut().filter(|line| line.check == check) {
            (line.outcome, line.by) = (outcome, by);
        }
    }

    /// [`Outcome::Holds`] or the reason.
    pub(crate) fn require(&mut self, check: Check, holds: bool, reason: Reason) {
        self.add(check, if holds { Outcome::Holds } else { Outcome::Fails(reason) });
    }

    /// A line for each of these that has none yet: something before it failed.
    pub(crate) fn add_unbegun(&mut self, checks: impl Iterator<Item = Check>) {
        for check in checks {
            if self.of(check).is_none() {
                self.add(check, Outcome::NotChecked(WhyNot::Moot));
            }
        }
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

    /// What the lines say together. What the caller can do without is named check by check: nothing is left out by
    /// itself.
    #[must_use]
    pub fn conclusion(&self, without: &[Check]) -> Conclusion {
        let mut missing = None;
        // Of what nobody looked at, a content that is not there comes first: without it there is nothing that was
        // signed.
        let no_content =
            |line: &&Finding| matches!(line.outcome, Outcome::NotChecked(WhyNot::NoContent | WhyNot::OtherHash));
        for line in self.lines.iter().filter(no_content).chain(&self.lines) {
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
