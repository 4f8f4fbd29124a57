//! `kazasu sign`: read, look, ask, sign, check, write; in this order, so that a bad file or an expired certificate
//! never costs a try, and nothing is written that the certificate does not verify.

use super::forms::{AuthForm, Form, Job, SignForm};
use super::pdf::{self, PDF_START, PdfForm, Waiting, is_pdf};
use crate::args::{Global, HashArg, KeyArg};
use crate::cancel;
use crate::card::{Link, Source};
use crate::certificate::Validity;
use crate::failure::Failure;
use crate::secrets::{Asker, checked, last_try};
use crate::ui::{Draft, Output, Ui, harmless};
use kazasu_catalogue::{Argument, Part, Trouble, Word};
use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate, Jpki, JpkiSecret};
use kazasu_core::secret::{Auth, Secret, Sign};
use kazasu_core::step::block_on;
use kazasu_core::{CardKind, Counter, Error, LastTry, LinkError, SecretKind};
use kazasu_pki::hash::{Hash, Hasher};
use kazasu_pki::pdf::Profile;
use kazasu_pki::{DisclosureAck, Purpose, Signing, TransientCertificate, UserAuthentication, jws};
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use zeroize::Zeroizing;

/// What to sign, how, and where to.
pub(super) struct Order<'a> {
    pub(super) key: KeyArg,
    pub(super) form: Option<FormArg>,
    pub(super) hash: HashArg,
    pub(super) files: &'a [PathBuf],
    pub(super) output: Option<&'a Path>,
    pub(super) acknowledge_disclosure: bool,
    pub(super) allow_expired: bool,
    pub(super) allow_changed: bool,
}

/// What comes out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FormArg {
    Detached,
    Cms,
    Jws,
    Raw,
    Pdf,
    Pades,
}

/// CMS with the file inside is made in memory; DER has lengths up to 256 MiB.
const LARGEST_INSIDE: usize = 128 << 20;

impl FormArg {
    /// What a signature of this form is called beside its file, and in JSON.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Detached => ("p7s", "detached"),
            Self::Cms => ("p7m", "cms"),
            Self::Jws => ("jws", "jws"),
            Self::Raw => ("sig", "raw"),
            Self::Pdf => ("signed.pdf", "pdf"),
            Self::Pades => ("signed.pdf", "pades"),
        }
    }

    /// Whether the signing certificate goes into the result.
    const fn shows_the_holder(self) -> bool {
        matches!(self, Self::Detached | Self::Cms | Self::Pdf | Self::Pades)
    }

    /// How large a file can be that goes inside.
    const fn inside(self) -> Option<usize> {
        match self {
            Self::Cms => Some(LARGEST_INSIDE),
            // In base64.
            Self::Jws => Some(jws::LONGEST_JWS / 2),
            Self::Detached | Self::Raw | Self::Pdf | Self::Pades => None,
        }
    }
}

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    order: &Order<'_>,
) -> Result<Output, Failure> {
    let piped = piped(global, order)?;
    let form = form(order, &piped)?;
    let outputs = outputs(order, form)?;
    let jobs = Jobs::read(order, form, &piped)?;
    for output in &outputs {
        ui.one_voice(output)?;
    }
    // Before the drafts: a signal ends the program while it asks.
    let told = if form.shows_the_holder() { Some(disclosure(order, ui)?) } else { None };
    let drafts = outputs.iter().map(|output| Draft::new(output, ui)).collect::<Result<Vec<_>, _>>()?;
    let work = Work { ui, last_try: last_try(global), allow_expired: order.allow_expired };
    let signed = match (&jobs, order.key, told) {
        (Jobs::Pdfs(jobs), _, Some(told)) => block_on(work.run::<Sign, _>(source, asker, jobs, PdfForm(told)))?,
        (Jobs::Pdfs(_), _, None) => return Err(Trouble::Disclosure.into()),
        (Jobs::Files(jobs), KeyArg::Sign, told) => {
            block_on(work.run::<Sign, _>(source, asker, jobs, told.map_or(SignForm::Raw, SignForm::Cms)))?
        }
        (Jobs::Files(jobs), KeyArg::Auth, _) => {
            let form = if form == FormArg::Jws { AuthForm::Jws } else { AuthForm::Raw };
            block_on(work.run::<Auth, _>(source, asker, jobs, form))?
        }
    };
    if cancel::flag().load(Ordering::SeqCst) {
        return Err(Error::Link(LinkError::Cancelled).into());
    }
    let mut files = Vec::new();
    let mut text = String::new();
    for ((draft, signed), (file, output)) in drafts.into_iter().zip(&signed).zip(order.files.iter().zip(&outputs)) {
        draft.finish(signed)?;
        let output = output.display().to_string();
        if output != "-" {
            text += &format!("{}: {}\n", ui.word(Word::Signed), harmless(&output));
        }
        files.push(json!({ "signed": file.display().to_string(), "signature": output, "bytes": signed.len() }));
    }
    let json = json!({
        "files": files,
        "form": form.names().1,
        "key": if order.key == KeyArg::Auth { "auth" } else { "sign" },
        "hash": order.hash.name(),
        "checked": "card-certificate",
    });
    Ok(Output { json, text })
}

