//! `kazasu cert --show`: a certificate as a person reads it, and what was checked of it.

use super::cert::{name, read};
use super::data::sex;
use crate::args::{CertArg, Global};
use crate::card::Source;
use crate::certificate::{anchors, glance};
use crate::failure::Failure;
use crate::secrets::Asker;
use crate::trust::{Report, Section};
use crate::ui::{Output, Ui, table};
use kazasu_catalogue::{Part, Trouble, Word};
use kazasu_pki::anchors::pinned;
use kazasu_pki::glance::{Glance, day_in_japan};
use kazasu_pki::holder::{Era, Holder, OtherValue, Sex};
use kazasu_pki::path::examine;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{CertificateError, Purpose, Signing, TransientCertificate, UserAuthentication};
use serde_json::{Map, Value, json};
use std::time::SystemTime;

/// Rows of label and value.
type Facts = Vec<(String, String)>;

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    which: CertArg,
    test_anchors: bool,
) -> Result<Output, Failure> {
    let read = read(global, asker, source, ui, which, true)?;
    let authority = read.authority.as_deref();
    let mut output = match which {
        CertArg::Sign => {
            let certificate = TransientCertificate::<Signing>::new(&read.der).map_err(unreadable)?;
            let holder = certificate.holder().map_err(unreadable)?;
            shown(&certificate, authority, Some(&holder), test_anchors, ui)?
        }
        CertArg::Auth => {
            let certificate = TransientCertificate::<UserAuthentication>::new(&read.der).map_err(unreadable)?;
            shown(&certificate, authority, None, test_anchors, ui)?
        }
        CertArg::SignCa => authority_shown::<Signing>(&read.der, Word::SignAuthority, ui)?,
        CertArg::AuthCa => authority_shown::<UserAuthentication>(&read.der, Word::AuthAuthority, ui)?,
    };
    output.json["certificate"] = json!(name(which));
    Ok(output)
}

fn unreadable(_: CertificateError) -> Failure {
    Trouble::Unreadable { what: Part::Certificate }.into()
}

/// A holder's certificate with the table.
fn shown<P: Purpose>(
    certificate: &TransientCertificate<P>,
    authority: Option<&[u8]>,
    holder: Option<&Holder>,
    test_anchors: bool,
    ui: Ui,
) -> Result<Output, Failure> {
    let now = SystemTime::now();
    let examined = examine(certificate, &anchors::<P>(test_anchors, authority)?, now, &NotAsked).map_err(unreadable)?;
    let (mut facts, mut json) = holder.map(|holder| who(holder, ui)).unwrap_or_default();
    let view = certificate.glance().map_err(unreadable)?;
    common(&view, now, ui, &mut facts, &mut json);
    let policies: Vec<_> = certificate.policies().map_err(unreadable)?.iter().map(ToString::to_string).collect();
    facts.push((ui.word(Word::Policy).to_owned(), policies.join(", ")));
    facts.push((ui.word(Word::Authority).to_owned(), issuer(examined.authority, ui)));
    let title = ui.word(if holder.is_some() { Word::SignCertificate } else { Word::AuthCertificate });
    let section = Section { title: title.to_owned(), facts, findings: &examined.findings, pdf: None };
    let subject = ui.word(Word::Certificates).to_owned();
    let report = Report {
        subject,
        at: now,
        files: Vec::new(),
        sections: vec![section],
        without: &[],
        options: false,
        demonstration: false,
    };
    let mut table = report.json();
    json.insert("purpose".into(), json!(P::CODE));
    json.insert("policies".into(), json!(policies));
    json.insert("authority".into(), json!(examined.authority));
    for field in ["findings", "test", "conclusion"] {
        json.insert(field.into(), table["sections"][0][field].take());
    }
    Ok(Output { text: report.text(ui), json: Value::Object(json) })
}

/// An authority's certificate: which of J-LIS's it is.
fn authority_shown<P: Purpose>(der: &[u8], title: Word, ui: Ui) -> Result<Output, Failure> {
    let (mut facts, mut json) = Default::default();
    common(&glance(der)?, SystemTime::now(), ui, &mut facts, &mut json);
    let pin = pinned::<P>(der).map(|pin| pin.name);
    facts.insert(0, (ui.word(title).to_owned(), issuer(pin, ui)));
    json.insert("purpose".into(), json!(P::CODE));
    json.insert("authority".into(), json!(pin));
    let rows: Vec<_> = facts.iter().map(|(label, value)| (label.as_str(), value.clone())).collect();
    Ok(Output { text: table(&rows), json: Value::Object(json) })
}

