//! `kazasu genuine`: the card proves that it is genuine and here; the same command judges such a proof.

use super::verify::revocation_fact;
use crate::args::{ApplicationArg, Global, WithArg};
use crate::card::{Link, Source};
use crate::certificate::anchors;
use crate::failure::Failure;
use crate::secrets::{Asker, Holds, Typed, checked, kind_of, last_try};
use crate::trust::{Looked, Report, Section};
use crate::ui::{Draft, Output, Ui};
use crate::usage::similar;
use kazasu_catalogue::trust::conclusion;
use kazasu_catalogue::{Argument, FileFault, Part, Trouble, Word};
use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate};
use kazasu_core::mynumber::surface::FACE_BUFFER;
use kazasu_core::mynumber::text::{MyNumber, OpensAttributes, OpensMyNumber, TextOpener, UnlockedText};
use kazasu_core::secret::{A, Auth, B, Birth, Text};
use kazasu_core::step::block_on;
use kazasu_core::{LastTry, SecretKind, Session, Transport};
use kazasu_fixtures::authorities;
use kazasu_pki::anchors::Anchors;
use kazasu_pki::cv::{Chain, CvAuthorities, CvAuthority};
use kazasu_pki::genuine::{
    AtHand, Bytes, Challenge, Claim, HolderProof, HolderTrust, Proof, SurfaceProof, TextProof, Trust, card_digest,
    holder_digest, signed_face, verify,
};
use kazasu_pki::handed_in::HandedIn;
use kazasu_pki::{Check, MemoryNonces, Nonce, UserAuthentication};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

/// What the card is to prove.
pub(super) struct Order<'a> {
    pub(super) application: ApplicationArg,
    pub(super) with: &'a [WithArg],
    pub(super) output: Option<&'a Path>,
}

impl Order<'_> {
    fn asks_for(&self, what: WithArg) -> bool {
        self.with.contains(&what)
    }

    /// The secrets of which one opens everything that is asked for.
    fn wanted(&self) -> Vec<SecretKind> {
        match self.application {
            ApplicationArg::Text => {
                let opens = |kind: &SecretKind| match kind {
                    SecretKind::NumberA => !self.asks_for(WithArg::Attributes),
                    SecretKind::NumberB => !self.asks_for(WithArg::MyNumber),
                    _ => true,
                };
                [SecretKind::TextPin, SecretKind::NumberA, SecretKind::NumberB].into_iter().filter(opens).collect()
            }
            ApplicationArg::Surface => vec![SecretKind::NumberA, SecretKind::NumberB, SecretKind::BirthKey],
        }
    }
}

/// `--nonce`.
pub(super) fn nonce(hexadecimal: Option<&str>) -> Result<Option<Nonce>, Failure> {
    let parse = |text: &str| hex::decode(text).ok().and_then(|bytes| Nonce::from_bytes(&bytes).ok());
    hexadecimal.map(|text| parse(text).ok_or_else(|| Failure::argument(Argument::Nonce))).transpose()
}