/// The first bytes of standard input, which can be read only once, and say whether it is a PDF.
fn piped(global: &Global, order: &Order<'_>) -> Result<Vec<u8>, Failure> {
    let from_input = order.files.iter().filter(|file| is_input(file)).count();
    if from_input > 1 || (from_input == 1 && global.secret_fd == Some(0)) {
        return Err(Failure::argument(Argument::TwoInputs));
    }
    let mut start = Vec::new();
    if from_input == 1 {
        if order.output.is_none() {
            return Err(Failure::argument(Argument::NoOutput));
        }
        let read = std::io::stdin().take(PDF_START.len() as u64).read_to_end(&mut start);
        read.map_err(|error| Failure::unreadable(Path::new("-"), &error))?;
    }
    Ok(start)
}

fn is_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// The user-authentication key signs no document, and the signature key's certificate does not go into a token.
fn form(order: &Order<'_>, piped: &[u8]) -> Result<FormArg, Failure> {
    let is_pdf = |file: &Path| if is_input(file) { piped == PDF_START } else { is_pdf(file) };
    // Whoever names a PDF wants it signed inside, and would not look for a signature beside it.
    let misnamed = |file: &&PathBuf| is_called_pdf(file) && file.is_file() && !is_pdf(file);
    if let (KeyArg::Sign, None, Some(file)) = (order.key, order.form, order.files.iter().find(misnamed)) {
        return Err(Failure::argument(Argument::NamedPdf(file.display().to_string())));
    }
    let form = match (order.key, order.form) {
        (KeyArg::Sign, None) => match order.files.iter().filter(|file| is_pdf(file)).count() {
            0 => FormArg::Detached,
            pdfs if pdfs == order.files.len() => FormArg::Pdf,
            _ => return Err(Failure::argument(Argument::SomePdfs)),
        },
        (KeyArg::Auth, None) => FormArg::Raw,
        (KeyArg::Sign, Some(FormArg::Jws))
        | (KeyArg::Auth, Some(FormArg::Detached | FormArg::Cms | FormArg::Pdf | FormArg::Pades)) => {
            return Err(Failure::argument(Argument::KeyAndForm));
        }
        (_, Some(form)) => form,
    };
    // Whoever opens it expects what was signed, and would find a signature that no PDF program reads.
    if let (FormArg::Detached | FormArg::Cms | FormArg::Jws | FormArg::Raw, Some(output)) = (form, order.output)
        && is_called_pdf(output)
    {
        return Err(Failure::argument(Argument::PdfOutput(output.display().to_string())));
    }
    if form != FormArg::Raw && order.hash != HashArg::Sha256 {
        return Err(Failure::argument(Argument::HashOfForm));
    }
    Ok(form)
}

fn is_called_pdf(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("pdf"))
}

/// Where each signature goes.
fn outputs(order: &Order<'_>, form: FormArg) -> Result<Vec<PathBuf>, Failure> {
    let mut outputs: Vec<PathBuf> = Vec::new();
    for file in order.files {
        let output = match order.output {
            Some(_) if order.files.len() > 1 => return Err(Failure::argument(Argument::OneOutput)),
            Some(output) => output.to_owned(),
            None => {
                let output = match form {
                    FormArg::Pdf | FormArg::Pades => file.with_extension(form.names().0),
                    _ => {
                        let mut name = file.clone().into_os_string();
                        name.push(".");
                        name.push(form.names().0);
                        PathBuf::from(name)
                    }
                };
                // Two files with one place between them: the second would replace the first.
                if outputs.iter().any(|taken| place(taken) == place(&output)) {
                    return Err(Failure::argument(Argument::TwoIntoOne(output.display().to_string())));
                }
                output
            }
        };
        if let (Ok(file), Ok(output)) = (file.canonicalize(), output.canonicalize())
            && file == output
        {
            return Err(Failure::argument(Argument::SameFile));
        }
        outputs.push(output);
    }
    Ok(outputs)
}

/// Where a file that is not there yet will be, by whatever way it is named.
fn place(output: &Path) -> PathBuf {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned()).join(output.file_name().unwrap_or_default())
}

/// What was read of the files.
enum Jobs {
    Files(Vec<Job>),
    Pdfs(Vec<Waiting>),
}

