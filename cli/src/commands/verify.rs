//! `kazasu verify`: what can be said about the signatures of a file, without a card.

use super::pdf::{self, was_pdf, were_pdf};
use crate::args::KeyArg;
use crate::certificate::anchors;
use crate::failure::Failure;
use crate::trust::{Looked, Report, Section, in_japan};
use crate::ui::{Output, Ui, harmless, write_file};
use kazasu_catalogue::trust::revocation;
use kazasu_catalogue::{Argument, FileFault, Trouble, Unsigned, Word};
use kazasu_pki::cms::{CmsError, SignedFile, Signer, Trust};
use kazasu_pki::handed_in::HandedIn;
use kazasu_pki::hash::{Hash, Hasher};
use kazasu_pki::login::{Origin, inspect};
use kazasu_pki::path::examine;
use kazasu_pki::{
    Anchors, CertificateError, Check, Findings, Nonce, Outcome, Purpose, RevocationStatus, Signing,
    TransientCertificate, UserAuthentication, jws, raw,
};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};
use zeroize::Zeroizing;

/// What to look at, and whom to believe.
pub(super) struct Order<'a> {
    pub(super) file: &'a Path,
    pub(super) content: Option<&'a Path>,
    /// Of a bare signature.
    pub(super) certificate: Option<&'a Path>,
    /// Which key it is to be; the signature key where nobody says.
    pub(super) key: Option<KeyArg>,
    /// Of a login token.
    pub(super) login: Option<(Origin, Nonce)>,
    pub(super) authorities: &'a [PathBuf],
    pub(super) lists: &'a [PathBuf],
    pub(super) answers: &'a [PathBuf],
    pub(super) timestamp_authorities: &'a [PathBuf],
    pub(super) cades: bool,
    pub(super) test_anchors: bool,
    pub(super) without: &'a [String],
    pub(super) html: Option<&'a Path>,
    /// Now.
    pub(super) at: SystemTime,
}

/// Longer than any signed file that can be read: lengths in DER end at 256 MiB.
const LARGEST: u64 = 256 << 20;

pub(super) fn run(ui: Ui, order: &Order<'_>) -> Result<(Output, ExitCode), Failure> {
    let without = super::genuine::without(order.without)?;
    // Also with --force: it would be a file that the result rests on.
    if let Some(page) = order.html
        && let Some(read) = order.reads().into_iter().find(|file| is_same(file, page))
    {
        return Err(Failure::argument(Argument::ReadForPage(read.display().to_string())));
    }
    // What comes by itself cannot be read twice.
    if order.reads().iter().filter(|file| file.as_os_str() == "-").count() > 1 {
        return Err(Failure::argument(Argument::TwoInputs));
    }
    let piped = if order.file.as_os_str() == "-" { Some(pdf::read(order.file)?) } else { None };
    let is_pdf = piped.as_ref().map_or_else(|| was_pdf(order.file), |bytes| were_pdf(bytes));
    if is_pdf {
        order.refuse_what_is_not_of(Kind::Pdf)?;
        if let Some(content) = content(order).filter(|_| is_called_signature(order.file)) {
            let names = [order.file, &content].map(|path| path.display().to_string());
            let [pdf, content] = names;
            return Err(Failure::argument(Argument::PdfBeside(pdf, content)));
        }
        let beside = Beside::read(order)?;
        let file = piped.map_or_else(|| pdf::read(order.file), Ok)?;
        return pdf::verify(ui, order, &without, &beside, &file);
    }
    let file = piped.map_or_else(|| read(order.file), Ok)?;
    let kind = kind(order, &file)?;
    order.refuse_what_is_not_of(kind)?;
    let beside = Beside::read(order)?;
    match (kind, &order.login, order.certificate) {
        (Kind::Token, Some(login), _) => token(ui, order, &without, &beside, &file, login),
        (Kind::Bare, _, Some(certificate)) if order.key == Some(KeyArg::Auth) => {
            bare::<UserAuthentication>(ui, order, &without, &beside, &file, certificate)
        }
        (Kind::Bare, _, Some(certificate)) => bare::<Signing>(ui, order, &without, &beside, &file, certificate),
        (Kind::Jws, ..) => jws(ui, order, &without, &beside, &file),
        (Kind::Cms | Kind::Bare | Kind::Token | Kind::Pdf, ..) => cms(ui, order, &without, &beside, &file),
    }
}

