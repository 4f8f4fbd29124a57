//! `kazasu genuine`: the internal-authentication exchange, its bytes written out for a verifier.

use crate::args::{ApplicationArg, Global};
use crate::card::{Link, Source};
use crate::failure::Failure;
use crate::secrets::{Asker, Typed, checked, kind_of, last_try};
use crate::ui::{Output, Ui, make_folder, write_folder};
use kazasu_catalogue::{Argument, Word};
use kazasu_core::mynumber::surface::FACE_BUFFER;
use kazasu_core::secret::{A, B, Text};
use kazasu_core::step::block_on;
use kazasu_core::{Digest, LastTry, SecretKind, Session};
use rsa::rand_core::{OsRng, RngCore};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::path::Path;

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    nonce: Option<&str>,
    application: ApplicationArg,
    folder: &Path,
) -> Result<Output, Failure> {
    let nonce_bytes = match nonce {
        Some(text) => hex::decode(text).ok().filter(|nonce| !nonce.is_empty()),
        None => Some(drawn(ui)),
    };
    let nonce_bytes = nonce_bytes.ok_or_else(|| Failure::argument(Argument::Nonce))?;
    // A secret opens the record with the card's public key; nobody is asked for one.
    let wanted: &[_] = match application {
        ApplicationArg::Text => &[SecretKind::TextPin, SecretKind::NumberA, SecretKind::NumberB],
        ApplicationArg::Surface => &[SecretKind::NumberA, SecretKind::NumberB],
    };
    let typed = if asker.prompts() { None } else { Some(asker.ask(ui, wanted, &[])?) };
    let kind = typed.as_ref().map(|typed| kind_of(typed, wanted)).transpose()?;
    let digest = Digest::Sha256(Sha256::digest(&nonce_bytes).into());

    make_folder(folder)?;
    let mut session = source.open(ui)?;
    let mut buf = vec![0; FACE_BUFFER];
    let (signature, municipality) = block_on(async {
        Ok::<_, Failure>(match application {
            ApplicationArg::Text => {
                let mut text = session.text().await?;
                (text.internal_authenticate(&digest).await?, text.municipality_certificate(&mut buf).await?.to_vec())
            }
            ApplicationArg::Surface => {
                let mut surface = session.surface().await?;
                let signature = surface.internal_authenticate(&digest).await?;
                (signature, surface.municipality_certificate(&mut buf).await?.to_vec())
            }
        })
    })?;
    let key = match (&typed, kind) {
        (Some(typed), Some(kind)) => Some(block_on(key(&mut session, application, typed, kind, last_try(global)))?),
        _ => None,
    };
    drop(session);

    let mut files =
        vec![("nonce.bin", &*nonce_bytes), ("signature.bin", &signature.0), ("municipality.cv", &*municipality)];
    files.extend(key.as_deref().map(|key| ("key.bin", key)));
    write_folder(folder, &files)?;
    if key.is_none() {
        ui.note(ui.word(Word::NoSecretNoKey));
    }
    let names: Vec<_> = files.iter().map(|(name, _)| folder.join(name).display().to_string()).collect();
    let text = names.iter().map(|name| format!("{}: {name}\n", ui.word(Word::Written))).collect();
    let application = if application == ApplicationArg::Text { "text" } else { "surface" };
    let json = json!({
        "application": application,
        "nonce": hex::encode(&nonce_bytes),
        "hash": "sha256",
        "signature": hex::encode(signature.0),
        "files": names,
    });
    Ok(Output { json, text })
}

fn drawn(ui: Ui) -> Vec<u8> {
    ui.note(ui.word(Word::NonceOwn));
    let mut nonce = vec![0; 32];
    OsRng.fill_bytes(&mut nonce);
    nonce
}

/// The signed record that carries the card's public key: EF 0007 of the text application, EF 0002 of the card face.
async fn key(
    session: &mut Session<Link<'_>>,
    application: ApplicationArg,
    typed: &Typed,
    kind: SecretKind,
    last_try: LastTry,
) -> Result<Vec<u8>, Failure> {
    let mut buf = vec![0; FACE_BUFFER];
    let record = match (application, kind) {
        (ApplicationArg::Text, SecretKind::NumberA) => {
            let secret = checked::<A>(typed)?;
            session.text().await?.unlock(secret, last_try).await?.authentication_key(&mut buf).await?
        }
        (ApplicationArg::Text, SecretKind::NumberB) => {
            let secret = checked::<B>(typed)?;
            session.text().await?.unlock(secret, last_try).await?.authentication_key(&mut buf).await?
        }
        (ApplicationArg::Text, _) => {
            let secret = checked::<Text>(typed)?;
            session.text().await?.unlock(secret, last_try).await?.authentication_key(&mut buf).await?
        }
        (ApplicationArg::Surface, SecretKind::NumberA) => {
            let secret = checked::<A>(typed)?;
            session.surface().await?.unlock(secret, last_try).await?.face(&mut buf).await?.record
        }
        (ApplicationArg::Surface, _) => {
            let secret = checked::<B>(typed)?;
            session.surface().await?.unlock(secret, last_try).await?.face(&mut buf).await?.record
        }
    };
    Ok(record.to_vec())
}
