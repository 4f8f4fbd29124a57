//! `kazasu cert`.

use crate::args::{CertArg, Global};
use crate::card::Source;
use crate::failure::Failure;
use crate::secrets::{Asker, Holds, checked, last_try};
use crate::ui::{Draft, Output, Ui};
use crate::validity::Validity;
use der::pem::LineEnding;
use kazasu_catalogue::{Trouble, Word};
use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate};
use kazasu_core::secret::{Auth, Sign};
use kazasu_core::step::block_on;
use kazasu_core::{Error, SecretKind};
use serde_json::json;
use std::path::Path;

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    which: CertArg,
    output: Option<&Path>,
    as_pem: bool,
) -> Result<Output, Failure> {
    let free = match which {
        CertArg::Auth => Some(FreeCertificate::Auth),
        CertArg::AuthCa => Some(FreeCertificate::AuthCa),
        CertArg::SignCa => Some(FreeCertificate::SignCa),
        CertArg::Sign => None,
    };
    output.map_or(Ok(()), |path| ui.one_voice(path))?;
    let draft = output.map(Draft::new).transpose()?;
    let der = match free {
        None => sign_certificate(global, asker, source, ui)?,
        Some(free) => {
            let mut buf = [0; CERTIFICATE_BUFFER];
            let read = block_on(async {
                Ok(source.open(ui)?.jpki().await?.certificate(free, &mut buf).await.map(<[u8]>::to_vec)?)
            });
            match read {
                // A phone wants the PIN first.
                Err(Failure::Card(Error::SecretRequired { .. })) => auth_certificate(global, asker, source, ui)?,
                other => other?,
            }
        }
    };
    let validity = Validity::of(&der)?;
    let name = match which {
        CertArg::Auth => "auth",
        CertArg::Sign => "sign",
        CertArg::AuthCa => "auth-ca",
        CertArg::SignCa => "sign-ca",
    };
    let pem = der::pem::encode_string("CERTIFICATE", LineEnding::LF, &der);
    let pem = pem.map_err(|_| Trouble::Unreadable { what: "a certificate" })?;
    let mut json = json!({
        "certificate": name,
        "bytes": der.len(),
        "last_day": validity.last_day,
        "expired": validity.expired,
    });
    let (Some(path), Some(draft)) = (output, draft) else {
        json["pem"] = json!(pem);
        return Ok(Output { json, text: pem });
    };
    draft.finish(if as_pem { pem.as_bytes() } else { &der })?;
    json["file"] = json!(path.display().to_string());
    let text = if path.as_os_str() == "-" {
        String::new()
    } else {
        format!("{}: {}\n", ui.word(Word::Written), path.display())
    };
    Ok(Output { json, text })
}

fn sign_certificate(global: &Global, asker: &mut Asker, source: &mut Source, ui: Ui) -> Result<Vec<u8>, Failure> {
    // A card without the certificate says so before anybody types the password.
    let left = block_on(super::sign::look_before_asking(source, ui))?;
    let password = checked::<Sign>(&asker.ask(ui, &[SecretKind::SignPassword], &[left])?)?;
    let mut buf = [0; CERTIFICATE_BUFFER];
    block_on(async {
        let mut session = source.open(ui)?;
        let mut jpki = session.jpki().await?;
        let mut unlocked = jpki.unlock(password, last_try(global)).await?;
        Ok(unlocked.certificate(&mut buf).await?.to_vec())
    })
}

fn auth_certificate(global: &Global, asker: &mut Asker, source: &mut Source, ui: Ui) -> Result<Vec<u8>, Failure> {
    let pin = checked::<Auth>(&asker.ask_with_tries(ui, source, Holds::Jpki, &[SecretKind::AuthPin])?)?;
    let mut buf = [0; CERTIFICATE_BUFFER];
    block_on(async {
        let mut session = source.open(ui)?;
        let mut jpki = session.jpki().await?;
        let mut unlocked = jpki.unlock(pin, last_try(global)).await?;
        Ok(unlocked.certificate(&mut buf).await?.to_vec())
    })
}
