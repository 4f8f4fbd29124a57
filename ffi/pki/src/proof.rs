//! The proof that a genuine card was there, or that its holder entered the PIN: made of what the bridge read, for a
//! verifier that drew the nonce; and looked at, so that a phone can show it too.

use crate::believe::Authorities;
use crate::error::Answer;
use crate::findings::{Conclusion, Findings, checks};
use kazasu_catalogue::{DocumentTrouble, Part};
use kazasu_core::tlv::Tlv;
use kazasu_pki::genuine::{
    self, AtHand, Bytes, Challenge, Genuine, HolderProof, HolderTrust, ProofError, SurfaceProof, TextProof, Trust,
    card_digest, holder_digest, signed_face, verify,
};
use kazasu_pki::hash::bytes;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Nonce, TransientCertificate, UserAuthentication};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// A proof in the making, for one nonce of the verifier's.
#[derive(uniffi::Object)]
pub struct Proof {
    nonce: Nonce,
    parts: Mutex<genuine::Proof>,
}

#[uniffi::export]
impl Proof {
    /// For this nonce, of 32 to 64 bytes.
    #[uniffi::constructor]
    pub fn new(nonce: &[u8]) -> Answer<Arc<Self>> {
        crate::keep_panics_quiet();
        Ok(Arc::new(Self { nonce: Nonce::from_bytes(nonce)?, parts: Mutex::default() }))
    }

    /// What the card's own key signs, in either application.
    pub fn presence_digest(&self) -> Answer<Vec<u8>> {
        Ok(bytes(&card_digest(&self.nonce).digest).to_vec())
    }

    /// What the key for user authentication signs for this audience: the verifier's own name, such as
    /// `https://example.jp`.
    pub fn holder_digest(&self, audience: String) -> Answer<Vec<u8>> {
        Ok(bytes(&holder_digest(&self.nonce, &audience).digest).to_vec())
    }

    /// From the text application: the municipality's certificate and the signature over [`Self::presence_digest`]; the
    /// authentication key, without which these say nothing; the integrity record and the attributes' record where these
    /// go along.
    pub fn text(
        &self,
        certificate: &[u8],
        signature: &[u8],
        key: Option<Vec<u8>>,
        integrity: Option<Vec<u8>>,
        attributes: Option<Vec<u8>>,
    ) -> Answer<()> {
        let part = TextProof {
            certificate: record(certificate)?,
            signature: Bytes::from(signature),
            key: key.as_deref().map(record).transpose()?,
            integrity: integrity.as_deref().map(record).transpose()?,
            attributes: attributes.as_deref().map(record).transpose()?,
        };
        self.parts().text = Some(part);
        Ok(())
    }

    /// From the surface application: the municipality's certificate and the signature over [`Self::presence_digest`];
    /// the record of the card face, of which only what was signed goes along, or the one of the birth date: without one
    /// of them these say nothing.
    pub fn surface(
        &self,
        certificate: &[u8],
        signature: &[u8],
        face: Option<Vec<u8>>,
        birth: Option<Vec<u8>>,
    ) -> Answer<()> {
        let unreadable = |_| DocumentTrouble::Unreadable { what: Part::Face };
        let part = SurfaceProof {
            certificate: record(certificate)?,
            signature: Bytes::from(signature),
            face: face.as_deref().map(signed_face).transpose().map_err(unreadable)?,
            birth: birth.as_deref().map(record).transpose()?,
        };
        self.parts().surface = Some(part);
        Ok(())
    }

    /// From the JPKI application: the certificate for user authentication, and its key's signature over
    /// [`Self::holder_digest`] for this audience, which is verified here; the authority's certificate may go along.
    pub fn holder(
        &self,
        audience: String,
        certificate: &[u8],
        signature: &[u8],
        authority: Option<Vec<u8>>,
    ) -> Answer<()> {
        let key = TransientCertificate::<UserAuthentication>::new(certificate)?.key()?;
        let digest = holder_digest(&self.nonce, &audience).digest;
        key.verify(&digest, signature).map_err(|_| DocumentTrouble::SignatureWrong)?;
        let part = HolderProof {
            certificate: Bytes::from(certificate),
            signature: Bytes::from(signature),
            authority: authority.as_deref().map(Bytes::from),
        };
        self.parts().holder = Some(part);
        Ok(())
    }

    /// For the way to the verifier: JSON, as the command line and the server read it. It has personal data in it. The
    /// My Number is never in it.
    pub fn json(&self) -> Answer<Vec<u8>> {
        let parts = self.parts();
        if parts.text.is_none() && parts.surface.is_none() && parts.holder.is_none() {
            return Err(ProofError::Empty.into());
        }
        Ok(parts.to_json().as_bytes().to_vec())
    }
}