/// `--without`.
pub(super) fn without(codes: &[String]) -> Result<Vec<Check>, Failure> {
    let check = |code: &String| Check::ALL.iter().copied().find(|check| check.code() == code);
    let unknown = |code: &String| {
        let there: Vec<_> = Check::ALL.iter().map(|check| check.code()).collect();
        let meant = similar(code, &there);
        Failure::argument(Argument::Check(code.clone(), there, meant))
    };
    codes.iter().map(|code| check(code).ok_or_else(|| unknown(code))).collect()
}

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    nonce: Option<Nonce>,
    order: &Order<'_>,
    judge: &Judge<'_>,
) -> Result<(Output, ExitCode), Failure> {
    if order.application == ApplicationArg::Surface && !order.with.is_empty() {
        return Err(Failure::argument(Argument::WithSurface));
    }
    if order.output.is_some() && order.asks_for(WithArg::MyNumber) {
        return Err(Failure::argument(Argument::NumberInProof));
    }
    order.output.map_or(Ok(()), |output| ui.one_voice(output))?;
    let draft = order.output.map(|output| Draft::new(output, ui)).transpose()?;

    let wanted = order.wanted();
    let holds = if order.application == ApplicationArg::Text { Holds::Text } else { Holds::Surface };
    let typed = asker.ask_with_tries(ui, source, holds, &wanted)?;
    let kind = kind_of(&typed, &wanted)?;
    let ask_for_the_pin = |_: &str| asker.ask_with_tries(ui, source, Holds::Jpki, &[SecretKind::AuthPin]);
    let pin = judge.holder.map(ask_for_the_pin).transpose()?;
    let pin = pin.map(|typed| checked::<Auth>(&typed)).transpose()?;

    // A nonce of our own is taken back from where it was given out; somebody else's is that somebody's to remember.
    let ours = MemoryNonces::new(Duration::from_secs(600), 1);
    let drawn = || ours.issue((), SystemTime::now());
    let (nonce, theirs) = match nonce {
        Some(nonce) => (nonce, true),
        None => (drawn().map_err(|_| Failure::argument(Argument::NoRandom))?, false),
    };
    let mut session = source.open(ui)?;
    let (proof, my_number) = block_on(async {
        let mut proof = Proof::default();
        let mut my_number = None;
        match order.application {
            ApplicationArg::Text => {
                let (part, number) = text(&mut session, &nonce, order, &typed, kind, last_try(global)).await?;
                proof.text = Some(part);
                my_number = number;
            }
            ApplicationArg::Surface => {
                proof.surface = Some(surface(&mut session, &nonce, &typed, kind, last_try(global)).await?);
            }
        }
        if let (Some(pin), Some(audience)) = (pin, judge.holder) {
            let digest = holder_digest(&nonce, audience).digest;
            let mut buf = Zeroizing::new([0; CERTIFICATE_BUFFER]);
            let mut jpki = session.jpki().await?;
            let certificate = Bytes::from(jpki.certificate(FreeCertificate::Auth, &mut *buf).await?);
            let authority = Some(Bytes::from(jpki.certificate(FreeCertificate::AuthCa, &mut *buf).await?));
            let signature = jpki.unlock(pin, last_try(global)).await?.sign(&digest).await?;
            proof.holder = Some(HolderProof { certificate, signature: Bytes::from(&signature.0[..]), authority });
        }
        Ok::<_, Failure>((proof, my_number))
    })?;
    drop(session);

    let Some(draft) = draft else {
        let challenge =
            if theirs { Challenge::unremembered(nonce) } else { Challenge::consume(nonce, &ours, SystemTime::now()).0 };
        let subject = ui.word(Word::ProofHere).to_owned();
        return judge.show(subject, &proof, &challenge, my_number.as_ref(), Vec::new(), ui);
    };
    draft.finish(proof.to_json().as_bytes())?;
    let output = order.output.map(|output| output.display().to_string()).unwrap_or_default();
    let text = ui.written(&output);
    Ok((Output { json: json!({ "nonce": hex::encode(nonce.as_bytes()), "proof": output }), text }, ExitCode::SUCCESS))
}

/// From the text application: the card's signature, and what the secret opens.
async fn text(
    session: &mut Session<Link<'_>>,
    nonce: &Nonce,
    order: &Order<'_>,
    typed: &Typed,
    kind: SecretKind,
    last_try: LastTry,
) -> Result<(TextProof, Option<MyNumber>), Failure> {
    let mut buf = Zeroizing::new(vec![0; FACE_BUFFER]);
    let mut text = session.text().await?;
    let signature = text.internal_authenticate(&card_digest(nonce).digest).await?;
    let mut part = TextProof {
        certificate: Bytes::from(text.municipality_certificate(&mut buf).await?),
        signature: Bytes::from(&signature.0[..]),
        key: None,
        integrity: None,
        attributes: None,
    };
    let mut number = None;
    match kind {
        SecretKind::NumberA => {
            let mut unlocked = text.unlock(checked::<A>(typed)?, last_try).await?;
            records(&mut unlocked, order, &mut part, &mut buf).await?;
            number = my_number(&mut unlocked, order).await?;
        }
        SecretKind::NumberB => {
            let mut unlocked = text.unlock(checked::<B>(typed)?, last_try).await?;
            records(&mut unlocked, order, &mut part, &mut buf).await?;
            attributes(&mut unlocked, order, &mut part, &mut buf).await?;
        }
        _ => {
            let mut unlocked = text.unlock(checked::<Text>(typed)?, last_try).await?;
            records(&mut unlocked, order, &mut part, &mut buf).await?;
            attributes(&mut unlocked, order, &mut part, &mut buf).await?;
            number = my_number(&mut unlocked, order).await?;
        }
    }
    Ok((part, number))
}

