//! `kazasu face`: what is printed on the card, as files.

use super::data::sex;
use super::status::iso;
use crate::args::Global;
use crate::card::Source;
use crate::failure::Failure;
use crate::picture::Grey;
use crate::secrets::{Asker, Holds, checked, kind_of, last_try};
use crate::ui::{Draft, Output, Ui, make_folder, table};
use kazasu_catalogue::Word;
use kazasu_core::SecretKind;
use kazasu_core::mynumber::surface::{FACE_BUFFER, Face};
use kazasu_core::secret::{A, B};
use kazasu_core::step::block_on;
use serde_json::json;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    folder: &Path,
    as_png: bool,
) -> Result<Output, Failure> {
    let wanted = [SecretKind::NumberB, SecretKind::NumberA];
    make_folder(folder)?;
    // Before anybody is asked: a place that is taken costs no tap.
    let mut paths: Vec<_> = NAMES.iter().map(|name| folder.join(name)).collect();
    paths.extend(as_png.then(|| folder.join("photo.png")));
    let drafts = paths.iter().map(|path| Draft::new(path, ui)).collect::<Result<Vec<_>, _>>()?;
    let typed = asker.ask_with_tries(ui, source, Holds::Surface, &wanted)?;
    let mut buf = Zeroizing::new([0; FACE_BUFFER]);
    let face = match kind_of(&typed, &wanted)? {
        SecretKind::NumberA => {
            let number = checked::<A>(&typed)?;
            block_on(async {
                let mut session = source.open(ui)?;
                let mut surface = session.surface().await?;
                let mut unlocked = surface.unlock(number, last_try(global)).await?;
                Ok::<_, Failure>(unlocked.face(&mut buf[..]).await?)
            })
        }
        _ => {
            let number = checked::<B>(&typed)?;
            block_on(async {
                let mut session = source.open(ui)?;
                let mut surface = session.surface().await?;
                let mut unlocked = surface.unlock(number, last_try(global)).await?;
                Ok::<_, Failure>(unlocked.face(&mut buf[..]).await?)
            })
        }
    }?;
    // The card is left before anything is decoded or written.
    written(&face, ui, drafts, &paths)
}

/// In this order; the photo as PNG may follow.
const NAMES: [&str; 5] = ["name.png", "address.png", "security-code.png", "photo.jp2", "record.bin"];

fn written(face: &Face<'_>, ui: Ui, drafts: Vec<Draft<'_>>, paths: &[PathBuf]) -> Result<Output, Failure> {
    let parts = [face.name_image, face.address_image, face.security_code_image, face.photo, face.record];
    let png = if drafts.len() > parts.len() { Some(Grey::decode(face.photo)?.png()?) } else { None };
    for (draft, bytes) in drafts.into_iter().zip(parts.into_iter().chain(png.as_deref())) {
        draft.finish(bytes)?;
    }
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    let (sex, word) = sex(face.sex);
    let mut text = table(&[
        (ui.word(Word::Birth), iso(face.birth)),
        (ui.word(Word::Sex), ui.word(word).to_owned()),
        (ui.word(Word::Expiry), iso(face.expiry)),
    ]);
    for name in &names {
        text += &ui.written(name);
    }
    let json = json!({
        "birth": iso(face.birth),
        "sex": sex,
        "sex_code": face.sex,
        "expiry": iso(face.expiry),
        "files": names,
    });
    Ok(Output { json, text })
}
