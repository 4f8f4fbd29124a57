//! Whom a verification believes.

use crate::error::Answer;
use kazasu_catalogue::DocumentTrouble;
use kazasu_pki::anchors::{AnchorError, pinned};
use kazasu_pki::cv::{Chain, CvAuthorities, CvAuthority};
use kazasu_pki::{Anchors, Purpose, Signing, UserAuthentication};
use std::sync::Arc;

/// An application of the card whose records a municipality signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum RecordsOf {
    /// 券面事項入力補助AP.
    Text,
    /// 券面事項確認AP.
    Surface,
}

/// A key above municipalities' certificates, for tests.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TestMunicipalAuthority {
    /// Where it certifies.
    pub records: RecordsOf,
    /// What certificates call it: 16 bytes.
    pub id: Vec<u8>,
    /// Big-endian, 256 bytes; the exponent is 65537.
    pub modulus: Vec<u8>,
}

/// The authorities that are believed.
#[derive(uniffi::Object)]
pub struct Authorities {
    signing: Vec<Vec<u8>>,
    authentication: Vec<Vec<u8>>,
    municipal: Vec<CvAuthority>,
    timestamps: Vec<Vec<u8>>,
    test: bool,
}

#[uniffi::export]
impl Authorities {
    /// Those of J-LIS. Their certificates are public, but not in here: hand in those of the card, or of files of
    /// J-LIS's, in DER; what is not one of the pinned ones is refused. Certificates that go along with a signature or a
    /// proof need not be handed in.
    #[uniffi::constructor]
    pub fn production(certificates: Vec<Vec<u8>>, timestamp_authorities: Vec<Vec<u8>>) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        let (signing, others): (Vec<_>, Vec<_>) =
            certificates.into_iter().partition(|der| pinned::<Signing>(der).is_some());
        if others.iter().any(|der| pinned::<UserAuthentication>(der).is_none()) {
            return Err(AnchorError::NotPinned.into());
        }
        let (authentication, municipal) = (others, Vec::new());
        Ok(Arc::new(Self { signing, authentication, municipal, timestamps: timestamp_authorities, test: false }))
    }

    /// Only these, and every result is stamped as a test's. Never in an app that meets real cards.
    #[uniffi::constructor]
    pub fn test_only(
        signing: Vec<Vec<u8>>,
        authentication: Vec<Vec<u8>>,
        municipal: Vec<TestMunicipalAuthority>,
        timestamp_authorities: Vec<Vec<u8>>,
    ) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        let unreadable = || DocumentTrouble::Authority { why: AnchorError::Unreadable };
        let authority = |row: TestMunicipalAuthority| {
            let chain = match row.records {
                RecordsOf::Text => Chain::Text,
                RecordsOf::Surface => Chain::Surface,
            };
            let (id, modulus) = (row.id.try_into().ok(), row.modulus.try_into().ok());
            id.zip(modulus).map(|(id, modulus)| CvAuthority { chain, id, modulus }).ok_or_else(unreadable)
        };
        let municipal = municipal.into_iter().map(authority).collect::<Result<Vec<_>, _>>()?;
        let these = Self { signing, authentication, municipal, timestamps: timestamp_authorities, test: true };
        // What cannot be read is told now, not with the first result.
        these.signing([].into_iter())?;
        these.authentication([].into_iter())?;
        Ok(Arc::new(these))
    }
}

impl Authorities {
    /// With those that a file carries, where they are pinned; one that is not stays out, and the table says that the
    /// issuer is not known.
    pub(crate) fn signing<'d>(&self, carried: impl Iterator<Item = &'d [u8]>) -> Result<Anchors<Signing>, AnchorError> {
        self.anchors(&self.signing, carried)
    }

    pub(crate) fn authentication<'d>(
        &self,
        carried: impl Iterator<Item = &'d [u8]>,
    ) -> Result<Anchors<UserAuthentication>, AnchorError> {
        self.anchors(&self.authentication, carried)
    }

    fn anchors<'d, P: Purpose>(
        &self,
        handed_in: &[Vec<u8>],
        carried: impl Iterator<Item = &'d [u8]>,
    ) -> Result<Anchors<P>, AnchorError> {
        if self.test {
            return Anchors::test_only(&handed_in.iter().map(Vec::as_slice).collect::<Vec<_>>());
        }
        let mut anchors = Anchors::production();
        handed_in.iter().try_for_each(|der| anchors.admit(der))?;
        carried.for_each(|der| {
            let _ = anchors.admit(der);
        });
        Ok(anchors)
    }

    pub(crate) fn municipal(&self) -> CvAuthorities {
        if self.test { CvAuthorities::test_only(&self.municipal) } else { CvAuthorities::production() }
    }

    pub(crate) fn timestamps(&self) -> Vec<&[u8]> {
        self.timestamps.iter().map(Vec::as_slice).collect()
    }
}