fn issuer(pin: Option<&str>, ui: Ui) -> String {
    pin.unwrap_or(ui.word(Word::NotPinned)).to_owned()
}

/// Validity in Japan, with the days that are left; and the key.
fn common(view: &Glance<'_>, now: SystemTime, ui: Ui, facts: &mut Facts, json: &mut Map<String, Value>) {
    let (first_day, last_day, left) = (day_in_japan(view.not_before), view.last_day(), view.days_left(now));
    let key = view.key().map(|key| (key.algorithm().name(), key.bits()));
    json.insert("first_day".into(), json!(first_day));
    json.insert("last_day".into(), json!(last_day));
    json.insert("days_left".into(), json!(left));
    json.insert("expired".into(), json!(now > view.not_after));
    json.insert("key".into(), json!(key.map(|(algorithm, bits)| json!({ "algorithm": algorithm, "bits": bits }))));
    let (end, until) = match left {
        Some(left) => (Word::ValidUntil, format!("{last_day} ({}: {left})", ui.word(Word::DaysLeft))),
        None => (Word::ExpiredOn, last_day),
    };
    facts.push((ui.word(Word::ValidFrom).to_owned(), first_day));
    facts.push((ui.word(end).to_owned(), until));
    let key = key.map_or(ui.word(Word::Unknown).to_owned(), |(algorithm, bits)| format!("{algorithm}, {bits}"));
    facts.push((ui.word(Word::Key).to_owned(), key));
}

/// Whom the certificate names: only shown of the one for signing, which wants the password first.
fn who(holder: &Holder, ui: Ui) -> (Facts, Map<String, Value>) {
    let (sex_name, sex_word) = sex(match holder.sex() {
        Sex::Male => "1",
        Sex::Female => "2",
        Sex::NotApplicable => "9",
        Sex::Unknown => "0",
    });
    let birth = holder.birth();
    let (era, era_word) = match birth.era {
        Era::Meiji => (Some("meiji"), Some(Word::Meiji)),
        Era::Taisho => (Some("taisho"), Some(Word::Taisho)),
        Era::Showa => (Some("showa"), Some(Word::Showa)),
        Era::Heisei => (Some("heisei"), Some(Word::Heisei)),
        Era::Reiwa => (Some("reiwa"), Some(Word::Reiwa)),
        Era::Other(_) => (None, None),
    };
    let day = super::status::iso(birth.day);
    let mut facts = vec![
        (Word::Name, holder.name().to_owned()),
        (Word::Address, holder.address().to_owned()),
        (Word::Birth, era_word.map_or_else(|| day.clone(), |era| format!("{day} ({})", ui.word(era)))),
        (Word::Sex, ui.word(sex_word).to_owned()),
    ];
    let substitutes = |characters: Option<Vec<(char, bool)>>| {
        characters.map(|all| all.into_iter().filter(|(_, stands)| *stands).map(|(it, _)| it).collect::<String>())
    };
    let [of_name, of_address] = [holder.name_characters(), holder.address_characters()].map(substitutes);
    let shown: Vec<_> =
        [&of_name, &of_address].into_iter().flatten().filter(|text| !text.is_empty()).cloned().collect();
    if !shown.is_empty() {
        facts.push((Word::Substitutes, shown.join(" / ")));
    }
    let mut facts: Facts = facts.into_iter().map(|(word, value)| (ui.word(word).to_owned(), value)).collect();
    // Entries that came after this was written, by their number.
    let mut other = Vec::new();
    for (id, value) in holder.other() {
        let value = match value {
            OtherValue::Text(text) => text.to_owned(),
            OtherValue::Der(der) => hex::encode_upper(der),
        };
        facts.push((id.to_string(), value.clone()));
        other.push(json!({ "id": id.to_string(), "value": value }));
    }
    let holder = json!({
        "name": holder.name(),
        "name_substitutes": of_name,
        "address": holder.address(),
        "address_substitutes": of_address,
        "birth": day,
        "era": era,
        "sex": sex_name,
        "other": other,
    });
    (facts, Map::from_iter([("holder".to_owned(), holder)]))
}