/// What a file is looked at as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pdf,
    Cms,
    Jws,
    Bare,
    Token,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Pdf, Self::Cms, Self::Jws, Self::Bare, Self::Token];

    const fn word(self) -> Word {
        match self {
            Self::Pdf => Word::PdfFile,
            Self::Cms => Word::CmsFile,
            Self::Jws => Word::JwsFile,
            Self::Bare => Word::BareFile,
            Self::Token => Word::TokenFile,
        }
    }

    /// The options that say something about it; those about the certificate do about each.
    const fn options(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["--cades", "--timestamp-authority"],
            Self::Cms => &["--content", "--cades", "--timestamp-authority"],
            Self::Jws => &["--content"],
            Self::Bare => &["--content", "--certificate", "--key"],
            Self::Token => &["--origin"],
        }
    }
}

/// By what was asked, and then by what is in the file.
fn kind(order: &Order<'_>, file: &[u8]) -> Result<Kind, Failure> {
    if order.login.is_some() {
        return Ok(Kind::Token);
    }
    if order.certificate.is_some() {
        return Ok(Kind::Bare);
    }
    match std::str::from_utf8(file) {
        // A token is text, and begins as base64url of `{`.
        Ok(token) if token.starts_with("ey") => Ok(Kind::Jws),
        Ok(token) if token.starts_with("{\"unverifiedCertificate\"") => Err(Failure::argument(Argument::TokenAlone)),
        _ if order.file.extension().is_some_and(|extension| extension == "sig") => {
            Err(Failure::argument(Argument::RawAlone))
        }
        _ => Ok(Kind::Cms),
    }
}

/// As `sign` calls what goes beside a file.
fn is_called_signature(file: &Path) -> bool {
    let called = |name: &str| file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(name));
    SIGNATURES.into_iter().any(called)
}

const SIGNATURES: [&str; 4] = ["p7s", "p7m", "sig", "jws"];

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// What a signature beside a file is about: `contract.txt` beside `contract.txt.p7s`. Whoever opens that one believes
/// that it was looked at, also where the signature has a content inside.
fn content(order: &Order<'_>) -> Option<PathBuf> {
    order.content.map(Path::to_owned).or_else(|| lies_beside(order.file))
}

pub(super) fn lies_beside(signature: &Path) -> Option<PathBuf> {
    signature.extension().map(|_| signature.with_extension("")).filter(|content| content.is_file())
}

/// Reads a file once, for whoever digests it.
pub(super) fn digested(path: &Path, hasher: &mut dyn io::Write) -> Result<(), Failure> {
    let read = if path.as_os_str() == "-" {
        io::copy(&mut io::stdin(), hasher)
    } else {
        File::open(path).and_then(|mut file| io::copy(&mut file, hasher))
    };
    read.map(|_| ()).map_err(|error| Failure::unreadable(path, &error))
}

/// Writes to both.
struct Both<A, B>(A, B);

impl<A: io::Write, B: io::Write> io::Write for Both<A, B> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.write_all(piece)?;
        self.1.write_all(piece)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn cms(
    ui: Ui,
    order: &Order<'_>,
    without: &[Check],
    beside: &Beside,
    file: &[u8],
) -> Result<(Output, ExitCode), Failure> {
    let der = if file.starts_with(b"-----BEGIN ") { der::pem::decode_vec(file).ok().map(|(_, der)| der) } else { None };
    let signed = SignedFile::parse(der.as_deref().unwrap_or(file));
    let signed = signed.map_err(|error| unsigned(order.file, instead(order.file, file, &error)))?;
    let mut files = vec![Looked::at(order.file, file)];
    let content = content(order).map(|path| {
        let mut hashers = Both(signed.hasher(), Hasher::new(Hash::Sha256));
        digested(&path, &mut hashers)?;
        files.push(Looked::with(&path, &hashers.1.finish()));
        Ok::<_, Failure>(hashers.0.finish())
    });
    let digests = content.transpose()?;
    let signers = trust(order, beside, signed.authorities(), |trust| signed.verify(digests.as_ref(), trust))?;
    let sections = signers.iter().enumerate().map(|(number, signer)| Section {
        title: format!("{} {}", ui.word(Word::SignatureNumber), number + 1),
        facts: facts(ui, signer),
        findings: &signer.findings,
        pdf: None,
    });
    show(ui, order, without, beside, files, sections.collect())
}

/// The format of a proof, as it names itself.
const PROOF: &[u8] = b"\"kazasu-genuine:";