impl Proof {
    fn parts(&self) -> MutexGuard<'_, genuine::Proof> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the bridge handed out as a record.
fn record(bytes: &[u8]) -> Answer<Bytes> {
    Tlv::first(bytes).map_err(|_| DocumentTrouble::Unreadable { what: Part::Record })?;
    Ok(Bytes::from(bytes))
}

/// What can be wanted of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Claim {
    /// A genuine card signed the nonce. Who held it is not said.
    CardPresent,
    /// Somebody who knows the PIN let the key for user authentication sign nonce and audience.
    HolderEnteredPin,
}

/// A part of what a proof says; it is here only where each link above it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ProvenField {
    /// The municipality's code, five digits.
    Municipality,
    /// 氏名, UTF-8.
    Name,
    /// 住所, UTF-8.
    Address,
    /// 生年月日, `YYYYMMDD`.
    Birth,
    /// 性別: `1`, `2`, `9` or `0`.
    Sex,
    /// The photo, JPEG 2000.
    Photo,
    /// The name as printed, PNG.
    NameImage,
    /// The address as printed, PNG.
    AddressImage,
}

/// A proof that was looked at.
#[derive(uniffi::Object)]
pub struct LookedAtProof {
    proof: genuine::Proof,
    nonce: Nonce,
    audience: Option<String>,
    authorities: Arc<Authorities>,
    at: SystemTime,
}

#[uniffi::export]
impl LookedAtProof {
    /// A proof's JSON for the verifier's own nonce; with an audience where the holder is to have entered the PIN.
    /// Nobody keeps nonces here: that the nonce was used once is not checked, and the table says so.
    #[uniffi::constructor]
    pub fn new(
        json: &[u8],
        nonce: &[u8],
        audience: Option<String>,
        authorities: Arc<Authorities>,
    ) -> Answer<Arc<Self>> {
        let (proof, nonce) = (genuine::Proof::from_json(json)?, Nonce::from_bytes(nonce)?);
        Ok(Arc::new(Self { proof, nonce, audience, authorities, at: SystemTime::now() }))
    }

    /// The table.
    pub fn findings(&self) -> Answer<Arc<Findings>> {
        self.look(|found| Ok(Findings::new(found.findings.clone())))
    }

    /// Whether one thing was proven, whatever else is in the table; but where any line fails, nothing is.
    pub fn proves(&self, claim: Claim, without: Vec<String>) -> Answer<Conclusion> {
        let claim = match claim {
            Claim::CardPresent => genuine::Claim::CardPresent,
            Claim::HolderEnteredPin => genuine::Claim::HolderEnteredPin,
        };
        let without = checks(&without)?;
        self.look(|found| Ok(Conclusion::of(found.proves(claim, &without), found.findings.test())))
    }

    /// What it says, where each link above it holds.
    pub fn field(&self, field: ProvenField) -> Answer<Option<Vec<u8>>> {
        self.look(|found| {
            let (attributes, face, birth) = (found.attributes(), found.face(), found.birth());
            Ok(match field {
                ProvenField::Municipality => found.municipality().map(str::as_bytes),
                ProvenField::Name => attributes.map(|said| said.name.as_bytes()),
                ProvenField::Address => attributes.map(|said| said.address.as_bytes()),
                ProvenField::Birth => attributes
                    .map(|said| said.birth)
                    .or(face.map(|face| face.birth))
                    .or(birth.map(|birth| birth.birth))
                    .map(str::as_bytes),
                ProvenField::Sex => attributes.map(|said| said.sex).or(face.map(|face| face.sex)).map(str::as_bytes),
                ProvenField::Photo => face.map(|face| face.photo),
                ProvenField::NameImage => face.map(|face| face.name_image),
                ProvenField::AddressImage => face.map(|face| face.address_image),
            }
            .map(<[u8]>::to_vec))
        })
    }
}

impl LookedAtProof {
    /// It borrows from the proof, so it is made anew for each question.
    fn look<R>(&self, answer: impl FnOnce(&Genuine<'_>) -> Answer<R>) -> Answer<R> {
        let carried = self.proof.holder.as_ref().and_then(|holder| holder.authority.as_deref());
        let (municipalities, anchors) =
            (self.authorities.municipal(), self.authorities.authentication(carried.into_iter())?);
        let holder = |audience| HolderTrust { anchors: &anchors, revocation: &NotAsked, audience };
        let trust =
            Trust { municipalities: &municipalities, holder: self.audience.as_deref().map(holder), at: self.at };
        let challenge = Challenge::unremembered(self.nonce.clone());
        answer(&verify(&self.proof, &challenge, &trust, AtHand { my_number: None, number_image: None }))
    }
}