impl Jobs {
    fn read(order: &Order<'_>, form: FormArg, piped: &[u8]) -> Result<Self, Failure> {
        let profile = match form {
            FormArg::Pdf => Profile::Registry,
            FormArg::Pades => Profile::Pades,
            _ => {
                return order
                    .files
                    .iter()
                    .map(|file| read(file, piped, order.hash, form))
                    .collect::<Result<_, _>>()
                    .map(Self::Files);
            }
        };
        let waiting = |file: &PathBuf| {
            let bytes = pdf::read(file)?;
            let bytes = if is_input(file) { [piped, &bytes].concat() } else { bytes };
            Waiting::of(file, bytes, profile, order.allow_changed)
        };
        order.files.iter().map(waiting).collect::<Result<_, _>>().map(Self::Pdfs)
    }
}

/// Reads a file once, and keeps it only where it goes into the result.
fn read(file: &Path, piped: &[u8], hash: HashArg, form: FormArg) -> Result<Job, Failure> {
    let unreadable = |error| Failure::unreadable(file, &error);
    let mut input: Box<dyn Read + '_> = if is_input(file) {
        Box::new(piped.chain(std::io::stdin()))
    } else {
        Box::new(std::fs::File::open(file).map_err(unreadable)?)
    };
    let hash = match hash {
        HashArg::Sha256 => Hash::Sha256,
        HashArg::Sha384 => Hash::Sha384,
        HashArg::Sha512 => Hash::Sha512,
    };
    let Some(largest) = form.inside() else {
        let mut hasher = Hasher::new(hash);
        std::io::copy(&mut input, &mut hasher).map_err(unreadable)?;
        return Ok(Job { digest: hasher.finish(), content: None });
    };
    let mut content = Vec::new();
    let read = input.take(largest as u64 + 1).read_to_end(&mut content);
    read.map_err(unreadable)?;
    if content.len() > largest {
        return Err(Failure::argument(Argument::TooLargeInside(largest)));
    }
    Ok(Job { digest: hash.digest(&content), content: Some(content) })
}

/// Nobody's name, address, birth date and sex go into a file unasked. Nothing was sent to the card yet.
fn disclosure(order: &Order<'_>, ui: Ui) -> Result<DisclosureAck, Failure> {
    if order.acknowledge_disclosure || ui.agreed(Word::AskDisclosure)?.ok_or(Trouble::Disclosure)? {
        Ok(DisclosureAck::the_file_will_show_name_address_birth_date_and_sex())
    } else {
        Err(Trouble::Declined.into())
    }
}

/// A key's way to its certificate before its secret is asked for.
pub(super) trait SigningKey: JpkiSecret {
    type Purpose: Purpose;
    /// The authority's certificate, which needs no secret.
    const AUTHORITY: FreeCertificate;

    /// Looks at what needs no secret.
    async fn look(jpki: &mut Jpki<'_, Link<'_>>) -> Result<Option<Zeroizing<Vec<u8>>>, Failure>;
}

impl SigningKey for Auth {
    type Purpose = UserAuthentication;
    const AUTHORITY: FreeCertificate = FreeCertificate::AuthCa;