/// What a file is that is no signature, where that can be told.
fn instead(path: &Path, file: &[u8], error: &CmsError) -> Unsigned {
    let signature = |extension: &&str| {
        let mut name = path.as_os_str().to_owned();
        name.push(".");
        name.push(extension);
        PathBuf::from(name)
    };
    let beside = || SIGNATURES.iter().map(signature).find(|path| path.is_file());
    let is_proof = || file.starts_with(b"{") && file.windows(PROOF.len()).any(|window| window == PROOF);
    match beside() {
        _ if file.is_empty() => Unsigned::Empty,
        _ if is_proof() => Unsigned::Proof,
        Some(signature) if !is_called_signature(path) => Unsigned::Beside(signature.display().to_string()),
        _ => error.into(),
    }
}

/// A bare signature, by the certificate that was handed in. Which hash function it was, only the signature itself
/// knows.
fn bare<P: Purpose>(
    ui: Ui,
    order: &Order<'_>,
    without: &[Check],
    beside: &Beside,
    file: &[u8],
    path: &Path,
) -> Result<(Output, ExitCode), Failure> {
    let (der, looked) = certificate(path)?;
    let der = Zeroizing::new(der);
    let unreadable = |error: CertificateError| Failure::misread(path, FileFault::Certificate(error));
    let signer = TransientCertificate::<P>::new(&der).map_err(unreadable)?;
    let anchors = believed::<P>(order, beside)?;
    let examined = examine(&signer, &anchors, order.at, &beside.revocation).map_err(unreadable)?;
    let mut files = vec![Looked::at(order.file, file), looked];
    let mut findings = examined.findings;
    match content(order) {
        None => findings.extend(&raw::without_content()),
        Some(path) => {
            let [one, two, three] = [Hash::Sha256, Hash::Sha384, Hash::Sha512].map(Hasher::new);
            let mut hashers = Both(one, Both(two, three));
            digested(&path, &mut hashers)?;
            let Both(one, Both(two, three)) = hashers;
            let digests = [one, two, three].map(Hasher::finish);
            files.push(Looked::with(&path, &digests[0]));
            let lines = digests.map(|digest| raw::verify(&signer, &digest, file));
            let holds = |lines: &&Findings| lines.of(Check::SignatureValue) == Some(Outcome::Holds);
            findings.extend(lines.iter().find(holds).unwrap_or(&lines[0]));
        }
    }
    let facts = revocation_fact(ui, &examined.revocation).into_iter().collect();
    let title = format!("{} 1", ui.word(Word::SignatureNumber));
    show(ui, order, without, beside, files, vec![Section { title, facts, findings: &findings, pdf: None }])
}

/// Looks with what the order believes, and the pinned ones of the authorities that the file carries.
pub(super) fn trust<'d, R>(
    order: &Order<'_>,
    beside: &Beside,
    carried: impl Iterator<Item = &'d [u8]>,
    look: impl FnOnce(&Trust<'_>) -> R,
) -> Result<R, Failure> {
    let mut anchors = believed::<Signing>(order, beside)?;
    // One that is not pinned stays out, and the table says that the issuer is not known.
    carried.for_each(|der| {
        let _ = anchors.admit(der);
    });
    let timestamp_authorities: Vec<_> = beside.timestamp_authorities.iter().map(Vec::as_slice).collect();
    Ok(look(&Trust {
        anchors: &anchors,
        revocation: &beside.revocation,
        at: order.at,
        timestamp_authorities: &timestamp_authorities,
        cades: order.cades,
    }))
}

