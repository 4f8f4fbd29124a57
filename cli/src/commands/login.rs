//! `kazasu login`: one token for one server's nonce. The origin is shown before the PIN is asked for, and it is what is
//! signed.

use super::sign::{SigningKey, not_blocked, refuse_juki};
use crate::args::Global;
use crate::cancel;
use crate::card::{Link, Source};
use crate::certificate::Validity;
use crate::failure::Failure;
use crate::secrets::{Asker, checked, last_try};
use crate::ui::{Draft, Output, Ui};
use kazasu_catalogue::{Argument, Part, Trouble, Word};
use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, Jpki};
use kazasu_core::secret::{Auth, Secret};
use kazasu_core::step::block_on;
use kazasu_core::{Error, LastTry, LinkError, SecretKind};
use kazasu_pki::login::{Challenge, LoginError, Origin};
use kazasu_pki::{Nonce, TransientCertificate, UserAuthentication};
use serde_json::json;
use std::path::Path;
use std::sync::atomic::Ordering;
use zeroize::Zeroizing;

/// Where to log in, and where the token goes.
pub(super) struct Order<'a> {
    pub(super) origin: &'a str,
    pub(super) localhost: bool,
    pub(super) nonce: &'a str,
    pub(super) output: Option<&'a Path>,
}

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    order: &Order<'_>,
) -> Result<Output, Failure> {
    let (origin, nonce) = asked(order.origin, order.localhost, order.nonce)?;
    let draft = order.output.map(|output| ui.one_voice(output).and_then(|()| Draft::new(output, ui))).transpose()?;
    ui.note(&format!("{}: {origin}", ui.word(Word::LoggingIn)));
    let challenge = Challenge::new(&origin, &nonce);
    let token = block_on(work(source, asker, ui, last_try(global), challenge))?;
    if cancel::flag().load(Ordering::SeqCst) {
        return Err(Error::Link(LinkError::Cancelled).into());
    }
    let Some((draft, output)) = draft.zip(order.output) else {
        let json = json!({ "origin": origin.as_str(), "token": parsed(&token)? });
        return Ok(Output { json, text: format!("{}\n", *token) });
    };
    draft.finish(token.as_bytes())?;
    let output = output.display().to_string();
    let text = ui.written(&output);
    Ok(Output { json: json!({ "origin": origin.as_str(), "file": output }), text })
}

/// `--origin` and `--nonce`.
pub(super) fn asked(origin: &str, localhost: bool, nonce: &str) -> Result<(Origin, Nonce), Failure> {
    let origin = self::origin(origin, localhost).ok_or_else(|| Failure::argument(Argument::Origin))?;
    Ok((origin, Nonce::from_base64(nonce).map_err(|_| Failure::argument(Argument::LoginNonce))?))
}

/// `https://…`; `http://localhost`, with a port or without, only where that was permitted.
fn origin(text: &str, localhost: bool) -> Option<Origin> {
    let local = || {
        let port = match text.strip_prefix("http://localhost")? {
            "" => 80,
            port => port.strip_prefix(':')?.parse().ok()?,
        };
        Some(Origin::localhost_for_tests(port)).filter(|origin| localhost && origin.as_str() == text)
    };
    Origin::new(text).ok().or_else(local)
}

fn parsed(token: &str) -> Result<serde_json::Value, Failure> {
    serde_json::from_str(token).map_err(|_| Trouble::Unreadable { what: Part::Token }.into())
}

/// In one session when the PIN was given; a person is asked between two, so that the card is not held meanwhile.
async fn work(
    source: &mut Source,
    asker: &mut Asker,
    ui: Ui,
    last_try: LastTry,
    challenge: Challenge<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let given =
        if asker.prompts() { None } else { Some(checked::<Auth>(&asker.ask(ui, &[SecretKind::AuthPin], &[])?)?) };
    let mut session = source.open(ui)?;
    let mut jpki = session.jpki().await?;
    refuse_juki(&mut jpki).await?;
    let certificate = Auth::look(&mut jpki).await?;
    if let Some(der) = &certificate {
        Validity::of(der)?.check_for_login()?;
    }
    if let Some(pin) = given {
        return sign(&mut jpki, pin, last_try, certificate, challenge).await;
    }
    let left = not_blocked(SecretKind::AuthPin, jpki.tries(SecretKind::AuthPin).await?)?;
    drop(session);
    let pin = checked::<Auth>(&asker.ask(ui, &[SecretKind::AuthPin], &[left])?)?;
    let mut session = source.open(ui)?;
    sign(&mut session.jpki().await?, pin, last_try, certificate, challenge).await
}

/// Unlocks, reads the certificate where that took the PIN, signs, and makes the token if the certificate verifies it.
async fn sign(
    jpki: &mut Jpki<'_, Link<'_>>,
    pin: Secret<Auth>,
    last_try: LastTry,
    certificate: Option<Zeroizing<Vec<u8>>>,
    challenge: Challenge<'_>,
) -> Result<Zeroizing<String>, Failure> {
    let mut unlocked = jpki.unlock(pin, last_try).await?;
    let der = match certificate {
        Some(der) => der,
        None => {
            let mut buf = Zeroizing::new([0; CERTIFICATE_BUFFER]);
            let der = Zeroizing::new(unlocked.certificate(&mut buf[..]).await?.to_vec());
            Validity::of(&der)?.check_for_login()?;
            der
        }
    };
    let unreadable = |_| Failure::from(Trouble::Unreadable { what: Part::Certificate });
    let certificate = TransientCertificate::<UserAuthentication>::new(&der).map_err(unreadable)?;
    let digest = challenge.prepare(&certificate).map_err(refused)?.digest;
    let signature = unlocked.sign(&digest).await?;
    challenge.finish(&certificate, &signature.0).map_err(refused)
}

fn refused(error: LoginError) -> Failure {
    match error {
        LoginError::Certificate(_) => Trouble::Unreadable { what: Part::Certificate }.into(),
        LoginError::WrongSignature(_) => Trouble::SignatureWrong.into(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn localhost_is_an_origin_only_where_that_is_permitted() {
        let origin = |text, localhost| super::origin(text, localhost).map(|origin| origin.to_string());
        for good in ["http://localhost", "http://localhost:8080"] {
            assert_eq!(origin(good, true).as_deref(), Some(good));
            assert_eq!(origin(good, false), None);
        }
        assert_eq!(origin("https://shop.example", false).as_deref(), Some("https://shop.example"));
        for bad in [
            "http://localhost:80",
            "http://localhost:",
            "http://localhost/",
            "http://localhost.evil.example",
            "http://127.0.0.1:8080",
        ] {
            assert_eq!(origin(bad, true), None, "{bad}");
        }
    }
}