/// The card's key, and the digests where something is to be compared with them.
async fn records<T: Transport, K: TextOpener>(
    unlocked: &mut UnlockedText<'_, T, K>,
    order: &Order<'_>,
    part: &mut TextProof,
    buf: &mut [u8],
) -> Result<(), Failure> {
    part.key = Some(Bytes::from(unlocked.authentication_key(buf).await?));
    if !order.with.is_empty() {
        part.integrity = Some(Bytes::from(unlocked.integrity_record(buf).await?));
    }
    Ok(())
}

async fn attributes<T: Transport, K: OpensAttributes + TextOpener>(
    unlocked: &mut UnlockedText<'_, T, K>,
    order: &Order<'_>,
    part: &mut TextProof,
    buf: &mut [u8],
) -> Result<(), Failure> {
    if order.asks_for(WithArg::Attributes) {
        part.attributes = Some(Bytes::from(unlocked.attributes(buf).await?.record));
    }
    Ok(())
}

async fn my_number<T: Transport, K: OpensMyNumber + TextOpener>(
    unlocked: &mut UnlockedText<'_, T, K>,
    order: &Order<'_>,
) -> Result<Option<MyNumber>, Failure> {
    if order.asks_for(WithArg::MyNumber) { Ok(Some(unlocked.my_number().await?)) } else { Ok(None) }
}

/// From the surface application: the card's signature, and the smallest record that the secret opens and that names the
/// key.
async fn surface(
    session: &mut Session<Link<'_>>,
    nonce: &Nonce,
    typed: &Typed,
    kind: SecretKind,
    last_try: LastTry,
) -> Result<SurfaceProof, Failure> {
    let mut buf = Zeroizing::new(vec![0; FACE_BUFFER]);
    let mut surface = session.surface().await?;
    let signature = surface.internal_authenticate(&card_digest(nonce).digest).await?;
    let certificate = Bytes::from(surface.municipality_certificate(&mut buf).await?);
    let (mut face, mut birth) = (None, None);
    match kind {
        SecretKind::NumberA => {
            let mut unlocked = surface.unlock(checked::<A>(typed)?, last_try).await?;
            face = Some(unlocked.face(&mut buf).await?.record);
        }
        SecretKind::NumberB => {
            let mut unlocked = surface.unlock(checked::<B>(typed)?, last_try).await?;
            face = Some(unlocked.face(&mut buf).await?.record);
        }
        _ => {
            let mut unlocked = surface.unlock(checked::<Birth>(typed)?, last_try).await?;
            birth = Some(unlocked.birth_record(&mut buf).await?.record);
        }
    }
    let face = face.map(signed_face).transpose();
    Ok(SurfaceProof {
        certificate,
        signature: Bytes::from(&signature.0[..]),
        face: face.map_err(|_| Trouble::Unreadable { what: Part::Face })?,
        birth: birth.map(Bytes::from),
    })
}

/// Whether a certificate in it names an authority of the demonstration cards.
fn of_a_demonstration(proof: &Proof) -> bool {
    let text = proof.text.iter().map(|part| &part.certificate);
    let mut certificates = text.chain(proof.surface.iter().map(|part| &part.certificate));
    let ids: Vec<_> = authorities::cv_authorities().into_iter().map(|authority| authority.id).collect();
    certificates.any(|certificate| certificate.windows(16).any(|window| ids.iter().any(|id| window == id)))
}