/// What the signature says of itself.
fn facts(ui: Ui, signer: &Signer) -> Vec<(String, String)> {
    let mut facts = signer_facts(ui, signer.certificate.as_ref(), signer.claimed_time, signer.timestamp);
    facts.extend(revocation_fact(ui, &signer.revocation));
    facts
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

/// What was answered about revocation, where anything was.
pub(super) fn revocation_fact(ui: Ui, status: &RevocationStatus) -> Option<(String, String)> {
    revocation(status, in_japan, ui.lang).map(|said| (ui.word(Word::Revocation).to_owned(), said))
}

fn jws(
    ui: Ui,
    order: &Order<'_>,
    without: &[Check],
    beside: &Beside,
    file: &[u8],
) -> Result<(Output, ExitCode), Failure> {
    let token = String::from_utf8_lossy(file);
    let anchors = believed::<UserAuthentication>(order, beside)?;
    let looked = jws::verify(token.trim_end(), &anchors, order.at, &beside.revocation);
    let mut looked = looked.map_err(|error| unsigned(order.file, &error))?;
    let mut files = vec![Looked::at(order.file, file)];
    // The message is inside; whoever has a file beside it believes that this one was signed.
    if let Some(path) = content(order) {
        let mut hasher = Hasher::new(Hash::Sha256);
        digested(&path, &mut hasher)?;
        let digest = hasher.finish();
        files.push(Looked::with(&path, &digest));
        looked.compare(&digest);
    }
    let title = format!("{} 1", ui.word(Word::SignatureNumber));
    let facts = revocation_fact(ui, &looked.revocation).into_iter().collect();
    let sections = vec![Section { title, facts, findings: &looked.findings, pdf: None }];
    show(ui, order, without, beside, files, sections)
}

/// A login token, for the origin and the nonce that the caller says, never those of the token.
fn token(
    ui: Ui,
    order: &Order<'_>,
    without: &[Check],
    beside: &Beside,
    file: &[u8],
    (origin, nonce): &(Origin, Nonce),
) -> Result<(Output, ExitCode), Failure> {
    let anchors = believed::<UserAuthentication>(order, beside)?;
    let looked = inspect(file, origin, nonce, &anchors, &beside.revocation, order.at);
    let mut facts = vec![(ui.word(Word::LoggingIn).to_owned(), origin.to_string())];
    facts.extend(revocation_fact(ui, &looked.revocation));
    let title = ui.word(Word::LoginToken).to_owned();
    let sections = vec![Section { title, facts, findings: &looked.findings, pdf: None }];
    show(ui, order, without, beside, vec![Looked::at(order.file, file)], sections)
}

/// The one place where a result is shown.
pub(super) fn show(
    ui: Ui,
    order: &Order<'_>,
    without: &[Check],
    beside: &Beside,
    mut files: Vec<Looked>,
    sections: Vec<Section<'_>>,
) -> Result<(Output, ExitCode), Failure> {
    let subject = order.file.display().to_string();
    files.extend(beside.files.iter().cloned());
    let report = Report { subject, at: order.at, files, sections, without, options: true, demonstration: false };
    if let Some(page) = order.html {
        ui.one_voice(page)?;
        write_file(page, report.html(ui).as_bytes(), ui)?;
        if page.as_os_str() != "-" {
            ui.note(&format!("{}: {}", ui.word(Word::Written), harmless(&page.display().to_string())));
        }
    }
    Ok((Output { json: report.json(), text: report.text(ui) }, report.exit_code()))
}

impl Order<'_> {
    /// Every file that is read for it.
    fn reads(&self) -> Vec<PathBuf> {
        let one = [Some(self.file.to_owned()), content(self), self.certificate.map(Path::to_owned)];
        let lists = [self.authorities, self.lists, self.answers, self.timestamp_authorities];
        one.into_iter().flatten().chain(lists.into_iter().flatten().cloned()).collect()
    }

    /// What is asked for and cannot be answered is an error, and no success about something else.
    fn refuse_what_is_not_of(&self, kind: Kind) -> Result<(), Failure> {
        let given = [
            ("--certificate", self.certificate.is_some()),
            ("--key", self.key.is_some()),
            ("--origin", self.login.is_some()),
            ("--content", self.content.is_some()),
            ("--cades", self.cades),
            ("--timestamp-authority", !self.timestamp_authorities.is_empty()),
        ];
        match given.into_iter().find(|(option, given)| *given && !kind.options().contains(option)) {
            None => Ok(()),
            Some((option, _)) => {
                let takes = Kind::ALL.into_iter().filter(|kind| kind.options().contains(&option)).map(Kind::word);
                Err(Failure::argument(Argument::NotOfThisFile(option, takes.collect(), kind.word())))
            }
        }
    }
}

/// What was handed in beside the file, DER, and which files it was.
pub(super) struct Beside {
    authorities: Vec<Vec<u8>>,
    revocation: HandedIn,
    timestamp_authorities: Vec<Vec<u8>>,
    files: Vec<Looked>,
}

impl Beside {
    fn read(order: &Order<'_>) -> Result<Self, Failure> {
        let (authorities, mut files) = certificates(order.authorities)?;
        let (revocation, handed_in) = handed_in(order.lists, order.answers, order.at)?;
        files.extend(handed_in);
        let (timestamp_authorities, looked) = certificates(order.timestamp_authorities)?;
        files.extend(looked);
        for (path, der) in order.timestamp_authorities.iter().zip(&timestamp_authorities) {
            let unreadable = FileFault::Certificate(CertificateError::Unreadable);
            Certificate::from_der(der).map_err(|_| Failure::misread(path, unreadable))?;
        }
        Ok(Self { authorities, revocation, timestamp_authorities, files })
    }
}

