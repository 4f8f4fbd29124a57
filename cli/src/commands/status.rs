//! `kazasu status`: what can be known without any secret.

use crate::card::{Link, Source};
use crate::failure::Failure;
use crate::secrets::counter;
use crate::ui::{Output, Ui, columns, table};
use crate::validity::Validity;
use kazasu_catalogue::{Word, secret_name};
use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, CertificatesPresent, FreeCertificate};
use kazasu_core::step::block_on;
use kazasu_core::{CardKind, Counter, Error, SecretKind, Session};
use serde_json::{Map, Value, json};

/// Everything that [`look`] finds.
pub(super) struct Status {
    pub(super) kind: CardKind,
    pub(super) present: Option<CertificatesPresent>,
    pub(super) auth: Option<Validity>,
    pub(super) tries: Vec<(SecretKind, Counter)>,
    /// The card face counts on its own.
    pub(super) face_tries: Vec<(SecretKind, Counter)>,
    pub(super) record: Option<kazasu_core::mynumber::common::CardRecord>,
}

pub(super) fn run(source: &mut Source, ui: Ui) -> Result<Output, Failure> {
    let status = block_on(look(&mut source.open(ui)?))?;
    Ok(Output { json: status.json(), text: status.text(ui) })
}

/// Reads it; what a card lacks is left out, what fails otherwise is passed on.
pub(super) async fn look(session: &mut Session<Link<'_>>) -> Result<Status, Failure> {
    let kind = session.recognise().await?;
    let mut status =
        Status { kind, present: None, auth: None, tries: Vec::new(), face_tries: Vec::new(), record: None };
    if matches!(kind, CardKind::Nothing) {
        return Err(Error::Link(kazasu_core::LinkError::CardLost).into());
    }
    if matches!(kind, CardKind::Other | CardKind::Juki) {
        return Ok(status);
    }
    let mut jpki = session.jpki().await?;
    status.present = there(jpki.certificates_present().await)?;
    let mut buf = [0; CERTIFICATE_BUFFER];
    status.auth = match jpki.certificate(FreeCertificate::Auth, &mut buf).await {
        Ok(der) => Some(Validity::of(der)?),
        Err(Error::SecretRequired { .. } | Error::Absent { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    for kind in [SecretKind::AuthPin, SecretKind::SignPassword] {
        let left = there(jpki.tries(kind).await)?;
        status.tries.extend(left.map(|left| (kind, left)));
    }
    if let Some(mut text) = there(session.text().await)? {
        for kind in [SecretKind::TextPin, SecretKind::NumberA, SecretKind::NumberB] {
            let left = there(text.tries(kind).await)?;
            status.tries.extend(left.map(|left| (kind, left)));
        }
    }
    if let Some(mut surface) = there(session.surface().await)? {
        for kind in [SecretKind::NumberA, SecretKind::NumberB, SecretKind::BirthKey] {
            let left = there(surface.tries(kind).await)?;
            status.face_tries.extend(left.map(|left| (kind, left)));
        }
    }
    if let Some(mut common) = there(session.common().await)? {
        let left = there(common.tries().await)?;
        status.tries.extend(left.map(|left| (SecretKind::CardPin, left)));
        status.record = there(common.card_record().await)?;
    }
    Ok(status)
}

/// `None` for what this card does not have.
fn there<V>(result: Result<V, Error>) -> Result<Option<V>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Absent { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

const fn kind_name(kind: CardKind) -> (&'static str, Word) {
    match kind {
        CardKind::MyNumber => ("my-number", Word::KindMyNumber),
        CardKind::Juki => ("juki", Word::KindJuki),
        CardKind::AndroidToken => ("android-token", Word::KindAndroid),
        CardKind::IphoneToken => ("iphone-token", Word::KindIphone),
        CardKind::Nothing => ("nothing", Word::KindNothing),
        _ => ("other", Word::KindOther),
    }
}

impl Status {
    fn json(&self) -> Value {
        json!({
            "card": kind_name(self.kind).0,
            "certificates": self.present.map(|present| json!({ "auth": present.auth, "sign": present.sign })),
            "auth_certificate": self.auth.as_ref().map(|validity| {
                json!({ "last_day": validity.last_day, "expired": validity.expired })
            }),
            "tries_left": counters(&self.tries),
            "face_tries_left": counters(&self.face_tries),
            "card_record": self.record.map(|record| json!({
                "serial": record.serial(),
                "municipality": record.municipality(),
                "expiry": iso(record.expiry()),
            })),
        })
    }

    pub(super) fn text(&self, ui: Ui) -> String {
        let mut rows = vec![(ui.word(Word::Card), ui.word(kind_name(self.kind).1).to_owned())];
        if let Some(record) = self.record {
            rows.push((ui.word(Word::Expiry), iso(record.expiry())));
        }
        let mut text = table(&rows);
        if let Some(present) = self.present {
            let mut auth = ui.word(if present.auth { Word::Present } else { Word::Missing }).to_owned();
            if let Some(validity) = &self.auth {
                let word = if validity.expired { Word::ExpiredOn } else { Word::ValidUntil };
                auth = format!("{auth}, {} {}", ui.word(word), validity.last_day);
            }
            let sign = ui.word(if present.sign { Word::Present } else { Word::Missing }).to_owned();
            text += &format!("\n{}\n", ui.word(Word::Certificates));
            text += &indent(&table(&[(ui.word(Word::AuthCertificate), auth), (ui.word(Word::SignCertificate), sign)]));
        }
        if !self.tries.is_empty() {
            text += &format!("\n{}\n", ui.word(Word::TriesLeft));
            let face = self.face_tries.iter().map(|(kind, left)| (kind, left, Some(Word::ForFace)));
            let rows: Vec<_> = self
                .tries
                .iter()
                .map(|(kind, left)| (kind, left, None))
                .chain(face)
                .map(|(kind, left, place)| {
                    let place = place.map(|place| format!(" — {}", ui.word(place))).unwrap_or_default();
                    (counter(*left, ui.lang), format!("{}{place}", secret_name(*kind, ui.lang)))
                })
                .collect();
            let width = rows.iter().map(|(left, _)| columns(left)).max().unwrap_or(0);
            for (left, name) in rows {
                text += &format!("{}{left}  {name}\n", " ".repeat(2 + width - columns(&left)));
            }
        }
        text
    }
}

/// `{"auth_pin": 3, …}`; 0 is blocked, null is not told.
fn counters(tries: &[(SecretKind, Counter)]) -> Value {
    let value = |left| match left {
        Counter::Left(left) => json!(left),
        Counter::Blocked => json!(0),
        Counter::Unknown => Value::Null,
    };
    tries.iter().map(|(kind, left)| (kind.name().replace('-', "_"), value(*left))).collect::<Map<_, _>>().into()
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// `YYYYMMDD` as `YYYY-MM-DD`; anything else as it is.
pub(super) fn iso(date: &str) -> String {
    match (date.get(..4), date.get(4..6), date.get(6..8)) {
        (Some(year), Some(month), Some(day)) if date.len() == 8 => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    }
}
