//! `kazasu sign`: digest, look, ask, sign, check, write; in this order, so that a bad file or an expired certificate never
//! costs a try, and nothing is written that the certificate does not verify.

use crate::args::{Global, HashArg, KeyArg};
use crate::cancel;
use crate::card::{Link, Source};
use crate::certificate::{Validity, verify};
use crate::failure::Failure;
use crate::secrets::{Asker, checked, last_try};
use crate::ui::{Draft, Output, Ui};
use kazasu_catalogue::{Argument, Word};
use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate, Jpki, JpkiSecret};
use kazasu_core::secret::{Auth, Secret, Sign};
use kazasu_core::step::block_on;
use kazasu_core::{CardKind, Counter, Digest, Error, LastTry, LinkError, SecretKind, Signature};
use serde_json::json;
use sha2::{Sha256, Sha384, Sha512};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::Ordering;

/// What to sign, how, and where to.
pub(super) struct Order<'a> {
    pub(super) key: KeyArg,
    pub(super) hash: HashArg,
    pub(super) file: &'a Path,
    pub(super) output: &'a Path,
    pub(super) allow_expired: bool,
}

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    order: &Order<'_>,
) -> Result<Output, Failure> {
    if global.secret_fd == Some(0) && order.file.as_os_str() == "-" {
        return Err(Failure::argument(Argument::TwoInputs));
    }
    if let (Ok(file), Ok(output)) = (order.file.canonicalize(), order.output.canonicalize())
        && file == output
    {
        return Err(Failure::argument(Argument::SameFile));
    }
    let (digest, hash) = digest(order)?;
    ui.one_voice(order.output)?;
    let draft = Draft::new(order.output)?;
    let last_try = last_try(global);
    let (certificate, signature) = match order.key {
        KeyArg::Auth => block_on(work::<Auth>(source, asker, ui, order, last_try, &digest))?,
        KeyArg::Sign => block_on(work::<Sign>(source, asker, ui, order, last_try, &digest))?,
    };
    verify(&certificate, &digest, &signature)?;
    if cancel::flag().load(Ordering::SeqCst) {
        return Err(Error::Link(LinkError::Cancelled).into());
    }
    draft.finish(&signature.0)?;
    let output = order.output.display().to_string();
    let text = if output == "-" { String::new() } else { format!("{}: {output}\n", ui.word(Word::Signed)) };
    let key = if order.key == KeyArg::Auth { "auth" } else { "sign" };
    let json = json!({
        "signed": order.file.display().to_string(),
        "key": key,
        "hash": hash,
        "signature": output,
        "bytes": signature.0.len(),
        "checked": "card-certificate",
    });
    Ok(Output { json, text })
}

/// A key's way to its certificate before its secret is asked for.
pub(super) trait Signer: JpkiSecret {
    /// Looks at what needs no secret.
    async fn look(jpki: &mut Jpki<'_, Link<'_>>) -> Result<Option<Vec<u8>>, Failure>;
}