    /// The certificate, where it can be read without the PIN.
    async fn look(jpki: &mut Jpki<'_, Link<'_>>) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        let mut buf = Zeroizing::new([0; CERTIFICATE_BUFFER]);
        match jpki.certificate(FreeCertificate::Auth, &mut buf[..]).await {
            Ok(der) => Ok(Some(Zeroizing::new(der.to_vec()))),
            Err(Error::SecretRequired { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl SigningKey for Sign {
    type Purpose = Signing;
    const AUTHORITY: FreeCertificate = FreeCertificate::SignCa;

    /// Whether there is a certificate at all.
    async fn look(jpki: &mut Jpki<'_, Link<'_>>) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
        match jpki.certificates_present().await {
            Ok(present) if !present.sign => Err(Error::Absent { what: "signature certificate" }.into()),
            Ok(_) | Err(Error::Absent { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// What is to be done in one tap.
struct Work {
    ui: Ui,
    last_try: LastTry,
    allow_expired: bool,
}

/// What was read of the card before its secret.
struct Seen<P> {
    certificate: Option<TransientCertificate<P>>,
    authority: Option<Vec<u8>>,
}

impl Work {
    /// In one session when the secret was given; a person is asked between two, so that the card is not held meanwhile.
    async fn run<K: SigningKey, F: Form<K::Purpose>>(
        &self,
        source: &mut Source,
        asker: &mut Asker,
        jobs: &[F::Job],
        form: F,
    ) -> Result<Vec<Vec<u8>>, Failure> {
        // The format of a given secret is checked before the card is touched.
        let given = if asker.prompts() { None } else { Some(checked::<K>(&asker.ask(self.ui, &[K::KIND], &[])?)?) };
        let mut session = source.open(self.ui)?;
        let mut jpki = session.jpki().await?;
        refuse_juki(&mut jpki).await?;
        let certificate = K::look(&mut jpki).await?;
        if let Some(der) = &certificate {
            Validity::of(der)?.check(self.allow_expired)?;
        }
        let certificate = certificate.map(|der| transient(&der)).transpose()?;
        let authority = if form.with_authority() { authority::<K>(&mut jpki).await? } else { None };
        let seen = Seen { certificate, authority };
        if let Some(secret) = given {
            return self.sign(&mut jpki, secret, jobs, form, seen).await;
        }
        if K::KIND == SecretKind::SignPassword {
            warn_of_an_expired_card(&mut jpki, self.ui).await?;
        }
        let left = not_blocked(K::KIND, jpki.tries(K::KIND).await?)?;
        drop(session);
        let secret = checked::<K>(&asker.ask(self.ui, &[K::KIND], &[left])?)?;
        let mut session = source.open(self.ui)?;
        self.sign(&mut session.jpki().await?, secret, jobs, form, seen).await
    }

    /// Unlocks, reads the key's certificate if that has not been done, refuses an expired one, signs everything.
    async fn sign<K: SigningKey, F: Form<K::Purpose>>(
        &self,
        jpki: &mut Jpki<'_, Link<'_>>,
        secret: Secret<K>,
        jobs: &[F::Job],
        form: F,
        seen: Seen<K::Purpose>,
    ) -> Result<Vec<Vec<u8>>, Failure> {
        let mut unlocked = jpki.unlock(secret, self.last_try).await?;
        let certificate = match seen.certificate {
            Some(certificate) => certificate,
            None => {
                let mut buf = Zeroizing::new([0; CERTIFICATE_BUFFER]);
                let der = unlocked.certificate(&mut buf[..]).await?;
                Validity::of(der)?.check(self.allow_expired)?;
                transient(der)?
            }
        };
        let begin = |job| form.begin(job, &certificate, seen.authority.as_deref());
        // Everything is prepared before the first signature.
        let pending = jobs.iter().map(begin).collect::<Result<Vec<_>, _>>()?;
        let mut signed = Vec::new();
        for pending in pending {
            let signature = unlocked.sign(&pending.digest).await?;
            signed.push((pending.finish)(&signature)?);
        }
        Ok(signed)
    }
}

fn transient<P: Purpose>(der: &[u8]) -> Result<TransientCertificate<P>, Failure> {
    TransientCertificate::new(der).map_err(|_| Trouble::Unreadable { what: Part::Certificate }.into())
}

/// `None` where the card has none, or shows it only with the secret, as a phone does.
async fn authority<K: SigningKey>(jpki: &mut Jpki<'_, Link<'_>>) -> Result<Option<Vec<u8>>, Failure> {
    let mut buf = [0; CERTIFICATE_BUFFER];
    match jpki.certificate(K::AUTHORITY, &mut buf).await {
        Ok(der) => Ok(Some(der.to_vec())),
        Err(Error::Absent { .. } | Error::SecretRequired { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether there is a signature certificate at all, and how many tries are left of its password.
pub(super) async fn look_before_asking(source: &mut Source, ui: Ui) -> Result<Counter, Failure> {
    let mut session = source.open(ui)?;
    let mut jpki = session.jpki().await?;
    Sign::look(&mut jpki).await?;
    warn_of_an_expired_card(&mut jpki, ui).await?;
    not_blocked(SecretKind::SignPassword, jpki.tries(SecretKind::SignPassword).await?)
}

/// The signature certificate cannot be read before the password is typed. It was most likely issued together with the
/// other one, whose last day anybody may read; it may also have been renewed since, so this is told and nothing is
/// refused.
async fn warn_of_an_expired_card(jpki: &mut Jpki<'_, Link<'_>>, ui: Ui) -> Result<(), Failure> {
    let validity = match Auth::look(jpki).await {
        Err(link @ Failure::Card(Error::Link(_))) => return Err(link),
        // Only a warning is lost.
        other => other.ok().flatten().and_then(|der| Validity::of(&der).ok()),
    };
    if let Some(over) = validity.filter(|validity| validity.expired) {
        ui.note(&format!("{} ({})", ui.word(Word::OtherExpired), over.last_day));
    }
    Ok(())
}

/// A 住基カード has the application too, but its certificates are long over.
pub(super) async fn refuse_juki(jpki: &mut Jpki<'_, Link<'_>>) -> Result<(), Failure> {
    match jpki.token_kind().await? {
        found @ CardKind::Juki => Err(Error::WrongCard { found }.into()),
        _ => Ok(()),
    }
}

/// Nobody is asked for a secret that is blocked.
pub(super) fn not_blocked(kind: SecretKind, left: Counter) -> Result<Counter, Failure> {
    if left == Counter::Blocked { Err(Error::Blocked { kind, spent: Some(false) }.into()) } else { Ok(left) }
}
