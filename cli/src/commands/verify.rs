//! `kazasu verify`: what can be said about the signatures of a file, without a card.

use super::pdf::{self, was_pdf};
use crate::certificate::anchors;
use crate::failure::Failure;
use crate::trust::{Report, Section};
use crate::ui::{Output, Ui, harmless, write_file};
use der::DateTime;
use kazasu_catalogue::{Argument, Trouble, Word};
use kazasu_pki::cms::{SignedFile, Signer, Trust};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, Check, Purpose, Signing, TransientCertificate, UserAuthentication, jws};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

/// What to look at, and whom to believe.
pub(super) struct Order<'a> {
    pub(super) file: &'a Path,
    pub(super) content: Option<&'a Path>,
    pub(super) authorities: &'a [PathBuf],
    pub(super) timestamp_authorities: &'a [PathBuf],
    pub(super) cades: bool,
    pub(super) test_anchors: bool,
    pub(super) without: &'a [String],
    pub(super) html: Option<&'a Path>,
}

/// Longer than any signed file that can be read: lengths in DER end at 256 MiB.
const LARGEST: u64 = 256 << 20;

pub(super) fn run(ui: Ui, order: &Order<'_>) -> Result<(Output, ExitCode), Failure> {
    let without = super::genuine::without(order.without)?;
    // Never over what is there: it may be the very file to look at. A device is written to, not replaced.
    if let Some(page) = order.html.filter(|page| page.is_file()) {
        return Err(Failure::argument(Argument::OutputExists(page.display().to_string())));
    }
    if was_pdf(order.file) {
        return pdf::verify(ui, order, &without);
    }
    let file = read(order.file)?;
    // A token is text, and begins as base64url of `{`.
    match std::str::from_utf8(&file) {
        Ok(token) if token.starts_with("ey") => jws(ui, order, &without, token.trim_end()),
        _ => cms(ui, order, &without, &file),
    }
}

fn cms(ui: Ui, order: &Order<'_>, without: &[Check], file: &[u8]) -> Result<(Output, ExitCode), Failure> {
    let signed = SignedFile::parse(file).map_err(|error| unsigned(order.file, &error))?;
    let content = match order.content {
        Some(content) => Some(content.to_owned()),
        // `contract.txt` beside `contract.txt.p7s`: whoever opens that one believes that it was looked at, also where the signature has
        // a content inside.
        None => Some(order.file.with_extension("")).filter(|content| content.is_file()),
    };
    let digests = content.map(|path| {
        let mut hasher = signed.hasher();
        let read = File::open(&path).and_then(|mut content| io::copy(&mut content, &mut hasher));
        read.map(|_| hasher.finish()).map_err(|error| Failure::unreadable(&path, &error))
    });
    let digests = digests.transpose()?;
    let signers = trust(order, signed.authorities(), |trust| signed.verify(digests.as_ref(), trust))?;
    let sections = signers.iter().enumerate().map(|(number, signer)| Section {
        title: format!("{} {}", ui.word(Word::SignatureNumber), number + 1),
        facts: facts(ui, signer),
        findings: &signer.findings,
    });
    show(ui, order, sections.collect(), without)
}

/// Looks with what the order believes, and the pinned ones of the authorities that the file carries.
pub(super) fn trust<'d, R>(
    order: &Order<'_>,
    carried: impl Iterator<Item = &'d [u8]>,
    look: impl FnOnce(&Trust<'_>) -> R,
) -> Result<R, Failure> {
    let mut anchors = believed::<Signing>(order)?;
    // One that is not pinned stays out, and the table says that the issuer is not known.
    carried.for_each(|der| {
        let _ = anchors.admit(der);
    });
    let timestamp_authorities = order.timestamp_authorities.iter().map(|path| certificate(path));
    let timestamp_authorities = timestamp_authorities.collect::<Result<Vec<_>, _>>()?;
    let timestamp_authorities: Vec<_> = timestamp_authorities.iter().map(Vec::as_slice).collect();
    Ok(look(&Trust {
        anchors: &anchors,
        revocation: &NotAsked,
        at: SystemTime::now(),
        timestamp_authorities: &timestamp_authorities,
        cades: order.cades,
    }))
}