/// Revocation lists and answers, and which files they were.
pub(super) fn handed_in(
    lists: &[PathBuf],
    answers: &[PathBuf],
    now: SystemTime,
) -> Result<(HandedIn, Vec<Looked>), Failure> {
    let (list_files, answer_files) = (lists, answers);
    let ((lists, listed), (answers, answered)) = (certificates(lists)?, certificates(answers)?);
    refuse_others(list_files, &lists, FileFault::List, is_list)?;
    refuse_others(answer_files, &answers, FileFault::OcspAnswer, is_answer)?;
    Ok((HandedIn { lists, answers, now }, [listed, answered].concat()))
}

/// What is none of them was named by mistake; the result would say only that nothing usable was there. All of them are
/// named together.
fn refuse_others(paths: &[PathBuf], all: &[Vec<u8>], why: FileFault, is_one: fn(&[u8]) -> bool) -> Result<(), Failure> {
    let others = paths.iter().zip(all).filter(|(_, der)| !is_one(der));
    let others: Vec<_> = others.map(|(path, _)| path.display().to_string()).collect();
    if others.is_empty() { Ok(()) } else { Err(Trouble::FileUnreadable { path: others.join(", "), why }.into()) }
}

/// A CertificateList by its outermost fields (RFC 5280, 5.1); its entries are read when it is known who signed them.
fn is_list(der: &[u8]) -> bool {
    let all = elements(der).unwrap_or_default();
    let [tbs, algorithm, signature] = all[..] else { return false };
    let version = elements(tbs).unwrap_or_default().first().copied();
    version.is_some_and(|version| version.starts_with(&[0x02]))
        && algorithm.starts_with(&[0x30])
        && signature.starts_with(&[0x03])
}

/// An OCSPResponse by its status, an ENUMERATED (RFC 6960, 4.2.1).
fn is_answer(der: &[u8]) -> bool {
    elements(der).unwrap_or_default().first().is_some_and(|status| status.starts_with(&[0x0A]))
}

/// What stands in the one SEQUENCE that these bytes are.
fn elements(der: &[u8]) -> Option<Vec<&[u8]>> {
    let mut reader = SliceReader::new(der).ok()?;
    let read = reader.sequence(|inside| {
        let mut all = Vec::new();
        while !inside.is_finished() {
            all.push(inside.tlv_bytes()?);
        }
        Ok(all)
    });
    read.and_then(|all| reader.finish(all)).ok()
}

/// Each as DER, and which files they were.
fn certificates(paths: &[PathBuf]) -> Result<(Vec<Vec<u8>>, Vec<Looked>), Failure> {
    let all: Result<Vec<_>, _> = paths.iter().map(|path| certificate(path)).collect();
    Ok(all?.into_iter().unzip())
}

fn believed<P: Purpose>(order: &Order<'_>, beside: &Beside) -> Result<Anchors<P>, Failure> {
    let mut anchors = anchors(order.test_anchors, None)?;
    for (path, der) in order.authorities.iter().zip(&beside.authorities) {
        anchors.admit(der).map_err(|error| Failure::misread(path, FileFault::Authority(error)))?;
    }
    Ok(anchors)
}

/// DER, from DER or PEM, and which file it was.
fn certificate(path: &Path) -> Result<(Vec<u8>, Looked), Failure> {
    let bytes = read(path)?;
    let looked = Looked::at(path, &bytes);
    if !bytes.starts_with(b"-----") {
        return Ok((bytes, looked));
    }
    let der = der::pem::decode_vec(&bytes).map_err(|_| Failure::misread(path, FileFault::Pem))?;
    Ok((der.1, looked))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // One byte more than is allowed says that there are more: what is cut is another file.
    let read = if path.as_os_str() == "-" {
        io::stdin().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::unreadable(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::misread(path, FileFault::TooLong(LARGEST)));
    }
    Ok(bytes)
}

pub(super) fn unsigned(path: &Path, why: impl Into<Unsigned>) -> Failure {
    Trouble::NotSigned { path: path.display().to_string(), why: why.into() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_time_is_shown_as_in_japan() {
        assert_eq!(in_japan(SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_132_800)), "2026-11-20 09:00:00 JST");
    }
}