impl Signer for Auth {
    /// The certificate, where it can be read without the PIN.
    async fn look(jpki: &mut Jpki<'_, Link<'_>>) -> Result<Option<Vec<u8>>, Failure> {
        let mut buf = [0; CERTIFICATE_BUFFER];
        match jpki.certificate(FreeCertificate::Auth, &mut buf).await {
            Ok(der) => Ok(Some(der.to_vec())),
            Err(Error::SecretRequired { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Signer for Sign {
    /// Whether there is a certificate at all.
    async fn look(jpki: &mut Jpki<'_, Link<'_>>) -> Result<Option<Vec<u8>>, Failure> {
        match jpki.certificates_present().await {
            Ok(present) if !present.sign => Err(Error::Absent { what: "signature certificate" }.into()),
            Ok(_) | Err(Error::Absent { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// In one session when the secret was given; a person is asked between two, so that the card is not held meanwhile.
async fn work<K: Signer>(
    source: &mut Source,
    asker: &mut Asker,
    ui: Ui,
    order: &Order<'_>,
    last_try: LastTry,
    digest: &Digest,
) -> Result<(Vec<u8>, Signature), Failure> {
    // The format of a given secret is checked before the card is touched.
    let given = if asker.prompts() { None } else { Some(checked::<K>(&asker.ask(ui, &[K::KIND], &[])?)?) };
    let mut session = source.open(ui)?;
    let mut jpki = session.jpki().await?;
    refuse_juki(&mut jpki).await?;
    let certificate = K::look(&mut jpki).await?;
    if let Some(der) = &certificate {
        Validity::of(der)?.check(order.allow_expired)?;
    }
    if let Some(secret) = given {
        return sign(&mut jpki, secret, last_try, digest, certificate, order.allow_expired).await;
    }
    if K::KIND == SecretKind::SignPassword {
        warn_of_an_expired_card(&mut jpki, ui).await?;
    }
    let left = not_blocked(K::KIND, jpki.tries(K::KIND).await?)?;
    drop(session);
    let secret = checked::<K>(&asker.ask(ui, &[K::KIND], &[left])?)?;
    let mut session = source.open(ui)?;
    sign(&mut session.jpki().await?, secret, last_try, digest, certificate, order.allow_expired).await
}

/// Unlocks, reads the key's certificate if that has not been done, refuses an expired one, signs.
async fn sign<K: JpkiSecret>(
    jpki: &mut Jpki<'_, Link<'_>>,
    secret: Secret<K>,
    last_try: LastTry,
    digest: &Digest,
    certificate: Option<Vec<u8>>,
    allow_expired: bool,
) -> Result<(Vec<u8>, Signature), Failure> {
    let mut unlocked = jpki.unlock(secret, last_try).await?;
    let certificate = match certificate {
        Some(der) => der,
        None => {
            let mut buf = [0; CERTIFICATE_BUFFER];
            let der = unlocked.certificate(&mut buf).await?.to_vec();
            Validity::of(&der)?.check(allow_expired)?;
            der
        }
    };
    let signature = unlocked.sign(digest).await?;
    Ok((certificate, signature))
}

/// Whether there is a signature certificate at all, and how many tries are left of its password.
pub(super) async fn look_before_asking(source: &mut Source, ui: Ui) -> Result<Counter, Failure> {
    let mut session = source.open(ui)?;
    let mut jpki = session.jpki().await?;
    Sign::look(&mut jpki).await?;
    warn_of_an_expired_card(&mut jpki, ui).await?;
    not_blocked(SecretKind::SignPassword, jpki.tries(SecretKind::SignPassword).await?)
}

/// The signature certificate cannot be read before the password is typed. It was most likely issued together with the other one,
/// whose last day anybody may read; it may also have been renewed since, so this is told and nothing is refused.
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

fn digest(order: &Order<'_>) -> Result<(Digest, &'static str), Failure> {
    let unreadable = |error| Failure::unreadable(order.file, &error);
    let mut input: Box<dyn Read> = if order.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(order.file).map_err(unreadable)?)
    };
    Ok(match order.hash {
        HashArg::Sha256 => (Digest::Sha256(hash::<Sha256>(&mut input).map_err(unreadable)?.into()), "sha256"),
        HashArg::Sha384 => (Digest::Sha384(hash::<Sha384>(&mut input).map_err(unreadable)?.into()), "sha384"),
        HashArg::Sha512 => (Digest::Sha512(hash::<Sha512>(&mut input).map_err(unreadable)?.into()), "sha512"),
    })
}

fn hash<D: sha2::Digest + std::io::Write>(input: &mut dyn Read) -> std::io::Result<sha2::digest::Output<D>> {
    let mut hasher = D::new();
    std::io::copy(input, &mut hasher)?;
    Ok(hasher.finalize())
}