/// Whom to believe, and what to do without.
pub(super) struct Judge<'a> {
    /// The audience.
    pub(super) holder: Option<&'a str>,
    /// What was handed in about the holder's certificate.
    pub(super) revocation: HandedIn,
    /// Which files that was.
    pub(super) beside: Vec<Looked>,
    pub(super) test_anchors: bool,
    pub(super) without: &'a [Check],
}

impl Judge<'_> {
    /// A proof that came from elsewhere, for a nonce of the caller's.
    pub(super) fn file(&self, file: &Path, nonce: Option<Nonce>, ui: Ui) -> Result<(Output, ExitCode), Failure> {
        let nonce = nonce.ok_or_else(|| Failure::argument(Argument::Nonce))?;
        let json = Zeroizing::new(std::fs::read(file).map_err(|error| Failure::unreadable(file, &error))?);
        let path = file.display().to_string();
        let proof = Proof::from_json(&json).map_err(|error| Failure::misread(file, FileFault::Proof(error)))?;
        self.show(path, &proof, &Challenge::unremembered(nonce), None, vec![Looked::at(file, &json)], ui)
    }

    fn show(
        &self,
        subject: String,
        proof: &Proof,
        challenge: &Challenge,
        my_number: Option<&MyNumber>,
        files: Vec<Looked>,
        ui: Ui,
    ) -> Result<(Output, ExitCode), Failure> {
        let (municipalities, anchors) = (self.municipalities(), self.anchors(proof)?);
        let holder = |audience| HolderTrust { anchors: &anchors, revocation: &self.revocation, audience };
        let trust = Trust { municipalities: &municipalities, holder: self.holder.map(holder), at: SystemTime::now() };
        let genuine = verify(proof, challenge, &trust, AtHand { my_number, number_image: None });
        let mut facts = Vec::new();
        let claims = [
            (Claim::CardPresent, Word::ClaimCardPresent, proof.text.is_some() || proof.surface.is_some()),
            (Claim::HolderEnteredPin, Word::ClaimHolderEnteredPin, self.holder.is_some() || proof.holder.is_some()),
        ];
        for (claim, word, _) in claims.into_iter().filter(|(_, _, made)| *made) {
            facts.push((ui.word(word).to_owned(), conclusion(genuine.proves(claim, self.without), ui.lang)));
        }
        facts.extend(genuine.revocation.as_ref().and_then(|status| revocation_fact(ui, status)));
        let municipality = genuine.municipality().map(|code| (ui.word(Word::Municipality).to_owned(), code.to_owned()));
        facts.extend(municipality);
        let title = ui.word(Word::KindMyNumber).to_owned();
        let section = Section { title, facts, findings: &genuine.findings, pdf: None };
        let report = Report {
            subject,
            at: trust.at,
            files: [files, self.beside.clone()].concat(),
            sections: vec![section],
            without: self.without,
            options: true,
            demonstration: of_a_demonstration(proof),
        };
        Ok((Output { json: report.json(), text: report.text(ui) }, report.exit_code()))
    }

    fn municipalities(&self) -> CvAuthorities {
        if !self.test_anchors {
            return CvAuthorities::production();
        }
        let chain = |application: &str| match application {
            "text" => Chain::Text,
            "surface" => Chain::Surface,
            _ => Chain::MasterFile,
        };
        let authorities: Vec<_> = (authorities::cv_authorities().iter())
            .map(|row| CvAuthority { chain: chain(&row.application), id: row.id, modulus: row.modulus })
            .collect();
        CvAuthorities::test_only(&authorities)
    }

    fn anchors(&self, proof: &Proof) -> Result<Anchors<UserAuthentication>, Failure> {
        let authority = proof.holder.as_ref().and_then(|holder| holder.authority.as_deref());
        anchors(self.test_anchors, authority)
    }
}