/// What the signature says of itself.
fn facts(ui: Ui, signer: &Signer) -> Vec<(String, String)> {
    signer_facts(ui, signer.certificate.as_ref(), signer.claimed_time, signer.timestamp)
}

/// Who, and when: as true as the table says.
pub(super) fn signer_facts(
    ui: Ui,
    certificate: Option<&TransientCertificate<Signing>>,
    claimed: Option<SystemTime>,
    timestamp: Option<SystemTime>,
) -> Vec<(String, String)> {
    let holder = certificate.and_then(|certificate| certificate.holder().ok());
    let name = holder.map(|holder| (Word::Name, holder.name().to_owned()));
    let claimed = claimed.map(|time| (Word::ClaimedTime, in_japan(time)));
    let stamped = timestamp.map(|time| (Word::TimestampTime, in_japan(time)));
    let facts = [name, claimed, stamped].into_iter().flatten();
    facts.map(|(word, value)| (ui.word(word).to_owned(), value)).collect()
}

fn jws(ui: Ui, order: &Order<'_>, without: &[Check], token: &str) -> Result<(Output, ExitCode), Failure> {
    let anchors = believed::<UserAuthentication>(order)?;
    let looked = jws::verify(token, &anchors, SystemTime::now(), &NotAsked);
    let looked = looked.map_err(|error| unsigned(order.file, &error))?;
    let title = format!("{} 1", ui.word(Word::SignatureNumber));
    let sections = vec![Section { title, facts: Vec::new(), findings: &looked.findings }];
    show(ui, order, sections, without)
}

/// The one place where a result is shown.
pub(super) fn show(
    ui: Ui,
    order: &Order<'_>,
    sections: Vec<Section<'_>>,
    without: &[Check],
) -> Result<(Output, ExitCode), Failure> {
    let report = Report { subject: order.file.display().to_string(), sections, without };
    if let Some(page) = order.html {
        ui.one_voice(page)?;
        write_file(page, report.html(ui).as_bytes())?;
        if page.as_os_str() != "-" {
            ui.note(&format!("{}: {}", ui.word(Word::Written), harmless(&page.display().to_string())));
        }
    }
    Ok((Output { json: report.json(), text: report.text(ui) }, report.exit_code()))
}

fn believed<P: Purpose>(order: &Order<'_>) -> Result<Anchors<P>, Failure> {
    let mut anchors = anchors(order.test_anchors, None)?;
    if order.test_anchors {
        return Ok(anchors);
    }
    for path in order.authorities {
        let why = |error: &dyn std::error::Error| Trouble::FileUnreadable {
            path: path.display().to_string(),
            why: error.to_string(),
        };
        anchors.admit(&certificate(path)?).map_err(|error| why(&error))?;
    }
    Ok(anchors)
}

/// A certificate's DER, from DER or PEM.
fn certificate(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read(path)?;
    if !bytes.starts_with(b"-----") {
        return Ok(bytes);
    }
    let der = der::pem::decode_vec(&bytes).map(|(_, der)| der);
    der.map_err(|error| Trouble::FileUnreadable { path: path.display().to_string(), why: error.to_string() }.into())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| Failure::unreadable(path, &error))
}

pub(super) fn unsigned(path: &Path, why: &dyn std::error::Error) -> Failure {
    Trouble::NotSigned { path: path.display().to_string(), why: why.to_string() }.into()
}

/// `2026-11-20 09:00:00 JST`.
fn in_japan(at: SystemTime) -> String {
    let there = at.checked_add(Duration::from_secs(9 * 3_600)).and_then(|there| DateTime::from_system_time(there).ok());
    let shown = |time: DateTime| {
        let (date, clock) = (
            format!("{:04}-{:02}-{:02}", time.year(), time.month(), time.day()),
            format!("{:02}:{:02}:{:02}", time.hour(), time.minutes(), time.seconds()),
        );
        format!("{date} {clock} JST")
    };
    there.map_or_else(|| String::from("?"), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_as_in_japan() {
        assert_eq!(in_japan(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_132_800)), "2026-11-20 09:00:00 JST");
    }
}
