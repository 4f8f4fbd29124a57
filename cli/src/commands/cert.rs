//! `kazasu cert`.

use crate::args::{CertArg, Global};
use crate::card::{Link, Source};
use crate::certificate::{Validity, pem};
use crate::failure::Failure;
use crate::secrets::{Asker, Holds, checked, last_try};
use crate::ui::{Draft, Output, Ui};
use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate, Jpki, JpkiSecret};
use kazasu_core::secret::{Auth, Secret, Sign};
use kazasu_core::step::block_on;
use kazasu_core::{Error, SecretKind};
use serde_json::json;
use std::path::Path;
use zeroize::Zeroizing;

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    which: CertArg,
    output: Option<&Path>,
    as_pem: bool,
) -> Result<Output, Failure> {
    output.map_or(Ok(()), |path| ui.one_voice(path))?;
    let draft = output.map(|output| Draft::new(output, ui)).transpose()?;
    let der = read(global, asker, source, ui, which, false)?.der;
    let validity = Validity::of(&der)?;
    let pem = pem(&der)?;
    let mut json = json!({
        "certificate": name(which),
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
    let text = ui.written(&path.display().to_string());
    Ok(Output { json, text })
}

/// For programs.
pub(super) const fn name(which: CertArg) -> &'static str {
    match which {
        CertArg::Auth => "auth",
        CertArg::Sign => "sign",
        CertArg::AuthCa => "auth-ca",
        CertArg::SignCa => "sign-ca",
    }
}

/// A certificate, and for a holder's own the authority's that lies beside it; wiped, because it names its holder.
pub(super) struct Read {
    pub(super) der: Zeroizing<Vec<u8>>,
    pub(super) authority: Option<Vec<u8>>,
}

/// Reads one, in one session; with the authority's beside it, if that is wanted and there.
pub(super) fn read(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    which: CertArg,
    with_authority: bool,
) -> Result<Read, Failure> {
    let beside = |authority| with_authority.then_some(authority);
    let (free, authority) = match which {
        CertArg::Auth => (FreeCertificate::Auth, beside(FreeCertificate::AuthCa)),
        CertArg::AuthCa => (FreeCertificate::AuthCa, None),
        CertArg::SignCa => (FreeCertificate::SignCa, None),
        CertArg::Sign => {
            // A card without the certificate says so before anybody types the password.
            let left = block_on(super::sign::look_before_asking(source, ui))?;
            let password = checked::<Sign>(&asker.ask(ui, &[SecretKind::SignPassword], &[left])?)?;
            return locked(global, source, ui, password, beside(FreeCertificate::SignCa));
        }
    };
    let read = block_on(async {
        let mut session = source.open(ui)?;
        let mut jpki = session.jpki().await?;
        let mut buf = Zeroizing::new([0; CERTIFICATE_BUFFER]);
        let der = Zeroizing::new(jpki.certificate(free, &mut buf[..]).await?.to_vec());
        Ok(Read { der, authority: free_one(&mut jpki, authority).await? })
    });
    match read {
        // A phone wants the PIN first.
        Err(Failure::Card(Error::SecretRequired { .. })) => {
            let pin = checked::<Auth>(&asker.ask_with_tries(ui, source, Holds::Jpki, &[SecretKind::AuthPin])?)?;
            locked(global, source, ui, pin, authority)
        }
        other => other,
    }
}

/// An authority's certificate; `None` if it is not wanted, or on a card that lacks it.
async fn free_one(jpki: &mut Jpki<'_, Link<'_>>, which: Option<FreeCertificate>) -> Result<Option<Vec<u8>>, Failure> {
    let Some(which) = which else { return Ok(None) };
    let mut buf = [0; CERTIFICATE_BUFFER];
    match jpki.certificate(which, &mut buf).await {
        Ok(der) => Ok(Some(der.to_vec())),
        Err(Error::Absent { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The certificate that belongs to this secret; whatever is free is read before the key is open.
fn locked<K: JpkiSecret>(
    global: &Global,
    source: &mut Source,
    ui: Ui,
    secret: Secret<K>,
    authority: Option<FreeCertificate>,
) -> Result<Read, Failure> {
    let mut buf = Zeroizing::new([0; CERTIFICATE_BUFFER]);
    block_on(async {
        let mut session = source.open(ui)?;
        let mut jpki = session.jpki().await?;
        let authority = free_one(&mut jpki, authority).await?;
        let mut unlocked = jpki.unlock(secret, last_try(global)).await?;
        Ok(Read { der: Zeroizing::new(unlocked.certificate(&mut buf[..]).await?.to_vec()), authority })
    })
}
